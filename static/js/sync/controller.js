// @ts-check
/**
 * Keeps a picture in sync with the timeline: a state machine that takes events and gives orders.
 *
 * It has no clock, timer or element of its own: every event brings the client's time and what the
 * media element says of itself. A picture is either held (paused at a place of the film, to be let
 * go at its moment or to stay) or running (watched frame by frame, nudged by changes of rate, and
 * held again where that cannot help). Late joining, seeks and every recovery are one procedure:
 * hold where the film will be once the seek is over, and let go when it is there.
 */

import { Calibration } from './calibration.js';
import { Cueing } from './cueing.js';
import { Following } from './following.js';
import { HAVE_METADATA } from './media.js';
import { Moment } from './moment.js';
import { FRAMES } from './profiles.js';

/**
 * @typedef {'clock' | 'preroll' | 'armed' | 'locked' | 'nudge' | 'stalled' | 'paused' | 'background'
 *   | 'blocked' | 'own'} SyncState
 */

/** @typedef {import('./media.js').MediaState} MediaState */
/** @typedef {import('./media.js').MediaEvent} MediaEvent */
/** @typedef {import('./media.js').Order} Order */

/** A clock that is found to be wrong by more than this was stopped or set, s. */
const CLOCK_JUMP_S = 0.1;

/** A page that is seen has an event four times a second: after a gap of more it has slept, s. */
const SLEEP_GAP_S = 0.5;

export class Controller {
  #clock;
  #timelines;
  #moment;
  #cueing;
  #following;
  #offset = 0;

  /**
   * `clock`: it is to be brought as soon as anything is known of the clock; `blocked`: it may not be played
   * without a click; `own`: it goes its own way.
   *
   * @type {'clock' | 'blocked' | 'own' | 'followed'}
   */
  #mode = 'clock';

  /**
   * @param {object} parts
   * @param {import('./clock.js').ClockFilter} parts.clock
   * @param {import('./timeline.js').Timelines} parts.timelines
   * @param {Calibration} [parts.calibration]
   * @param {import('./profiles.js').Profile} [parts.profile]
   */
  constructor({ clock, timelines, calibration = new Calibration(), profile = FRAMES }) {
    this.#clock = clock;
    this.#timelines = timelines;
    this.#moment = new Moment({ clock, timelines, calibration, profile });
    this.#cueing = new Cueing(this.#moment);
    this.#following = new Following(this.#moment, this.#cueing);
    this.calibration = calibration;
  }

  /**
   * Take an event and return what is to be done with the media element, in order.
   *
   * @param {MediaEvent} event
   * @param {MediaState} media  as it is at the event
   * @returns {Order[]}
   */
  handle(event, media) {
    const slept = this.#moment.visible && event.now > this.#moment.now + SLEEP_GAP_S;
    this.#moment.at(event.now, media);
    if (slept || Math.abs(this.#clock.offset - this.#offset) > CLOCK_JUMP_S) {
      this.#following.doubt();
    }
    this.#offset = this.#clock.offset;
    this.#note(event);
    if (media.readyState >= HAVE_METADATA && this.#timelines.newest !== null) {
      this.#follow();
    }
    return this.#moment.orders;
  }

  /** When it wants to be asked again, client time, s; Infinity: when something happens. */
  get wake() {
    return this.#moment.wake;
  }

  /** @returns {SyncState} */
  get state() {
    if (this.#mode === 'blocked' || this.#mode === 'own') {
      return this.#mode;
    }
    if (this.#mode === 'followed' && !this.#cueing.holds) {
      return this.#following.state ?? 'armed';
    }
    if (!this.#clock.ready) {
      return 'clock';
    }
    return this.#mode === 'clock' ? 'preroll' : this.#cueing.state;
  }

  /** How the picture is being brought to the timeline. @returns {'none' | 'rate' | 'seek'} */
  get method() {
    if (this.#cueing.seeking) {
      return 'seek';
    }
    return this.#moment.rateControl.nudging ? 'rate' : 'none';
  }

  /** What a start would take now, as learned, s. */
  get latency() {
    const { movedAt, now } = this.#moment;
    return this.calibration.latency(this.#moment.kindAt(this.#cueing.holds ? now : movedAt));
  }

  /**
   * Picture less timeline, s; null while that cannot be said.
   *
   * @param {number} now  client time, s
   * @param {MediaState} media
   */
  error(now, media) {
    if (this.state === 'paused' || this.state === 'background') {
      return media.currentTime - this.#moment.course(now).position;
    }
    return this.#runs ? this.#following.error(now) : null;
  }

  get #runs() {
    return this.#mode === 'followed' && !this.#cueing.holds;
  }

  /** @param {MediaEvent} event */
  #note({ type, mediaTime = 0, displayTime = this.#moment.now }) {
    const moment = this.#moment;
    const own = this.#mode === 'own';
    switch (type) {
      case 'enter':
        moment.entered = true;
        this.#cueing.resetRetries();
        break;
      case 'leave':
        moment.entered = false;
        this.#startOver('clock');
        break;
      case 'refused':
        if (!own) {
          this.#startOver('blocked');
        }
        break;
      case 'unblock':
        if (this.#mode === 'blocked') {
          this.#startOver('clock');
        }
        break;
      case 'emptied':
      case 'resync':
        if (!own) {
          this.#startOver('clock');
        }
        break;
      case 'own':
        this.#startOver('own');
        break;
      case 'back':
        moment.forgetRate();
        this.#startOver('clock');
        break;
      case 'visible':
      case 'hidden':
        moment.visible = type === 'visible';
        this.#following.seen();
        break;
      case 'waiting':
        if (this.#runs) {
          this.#following.waits();
        }
        break;
      case 'playing':
        if (this.#runs) {
          this.#following.plays();
        }
        break;
      case 'frame':
        if (this.#runs) {
          this.#following.saw(mediaTime, displayTime);
        } else {
          this.#cueing.saw(mediaTime, displayTime);
        }
    }
  }

  /**
   * Forget what was being done with the picture.
   *
   * @param {'clock' | 'blocked' | 'own'} mode
   */
  #startOver(mode) {
    const moment = this.#moment;
    this.#mode = mode;
    this.#cueing.release();
    moment.rateControl.restart(moment.base, moment.now);
    moment.setRate();
  }

  #follow() {
    if (this.#mode === 'clock' && this.#clock.known) {
      this.#mode = 'followed';
      this.#cueing.bring();
    }
    if (this.#mode !== 'followed') {
      return;
    }
    if (this.#cueing.holds) {
      const start = this.#cueing.follow();
      if (start !== null) {
        this.#following.begin(start);
      }
    } else {
      this.#following.follow();
    }
    const upcoming = this.#timelines.upcoming(this.#moment.server);
    if (upcoming !== null) {
      this.#moment.askAtServer(upcoming.since);
    }
    this.#moment.setRate();
  }
}
