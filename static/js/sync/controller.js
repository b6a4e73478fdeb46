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

import { Holding } from './cueing.js';
import { Learned } from './calibration.js';
import { METADATA } from './media.js';
import { Picture } from './moment.js';
import { Running } from './following.js';
import { FRAMES } from './profiles.js';

/**
 * @typedef {'clock' | 'preroll' | 'armed' | 'locked' | 'nudge' | 'stalled' | 'paused' | 'background'
 *   | 'blocked' | 'own'} SyncState
 */

/** @typedef {import('./media.js').MediaState} MediaState */
/** @typedef {import('./media.js').MediaEvent} MediaEvent */
/** @typedef {import('./media.js').Order} Order */

/** A clock that is found to be wrong by more than this was stopped or set, s. */
const LEAP = 0.1;

/** A page that is seen has an event four times a second: after a gap of more it has slept, s. */
const SLEPT = 0.5;

export class Controller {
  #clock;
  #timelines;
  #picture;
  #holding;
  #running;
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
   * @param {Learned} [parts.learned]
   * @param {import('./profiles.js').Profile} [parts.profile]
   */
  constructor({ clock, timelines, learned = new Learned(), profile = FRAMES }) {
    this.#clock = clock;
    this.#timelines = timelines;
    this.#picture = new Picture({ clock, timelines, learned, profile });
    this.#holding = new Holding(this.#picture);
    this.#running = new Running(this.#picture, this.#holding);
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
    const slept = this.#picture.visible && event.now > this.#picture.now + SLEPT;
    this.#picture.at(event.now, media);
    if (slept || Math.abs(this.#clock.offset - this.#offset) > LEAP) {
      this.#running.doubt();
    }
    this.#offset = this.#clock.offset;
    this.#note(event);
    if (media.readyState >= METADATA && this.#timelines.newest !== null) {
      this.#follow();
    }
    return this.#picture.orders;
  }

  /** When it wants to be asked again, client time, s; Infinity: when something happens. */
  get wake() {
    return this.#picture.wake;
  }

  /** @returns {SyncState} */
  get state() {
    if (this.#mode === 'blocked' || this.#mode === 'own') {
      return this.#mode;
    }
    if (this.#mode === 'followed' && !this.#holding.holds) {
      return this.#running.state ?? 'armed';
    }
    if (!this.#clock.ready) {
      return 'clock';
    }
    return this.#mode === 'clock' ? 'preroll' : this.#holding.state;
  }

  /** How the picture is being brought to the timeline. @returns {'none' | 'rate' | 'seek'} */
  get method() {
    if (this.#holding.seeking) {
      return 'seek';
    }
    return this.#picture.trim.nudging ? 'rate' : 'none';
  }

  /** What a start would take now, as learned, s. */
  get latency() {
    const { movedAt, now } = this.#picture;
    return this.learned.latency(this.#picture.kindAt(this.#holding.holds ? now : movedAt));
  }

  /**
   * Picture less timeline, s; null while that cannot be said.
   *
   * @param {number} now  client time, s
   * @param {MediaState} media
   */
  error(now, media) {
    if (this.state === 'paused' || this.state === 'background') {
      return media.currentTime - this.#picture.course(now).position;
    }
    return this.#runs ? this.#running.error(now) : null;
  }

  get #runs() {
    return this.#mode === 'followed' && !this.#holding.holds;
  }

  /** @param {MediaEvent} event */
  #note({ type, mediaTime = 0, displayTime = this.#picture.now }) {
    const picture = this.#picture;
    const own = this.#mode === 'own';
    switch (type) {
      case 'enter':
        picture.entered = true;
        this.#holding.forgive();
        break;
      case 'leave':
        picture.entered = false;
        this.#startOver('clock');
        break;
      case 'refused':
        if (!own) this.#startOver('blocked');
        break;
      case 'unblock':
        if (this.#mode === 'blocked') this.#startOver('clock');
        break;
      case 'emptied':
      case 'resync':
        if (!own) this.#startOver('clock');
        break;
      case 'own':
        this.#startOver('own');
        break;
      case 'back':
        picture.forgetRate();
        this.#startOver('clock');
        break;
      case 'visible':
      case 'hidden':
        picture.visible = type === 'visible';
        this.#running.seen();
        break;
      case 'waiting':
        if (this.#runs) this.#running.waits();
        break;
      case 'playing':
        if (this.#runs) this.#running.plays();
        break;
      case 'frame':
        if (this.#runs) this.#running.saw(mediaTime, displayTime);
        else this.#holding.saw(mediaTime, displayTime);
    }
  }

  /**
   * Forget what was being done with the picture.
   *
   * @param {'clock' | 'blocked' | 'own'} mode
   */
  #startOver(mode) {
    const picture = this.#picture;
    this.#mode = mode;
    this.#holding.release();
    picture.trim.restart(picture.base, picture.now);
    picture.setRate();
  }

  #follow() {
    if (this.#mode === 'clock' && this.#clock.known) {
      this.#mode = 'followed';
      this.#holding.bring();
    }
    if (this.#mode !== 'followed') {
      return;
    }
    if (this.#holding.holds) {
      const start = this.#holding.follow();
      if (start !== null) this.#running.begin(start);
    } else {
      this.#running.follow();
    }
    const following = this.#timelines.following(this.#picture.server);
    if (following !== null) {
      this.#picture.askAtServer(following.since);
    }
    this.#picture.setRate();
  }
}
