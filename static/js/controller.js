// @ts-check
/**
 * What a picture must do to stay with the timeline: a state machine fed with events, giving orders.
 *
 * It has no clock, timer or element of its own: every event brings the client's time and what the
 * media element says of itself. A picture is either held (paused at a place of the film, to be let
 * go at its moment or to stay) or running (watched frame by frame, nudged by changes of rate, and
 * held again where that cannot help). Late joining, seeks and every recovery are one procedure:
 * hold where the film will be once the seek is over, and let go when it is there.
 */

import { Hold } from './hold.js';
import { Learned, startKind } from './learned.js';
import { FUTURE, METADATA, NO_MEDIA } from './media.js';
import { Rehearsal } from './rehearsal.js';
import { at } from './timeline.js';
import { FRAMES, Trim, UNSEEN } from './trim.js';

/**
 * @typedef {'clock' | 'preroll' | 'armed' | 'locked' | 'nudge' | 'stalled' | 'paused' | 'background'
 *   | 'blocked' | 'own'} SyncState
 */

/** @typedef {import('./media.js').MediaState} MediaState */
/** @typedef {import('./media.js').MediaEvent} MediaEvent */
/** @typedef {import('./media.js').Order} Order */

/** Beyond this a nudge is too slow, s. */
const SEEK = 0.4;

/** Beyond this a picture that was just brought here, or stood still, is brought here again, s. */
const RETRY = 0.08;

/** Room for a seek to take longer than foreseen, s. */
const MARGIN = 0.08;

/** How often a picture is brought before it is let go where it is, and for how long then, s. */
const TRIES = 4;
const PATIENCE = 5;

/** A seek goes this far into the frame: its first moment may be rounded into the one before, s. */
const INSIDE = 10e-6;

/** A held picture that is due within this is waited for, s. */
const SOON = 1;

/** A jump of less is left to the nudges, s. */
const JUMP = 0.1;

/** Unix seconds in a double are no finer than this, s. */
const GRAIN = 1e-6;

/** Moments nearer than this are not told apart, for the clock is still being learned, s. */
const MOMENT = 0.02;

/** A start takes no longer than this to show, s. */
const START = 1;

/** Longer than this without data, and it is asked for where the film is by then, s. */
const STARVED = 3;

/** Nearer than this to the timeline a picture is called in step, s. */
const IN_STEP = 0.04;

/** A picture that shows no new frame for so long stands still, whatever its element says, s. */
const STALE = 0.75;

/** A clock that is found to be wrong by more than this was stopped or set, s. */
const LEAP = 0.1;

/** Events come at least four times a second: after a gap of more the page has slept, s. */
const SLEPT = 1;

export class Controller {
  #clock;
  #timelines;
  #profile;
  #trim;
  #entered = false;
  #visible = true;

  // The event that is being handled.
  #now = 0;
  #offset = 0;
  #media = NO_MEDIA;

  /** @type {Order[]} */
  #orders = [];

  /** @type {Hold | null} null: it runs */
  #held = null;

  /** @type {Rehearsal | null} of the held picture's start, while it goes on */
  #rehearsal = null;
  #rehearsed = false;

  /** Whether a running picture has been seen to move. */
  #moving = false;

  /** When the picture was let go, and when it is due: until then the film may be elsewhere. */
  #playedAt = -Infinity;
  #startsAt = -Infinity;

  /** The frame that is shown, and when it came, client time, s. */
  #frame = { mediaTime: 0, at: -Infinity };

  /** Whether the picture's place is to be looked at at once, without a median. */
  #look = false;

  /** When the picture moved last, client time, s; -Infinity: never. */
  #movedAt = -Infinity;

  #stalledAt = Infinity;
  #tries = 0;
  #notBefore = -Infinity;

  /** Revision and rate of the timeline that is obeyed; the rate ordered, NaN where others set it. */
  #followed = 0;
  #base = 1;
  #rate = 1;

  /** @type {SyncState} */
  state = 'clock';

  /** When it wants to be asked again, client time, s; Infinity: when something happens. */
  wake = Infinity;

  /**
   * @param {object} parts
   * @param {import('./clock.js').ClockFilter} parts.clock
   * @param {import('./timeline.js').Timelines} parts.timelines
   * @param {Learned} [parts.learned]
   * @param {import('./trim.js').Profile} [parts.profile]
   */
  constructor({ clock, timelines, learned = new Learned(), profile = FRAMES }) {
    this.#clock = clock;
    this.#timelines = timelines;
    this.#profile = profile;
    this.#trim = new Trim(profile, learned);
    this.learned = learned;
  }

  /**
   * Take an event and return what is to be done with the media element, in order.
   *
   * @param {MediaEvent} event
   * @param {MediaState} media  as it is at the event
   * @returns {Order[]}
   */
  handle(event, media) {
    this.#wakeUp(event.now);
    this.#now = event.now;
    this.#media = media;
    this.#orders = [];
    this.wake = Infinity;
    this.#note(event);
    const waits = this.state === 'clock' && !this.#clock.ready;
    const able = media.readyState >= METADATA && this.#timelines.newest !== null;
    if (able && !waits && this.state !== 'blocked' && this.state !== 'own') {
      this.#follow();
    }
    return this.#orders;
  }

  /**
   * Trust no earlier measurement after a sleep, or where the clock was wrong.
   *
   * @param {number} now  client time, s
   */
  #wakeUp(now) {
    const { offset } = this.#clock;
    if (now > this.#now + SLEPT || Math.abs(offset - this.#offset) > LEAP) {
      this.#look = true;
      this.#trim.disturb(now);
    }
    this.#offset = offset;
  }

  /** How the picture is being brought to the timeline. @returns {'none' | 'rate' | 'seek'} */
  get method() {
    if (this.#held !== null) {
      return this.#held.seeking ? 'seek' : 'none';
    }
    return this.#trim.nudging ? 'rate' : 'none';
  }

  /** What a start would take now, as learned, s. */
  get latency() {
    return this.learned.latency(this.#kindAt(this.#held === null ? this.#movedAt : this.#now));
  }

  /**
   * Picture less timeline, s; null while that cannot be said.
   *
   * @param {number} now  client time, s
   * @param {MediaState} media
   */
  error(now, media) {
    const { position } = this.#course(now);
    if (this.state === 'paused' || this.state === 'background') {
      return media.currentTime - position;
    }
    if (this.#held !== null || this.state === 'own' || this.state === 'blocked') {
      return null;
    }
    return this.#isStale(now) ? this.#frame.mediaTime - position : this.#trim.error;
  }

  /** @param {number} now  client time, s */
  #isStale(now) {
    return this.#moving && this.#visible && now > this.#frame.at + STALE;
  }

  /** @param {MediaEvent} event */
  #note(event) {
    const running = this.#held === null && this.state !== 'clock' && this.state !== 'own';
    switch (event.type) {
      case 'enter':
        this.#entered = true;
        this.#tries = 0;
        break;
      case 'leave':
        this.#entered = false;
        this.#startOver('clock');
        break;
      case 'emptied':
        this.#startOver(this.state === 'own' ? 'own' : 'clock');
        break;
      case 'refused':
        if (this.state !== 'own') this.#startOver('blocked');
        break;
      case 'unblock':
        if (this.state === 'blocked') this.#startOver('clock');
        break;
      case 'own':
        this.#startOver('own');
        break;
      case 'back':
        this.#rate = NaN;
        this.#startOver('clock');
        break;
      case 'resync':
        if (this.state !== 'own') this.#startOver('clock');
        break;
      case 'visible':
      case 'hidden':
        this.#seen(event.type === 'visible');
        break;
      case 'waiting':
        if (running && !this.#media.seeking && !this.#media.ended) {
          this.#stalledAt = Math.min(this.#stalledAt, this.#now);
        }
        break;
      case 'playing':
        this.#moving ||= running;
        break;
      case 'frame':
        this.#measure(event, running);
    }
  }

  /**
   * Forget what was being done with the picture.
   *
   * @param {'clock' | 'blocked' | 'own'} state
   */
  #startOver(state) {
    this.#endRehearsal();
    this.#held = null;
    this.#tries = 0;
    this.#stalledAt = Infinity;
    this.#trim.restart(this.#base, this.#now);
    this.#setRate();
    this.state = state;
  }

  /** @param {boolean} visible */
  #seen(visible) {
    this.#visible = visible;
    this.#look ||= visible;
    this.#frame.at = this.#now;
    this.#trim.steer(visible ? this.#profile : UNSEEN, this.#now);
  }

  /**
   * @param {MediaEvent} frame
   * @param {boolean} running
   */
  #measure({ mediaTime = 0, displayTime = this.#now }, running) {
    this.#rehearsal?.add({ mediaTime, displayTime, rate: this.#rate });
    if (running) {
      this.#moving = true;
      this.#frame = { mediaTime, at: this.#now };
      const { position, rate } = this.#course(displayTime);
      if (rate > 0 && this.#visible && this.#now > this.#startsAt + MOMENT) {
        this.#trim.add(mediaTime - position, this.#now);
      }
    }
  }

  #follow() {
    if (this.state === 'clock') {
      this.#bring();
    }
    if (this.#held === null) {
      this.#run();
    } else {
      this.#hold(this.#held);
    }
    const following = this.#timelines.following(this.#server);
    if (following !== null) {
      this.#wakeAt(following.since);
    }
    this.#setRate();
  }

  #setRate() {
    if (this.#trim.rate !== this.#rate) {
      this.#rate = this.#trim.rate;
      this.#orders.unshift({ do: 'rate', rate: this.#rate, pitch: this.#trim.keepsPitch });
    }
  }

  /** The server's time at the event, Unix s. */
  get #server() {
    return this.#clock.serverTime(this.#now);
  }

  /** @param {number} now  client time, s */
  #course(now) {
    return this.#timelines.course(this.#clock.serverTime(now)) ?? { position: 0, rate: 0, countdown: 0 };
  }

  /** What it takes to bring a picture, s: after every try that was too short, a bit more. */
  get #cost() {
    return this.learned.seekCost * 1.2 ** Math.min(this.#tries, TRIES) + MARGIN;
  }

  /** @param {number} server  server time at which to be asked again, Unix s */
  #wakeAt(server) {
    const time = this.#now + server - this.#server;
    if (time > this.#now) {
      this.wake = Math.min(this.wake, time);
    }
  }

  /** Hold the picture where the film will be when a seek is over. */
  #bring({ teaches = true } = {}) {
    this.#endRehearsal();
    const then = this.#now + this.#cost;
    const { position } = this.#course(then);
    if (!this.#media.paused) {
      this.#orders.push({ do: 'pause' });
      this.#movedAt = this.#now;
    }
    this.#base = this.#timelines.inForce(this.#clock.serverTime(then))?.rate || this.#base;
    this.#trim.restart(this.#base, this.#now);
    this.#orders.push({ do: 'seek', position: Math.min(position + INSIDE, this.#timelines.duration) });
    this.#tries += 1;
    this.#held = new Hold(position, { since: this.#now, teaches });
    this.#rehearsed = false;
    this.#look = false;
    this.#stalledAt = Infinity;
    this.state = 'preroll';
  }

  /** Bring a picture that has no earlier tries to answer for. */
  #bringAfresh({ teaches = true } = {}) {
    this.#tries = 0;
    this.#bring({ teaches });
  }

  /** Bring the picture where it is far off, but not for ever where that does not help. */
  #bringIf(/** @type {boolean} */ far) {
    if (!far || this.#now < this.#notBefore) {
      return false;
    }
    if (this.#tries >= TRIES) {
      this.#notBefore = this.#now + PATIENCE;
      return false;
    }
    this.#bring();
    return true;
  }

  /** Whether it is time to make for a place that the film is going to jump to. */
  #mustLeap() {
    const leaps = this.#timelines.leaps(this.#server, this.#held?.position ?? null, JUMP);
    const begins = leaps === null ? Infinity : leaps - this.learned.seekCost - MARGIN;
    this.#wakeAt(begins);
    return this.#server >= begins - GRAIN;
  }

  /** @param {Hold} held */
  #hold(held) {
    const patience = Math.max(this.#cost, SOON);
    const { passes, stands, wanted } = held.prospect(this.#timelines, this.#server, patience);
    if (!wanted || this.#mustLeap()) {
      this.#bringAfresh();
      return;
    }
    const toMove = passes !== null;
    const left = passes === null ? null : passes - this.#server;
    if (this.#rehearses(held, left)) {
      return;
    }
    const settled = held.settles(this.#media, this.#now, { toMove, learned: this.learned });
    if (!toMove || !this.#entered) {
      this.state = settled && stands && this.#entered ? 'paused' : 'preroll';
    } else {
      this.state = settled ? 'armed' : 'preroll';
      if (settled) {
        this.#letGo(this.#now + passes - this.#server);
      }
    }
  }

  /**
   * Rehearse a start that is far enough ahead; returns whether that is going on.
   *
   * @param {Hold} held
   * @param {number | null} left  time until it is due, s; null: it is not to move
   */
  #rehearses(held, left) {
    const { paused } = this.#media;
    if (this.#rehearsal !== null) {
      if (left === null || !this.#visible || this.#rehearsal.over(this.#now, left)) {
        this.#rehearsal.teach(this.learned, this.#profile.bias);
        this.#endRehearsal();
      }
      return true;
    }
    const can = this.#entered && this.#visible && !this.#rehearsed && this.state === 'armed' && paused;
    if (!can || left === null) {
      return false;
    }
    this.wake = Math.min(this.wake, this.#now + Rehearsal.waits(left));
    if (!Rehearsal.fits(left)) {
      return false;
    }
    this.#rehearsal = new Rehearsal(held.position, this.#now, this.#kindAt(this.#now));
    this.#rehearsed = true;
    this.#orders.push({ do: 'hush', on: true }, { do: 'play' });
    return true;
  }

  /**
   * What kind of start one at `start`, client time, would be.
   *
   * @param {number} start
   */
  #kindAt(start) {
    return startKind(this.#media.silent, start - this.#movedAt);
  }

  /** Put a picture that was rehearsed back to where it is held. */
  #endRehearsal() {
    if (this.#rehearsal !== null) {
      this.#rehearsal = null;
      this.#movedAt = this.#now;
      this.#orders.push({ do: 'pause' }, { do: 'hush', on: false });
      if (this.#held !== null) {
        this.#orders.push({ do: 'seek', position: this.#held.position + INSIDE });
        this.#held = new Hold(this.#held.position, { since: this.#now, teaches: false });
      }
    }
  }

  /**
   * Play a held picture so that it moves at its moment.
   *
   * @param {number} start  client time, s
   */
  #letGo(start) {
    const kind = this.#kindAt(start);
    const late = this.#now + this.learned.latency(kind) - start;
    if (late < 0) {
      this.wake = Math.min(this.wake, this.#now - late);
    } else if (late > RETRY && this.#tries < TRIES) {
      this.#bring();
    } else {
      this.#base = this.#timelines.inForce(this.#clock.serverTime(start) + MOMENT)?.rate || this.#base;
      this.#trim.restart(this.#base, this.#now);
      this.#orders.push({ do: 'play' });
      this.#held = null;
      this.#moving = false;
      this.#look = false;
      this.#playedAt = this.#now;
      this.#startsAt = Math.max(start, this.#now);
      this.#trim.started({ late, kind }, this.#now);
    }
  }

  #run() {
    const { position, rate } = this.#course(this.#now);
    if (this.#now < this.#startsAt + MOMENT) {
      this.wake = Math.min(this.wake, this.#startsAt + MOMENT);
    } else if (rate === 0) {
      this.#rest(position);
    } else if (this.#mustLeap()) {
      this.#bringAfresh();
    } else if (this.#flows(this.#media.currentTime - position)) {
      this.#correct(this.#media.currentTime - position);
    }
  }

  /**
   * The film stands still: show exactly where, save at its end, which comes by itself.
   *
   * @param {number} position
   */
  #rest(position) {
    const line = this.#timelines.inForce(this.#server);
    const over = line !== null && line.rate > 0 ? at(line, this.#server) - this.#timelines.duration : -1;
    if (over >= 0 && this.#media.ended) {
      this.#held = new Hold(position, { since: this.#now, seeking: false });
      this.state = 'paused';
    } else if (over >= 0 && over < SEEK) {
      this.wake = Math.min(this.wake, this.#now + SEEK);
    } else {
      this.#bringAfresh();
    }
  }

  /**
   * Whether the picture moves as it was told to; what stops it is dealt with.
   *
   * @param {number} away  picture less timeline by the element's own word, s
   */
  #flows(away) {
    if (this.#obeys() && this.#moving && Math.abs(away) > SEEK) {
      this.#bringAfresh();
    } else if (this.#media.ended) {
      if (away > SEEK) {
        this.#bringAfresh();
      }
    } else if (this.#visible && (this.#media.paused || !this.#moving)) {
      if (this.#now - this.#playedAt > START) {
        this.#bring();
      }
    } else {
      return this.#moving && !this.#stalls(away);
    }
    return false;
  }

  /** Follow the timeline in force; returns whether it is another than before. */
  #obeys() {
    const line = this.#timelines.inForce(this.#server);
    if (line === null || (line.revision === this.#followed && line.rate === this.#base)) {
      return false;
    }
    this.#followed = line.revision;
    if (line.rate !== this.#base) {
      this.#base = line.rate;
      this.#trim.restart(line.rate, this.#now);
    }
    return true;
  }

  /**
   * Whether the picture waits for data. When it goes on it is looked at at once.
   *
   * @param {number} away  picture less timeline by the element's own word, s
   */
  #stalls(away) {
    if (this.#stalledAt === Infinity) {
      return false;
    }
    const flows = this.#media.readyState >= FUTURE;
    if (flows ? Math.abs(away) > RETRY : this.#now - this.#stalledAt > STARVED) {
      this.#bringAfresh({ teaches: flows });
      return true;
    }
    if (flows) {
      this.#stalledAt = Infinity;
      this.#trim.restart(this.#base, this.#now);
      return false;
    }
    this.state = 'stalled';
    return true;
  }

  /** @param {number} away  picture less timeline by the element's own word, s */
  #correct(away) {
    if (!this.#visible) {
      this.#trim.add(away, this.#now);
    }
    const atOnce = this.#look || !this.#visible;
    this.#look = false;
    if (atOnce && this.#bringIf(Math.abs(away) > SEEK)) {
      return;
    }
    const error = this.#trim.judge(this.#now);
    if (error !== null) {
      const brought = this.#tries > 0 && this.#tries < TRIES;
      if (this.#bringIf(Math.abs(error) > (brought ? RETRY : SEEK))) {
        return;
      }
      this.#tries = 0;
      this.#trim.correct(error, this.#now);
    }
    this.state = this.#stance;
  }

  /** How a running picture does. @returns {SyncState} */
  get #stance() {
    const { error, nudging } = this.#trim;
    if (!this.#visible) {
      return 'background';
    }
    if (this.#isStale(this.#now)) {
      return 'stalled';
    }
    if (error === null) {
      return nudging ? 'nudge' : this.state;
    }
    return nudging || Math.abs(error) > IN_STEP ? 'nudge' : 'locked';
  }
}
