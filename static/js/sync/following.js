// @ts-check
/** A running picture: watched frame by frame, nudged by changes of rate, brought anew where that fails. */

import { FUTURE } from './media.js';
import { at } from './timeline.js';
import { UNSEEN } from './profiles.js';

/** @typedef {'locked' | 'nudge' | 'stalled' | 'background'} Stance */

/** Beyond this a nudge is too slow, s. */
const SEEK = 0.4;

/** Beyond this a picture that was just brought here, or stood still, is brought here again, s. */
const RETRY = 0.08;

/** Moments nearer than this are not told apart, for the clock is still being learned, s. */
const MOMENT = 0.02;

/** A start takes no longer than this to show, s. */
const START = 1;

/** Longer than this without data, and it is asked for where the film is by then, s. */
const STARVED = 3;

/** Nearer than this to the timeline a picture is called in step, s. */
export const IN_STEP = 0.04;

/** A picture that shows no new frame for so long stands still, whatever its element says, s. */
const STALE = 0.75;

export class Running {
  #picture;
  #holding;

  /** Whether it has been seen to move. */
  #moving = false;

  /** When it was let go, and when it is due: until then the film may be elsewhere. */
  #playedAt = -Infinity;
  #startsAt = -Infinity;

  /** The frame that is shown, and when it came, client time, s. */
  #frame = { mediaTime: 0, at: -Infinity };

  /** Whether its place is to be looked at at once, by the element's own word. */
  #look = false;

  #stalledAt = Infinity;

  /** Revision of the timeline that is obeyed. */
  #followed = 0;

  /** @type {Stance | null} null until it has been seen to move */
  state = null;

  /**
   * @param {import('./moment.js').Picture} picture
   * @param {import('./cueing.js').Holding} holding  brings it to another place
   */
  constructor(picture, holding) {
    this.#picture = picture;
    this.#holding = holding;
  }

  /**
   * It was let go.
   *
   * @param {import('./cueing.js').Start} start
   */
  begin({ at: start, late, kind }) {
    const picture = this.#picture;
    picture.takeRate(picture.serverAt(start) + MOMENT);
    picture.trim.started({ late, kind }, picture.now);
    this.#moving = false;
    this.#look = false;
    this.#stalledAt = Infinity;
    this.#playedAt = picture.now;
    this.#startsAt = start;
    this.state = null;
  }

  /** Trust no earlier measurement: the page has slept, or its clock was wrong. */
  doubt() {
    this.#look = true;
    this.#picture.trim.disturb(this.#picture.now);
  }

  /** It can be seen from now on, or no longer. */
  seen() {
    const { visible, now, profile, trim } = this.#picture;
    this.#look ||= visible;
    this.#frame.at = now;
    trim.steer(visible ? profile : UNSEEN, now);
  }

  /** Its data has run out. */
  waits() {
    const { media, now } = this.#picture;
    if (!media.seeking && !media.ended) {
      this.#stalledAt = Math.min(this.#stalledAt, now);
    }
  }

  /** It moves. */
  plays() {
    this.#moving = true;
  }

  /**
   * A frame was shown.
   *
   * @param {number} mediaTime  s
   * @param {number} displayTime  client time, s
   */
  saw(mediaTime, displayTime) {
    const { now, visible, trim } = this.#picture;
    const { position, rate } = this.#picture.course(displayTime);
    this.#moving = true;
    this.#frame = { mediaTime, at: now };
    if (rate > 0 && visible && now > this.#startsAt + MOMENT) {
      trim.add(mediaTime - position, now);
    }
  }

  /**
   * Picture less timeline as one sees it, s; null right after a disturbance.
   *
   * @param {number} now  client time, s
   */
  error(now) {
    const { trim } = this.#picture;
    return this.#isStale(now) ? this.#frame.mediaTime - this.#picture.course(now).position : trim.error;
  }

  /** Do with the running picture what the moment asks for. */
  follow() {
    const picture = this.#picture;
    const { position, rate } = picture.course();
    if (picture.now < this.#startsAt + MOMENT) {
      picture.askAt(this.#startsAt + MOMENT);
    } else if (rate === 0) {
      this.#rest(position);
    } else if (this.#holding.mustLeap()) {
      this.#holding.bringAfresh();
    } else if (this.#flows()) {
      this.#correct();
    }
  }

  /** @param {number} now  client time, s */
  #isStale(now) {
    return this.#moving && this.#picture.visible && now > this.#frame.at + STALE;
  }

  /**
   * The film stands still: show exactly where, save at its end, which comes by itself.
   *
   * @param {number} position  s
   */
  #rest(position) {
    const { timelines, server, media, now } = this.#picture;
    const line = timelines.inForce(server);
    const over = line !== null && line.rate > 0 ? at(line, server) - timelines.duration : -1;
    if (over >= 0 && media.ended) {
      this.#holding.rest(position);
    } else if (over >= 0 && over < SEEK) {
      this.#picture.askAt(now + SEEK);
    } else {
      this.#holding.bringAfresh();
    }
  }

  /** Whether it moves as it was told to; what stops it is dealt with. */
  #flows() {
    const { media, visible, now, away } = this.#picture;
    if (this.#obeys() && this.#moving && Math.abs(away) > SEEK) {
      this.#holding.bringAfresh();
    } else if (media.ended) {
      if (away > SEEK) {
        this.#holding.bringAfresh();
      }
    } else if (visible && (media.paused || !this.#moving)) {
      if (now - this.#playedAt > START) {
        this.#holding.bring();
      }
    } else {
      return this.#moving && !this.#stalls();
    }
    return false;
  }

  /** Obey the timeline in force; returns whether it is another than before. */
  #obeys() {
    const { timelines, server, base } = this.#picture;
    const line = timelines.inForce(server);
    if (line === null || (line.revision === this.#followed && line.rate === base)) {
      return false;
    }
    this.#followed = line.revision;
    if (line.rate !== base) {
      this.#picture.takeRate(server);
    }
    return true;
  }

  /** Whether it waits for data. When it goes on it is looked at at once. */
  #stalls() {
    const { media, now, away, trim, base } = this.#picture;
    if (this.#stalledAt === Infinity) {
      return false;
    }
    const flows = media.readyState >= FUTURE;
    if (flows ? Math.abs(away) > RETRY : now - this.#stalledAt > STARVED) {
      this.#holding.bringAfresh({ teaches: flows });
      return true;
    }
    if (flows) {
      this.#stalledAt = Infinity;
      trim.restart(base, now);
      return false;
    }
    this.state = 'stalled';
    return true;
  }

  #correct() {
    const { visible, now, away, trim } = this.#picture;
    const byItsWord = this.#look || !visible;
    this.#look = false;
    if (!visible) {
      trim.add(away, now);
    }
    if (this.#holding.bringIf(Math.abs(byItsWord ? away : (trim.glance ?? 0)) > SEEK)) {
      return;
    }
    const heard = visible ? trim.hear(away, now) : null;
    if (heard !== null && Math.abs(heard) <= RETRY) {
      this.#holding.forgive();
    }
    const error = trim.judge(away, now);
    if (error !== null) {
      if (this.#holding.bringIf(Math.abs(error) > (this.#holding.fresh ? RETRY : SEEK))) {
        return;
      }
      this.#holding.forgive();
      trim.correct(error, now);
    }
    this.state = this.#stance;
  }

  /** @returns {Stance | null} */
  get #stance() {
    const { visible, now, trim } = this.#picture;
    if (!visible) {
      return 'background';
    }
    if (this.#isStale(now)) {
      return 'stalled';
    }
    const { error, nudging } = trim;
    if (error === null) {
      return nudging ? 'nudge' : this.state;
    }
    return nudging || Math.abs(error) > IN_STEP ? 'nudge' : 'locked';
  }
}
