// @ts-check
/** Following: a playing picture is watched frame by frame, nudged by its rate, cued anew where that fails. */

import { HAVE_FUTURE_DATA } from './media.js';
import { UNSEEN } from './profiles.js';
import { IN_SYNC_S } from './thresholds.js';
import { at } from './timeline.js';

/** @typedef {'locked' | 'nudge' | 'stalled' | 'background'} Stance */

/** Beyond this a nudge is too slow, s. */
const MAX_NUDGED_ERROR_S = 0.4;

/** Beyond this a picture that was just brought here, or stood still, is brought here again, s. */
const MAX_ERROR_AFTER_SEEK_S = 0.08;

/** Moments nearer than this are not told apart, for the clock is still being learned, s. */
const CLOCK_GRAIN_S = 0.02;

/** A start takes no longer than this to show, s. */
const MAX_START_S = 1;

/** Longer than this without data, and it is asked for where the film is by then, s. */
const MAX_STALL_S = 3;

/** A picture that shows no new frame for so long stands still, whatever its element says, s. */
const MAX_FRAME_AGE_S = 0.75;

export class Following {
  #moment;
  #cueing;

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
   * @param {import('./moment.js').Moment} moment
   * @param {import('./cueing.js').Cueing} cueing  brings it to another place
   */
  constructor(moment, cueing) {
    this.#moment = moment;
    this.#cueing = cueing;
  }

  /**
   * It was let go.
   *
   * @param {import('./cueing.js').Start} start
   */
  begin({ at: start, late, kind }) {
    const moment = this.#moment;
    moment.takeRate(moment.serverAt(start) + CLOCK_GRAIN_S);
    moment.rateControl.started({ late, kind }, moment.now);
    this.#moving = false;
    this.#look = false;
    this.#stalledAt = Infinity;
    this.#playedAt = moment.now;
    this.#startsAt = start;
    this.state = null;
  }

  /** Trust no earlier measurement: the page has slept, or its clock was wrong. */
  doubt() {
    this.#look = true;
    this.#moment.rateControl.disturb(this.#moment.now);
  }

  /** It can be seen from now on, or no longer. */
  seen() {
    const { visible, now, profile, rateControl } = this.#moment;
    this.#look ||= visible;
    this.#frame.at = now;
    rateControl.steer(visible ? profile : UNSEEN, now);
  }

  /** Its data has run out. */
  waits() {
    const { media, now } = this.#moment;
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
    const { now, visible, rateControl } = this.#moment;
    const { position, rate } = this.#moment.course(displayTime);
    this.#moving = true;
    this.#frame = { mediaTime, at: now };
    if (rate > 0 && visible && now > this.#startsAt + CLOCK_GRAIN_S) {
      rateControl.add(mediaTime - position, now);
    }
  }

  /**
   * Picture less timeline as one sees it, s; null right after a disturbance.
   *
   * @param {number} now  client time, s
   */
  error(now) {
    const { rateControl } = this.#moment;
    return this.#isStale(now) ? this.#frame.mediaTime - this.#moment.course(now).position : rateControl.error;
  }

  /** Do with the running picture what the moment asks for. */
  follow() {
    const moment = this.#moment;
    const { position, rate } = moment.course();
    if (moment.now < this.#startsAt + CLOCK_GRAIN_S) {
      moment.askAt(this.#startsAt + CLOCK_GRAIN_S);
    } else if (rate === 0) {
      this.#rest(position);
    } else if (this.#cueing.mustJump()) {
      this.#cueing.bringAfresh();
    } else if (this.#flows()) {
      this.#correct();
    }
  }

  /** @param {number} now  client time, s */
  #isStale(now) {
    return this.#moving && this.#moment.visible && now > this.#frame.at + MAX_FRAME_AGE_S;
  }

  /**
   * The film stands still: show exactly where, save at its end, which comes by itself.
   *
   * @param {number} position  s
   */
  #rest(position) {
    const { timelines, server, media, now } = this.#moment;
    const line = timelines.inForce(server);
    const over = line !== null && line.rate > 0 ? at(line, server) - timelines.duration : -1;
    if (over >= 0 && media.ended) {
      this.#cueing.rest(position);
    } else if (over >= 0 && over < MAX_NUDGED_ERROR_S) {
      this.#moment.askAt(now + MAX_NUDGED_ERROR_S);
    } else {
      this.#cueing.bringAfresh();
    }
  }

  /** Whether it moves as it was told to; what stops it is dealt with. */
  #flows() {
    const { media, visible, now, away } = this.#moment;
    if (this.#obeys() && this.#moving && Math.abs(away) > MAX_NUDGED_ERROR_S) {
      this.#cueing.bringAfresh();
    } else if (media.ended) {
      if (away > MAX_NUDGED_ERROR_S) {
        this.#cueing.bringAfresh();
      }
    } else if (visible && (media.paused || !this.#moving)) {
      if (now - this.#playedAt > MAX_START_S) {
        this.#cueing.bring();
      }
    } else {
      return this.#moving && !this.#stalls();
    }
    return false;
  }

  /** Obey the timeline in force; returns whether it is another than before. */
  #obeys() {
    const { timelines, server, base } = this.#moment;
    const line = timelines.inForce(server);
    if (line === null || (line.revision === this.#followed && line.rate === base)) {
      return false;
    }
    this.#followed = line.revision;
    if (line.rate !== base) {
      this.#moment.takeRate(server);
    }
    return true;
  }

  /** Whether it waits for data. When it goes on it is looked at at once. */
  #stalls() {
    const { media, now, away, rateControl, base } = this.#moment;
    if (this.#stalledAt === Infinity) {
      return false;
    }
    const flows = media.readyState >= HAVE_FUTURE_DATA;
    if (flows ? Math.abs(away) > MAX_ERROR_AFTER_SEEK_S : now - this.#stalledAt > MAX_STALL_S) {
      this.#cueing.bringAfresh({ calibrates: flows });
      return true;
    }
    if (flows) {
      this.#stalledAt = Infinity;
      rateControl.restart(base, now);
      return false;
    }
    this.state = 'stalled';
    return true;
  }

  #correct() {
    const { visible, now, away, rateControl } = this.#moment;
    const byItsWord = this.#look || !visible;
    this.#look = false;
    if (!visible) {
      rateControl.add(away, now);
    }
    if (this.#cueing.bringIf(Math.abs(byItsWord ? away : (rateControl.glance ?? 0)) > MAX_NUDGED_ERROR_S)) {
      return;
    }
    const heard = visible ? rateControl.hear(away, now) : null;
    if (heard !== null && Math.abs(heard) <= MAX_ERROR_AFTER_SEEK_S) {
      this.#cueing.resetRetries();
    }
    const error = rateControl.judge(away, now);
    if (error !== null) {
      if (
        this.#cueing.bringIf(
          Math.abs(error) > (this.#cueing.fresh ? MAX_ERROR_AFTER_SEEK_S : MAX_NUDGED_ERROR_S),
        )
      ) {
        return;
      }
      this.#cueing.resetRetries();
      rateControl.correct(error, now);
    }
    this.state = this.#stance;
  }

  /** @returns {Stance | null} */
  get #stance() {
    const { visible, now, rateControl } = this.#moment;
    if (!visible) {
      return 'background';
    }
    if (this.#isStale(now)) {
      return 'stalled';
    }
    const { error, nudging } = rateControl;
    if (error === null) {
      return nudging ? 'nudge' : this.state;
    }
    return nudging || Math.abs(error) > IN_SYNC_S ? 'nudge' : 'locked';
  }
}
