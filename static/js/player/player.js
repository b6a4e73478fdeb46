// @ts-check
/**
 * The player: a `<video>` kept in sync with the timeline.
 *
 * Feeds the controller with what happens to the element and carries out its orders. Dispatches
 * `sync` at every change of state and a few times a second, `doubt` where the time is to be asked
 * for anew, `fault` where the film cannot be loaded, with the MediaError's code as `detail`.
 */

import { Calibration } from '../sync/calibration.js';
import { Controller } from '../sync/controller.js';
import { bufferedAhead, droppedFrames } from '../sync/media.js';
import { profileOf } from '../sync/profiles.js';
import { CalibrationStore } from './calibration-store.js';
import { FilmElement } from './element.js';
import { watchFrames } from './frames.js';
import { History } from './history.js';

/** @typedef {import('../sync/controller.js').MediaEvent} MediaEvent */
/** @typedef {import('../sync/controller.js').Order} Order */
/** @typedef {import('../sync/sync-state.js').SyncState} SyncState */

/** Events of the element that the controller is told. */
const ELEMENT_EVENTS = /** @type {const} */ ([
  'emptied',
  'waiting',
  'playing',
  'pause',
  'seeked',
  'canplay',
  'ended',
]);

/** How often the controller is asked with no event, and `sync` told, s. */
const TICK_S = 0.25;

/** A timer may be late by this; the rest is waited for on the spot, s. */
const TIMER_SLACK_S = 0.01;

/** A film whose loading broke off is asked for again after this, s. */
const RELOAD_AFTER_S = 1;

export class SyncedPlayer extends EventTarget {
  #video;
  #clock;
  #timelines;
  #now;
  #element;
  #store;
  #controller;
  #rehearsing = false;
  #stopped = new AbortController();

  /** The last minutes. */
  history = new History();

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #alarm;

  /** @type {SyncState} */
  #announced = 'clock';

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {import('../sync/clock.js').ClockFilter} parts.clock
   * @param {import('../sync/timeline.js').Timelines} parts.timelines
   * @param {() => number} [parts.now]  client time, s
   * @param {Storage} [parts.storage]  keeps what was learned about this device
   */
  constructor({ video, clock, timelines, now = () => performance.now() / 1000, storage }) {
    super();
    this.#video = video;
    this.#clock = clock;
    this.#timelines = timelines;
    this.#now = now;
    this.#store = new CalibrationStore(storage);
    this.#element = new FilmElement(video, {
      refused: () => this.#feed('refused'),
      signal: this.#stopped.signal,
    });
    const known = this.#store.load();
    clock.adjustment = typeof known.adjustment === 'number' ? known.adjustment : 0;
    this.#controller = new Controller({
      clock,
      timelines,
      calibration: new Calibration(known),
      profile: profileOf(video, navigator.userAgent),
    });
    this.#listen();
  }

  /** Load the film and hold it at the place where it will be entered. */
  rehearse() {
    this.#rehearsing = true;
    this.#video.preload = 'auto';
    this.#feed('tick');
  }

  /** Go in. Called inside the click: it is the gesture that allows sound. */
  enter() {
    this.#rehearsing = true;
    this.#feed('enter');
  }

  /** Not let in after all: hold the picture again. */
  leave() {
    this.#feed('leave');
  }

  /** Play after all, inside the click that allows it. */
  unblock() {
    this.#feed('unblock');
  }

  /** The timelines are not what they were. */
  timelinesChanged() {
    this.#feed('timelines');
  }

  /** Bring the picture to the timeline now, however near it seems. */
  syncNow() {
    this.dispatchEvent(new Event('doubt'));
    this.#feed('resync');
  }

  /** Whether the picture goes its own way, apart from the room's. */
  get own() {
    return this.#controller.state === 'own';
  }

  /**
   * Watch on one's own, or come back to where the room is.
   *
   * @param {boolean} on
   */
  watchOwn(on) {
    if (on !== this.own) {
      this.#feed(on ? 'own' : 'back');
    }
  }

  /**
   * Move a picture that goes its own way.
   *
   * @param {'play' | 'pause' | 'seek' | 'rate'} action
   * @param {number} [value]  position, s; or film seconds per second
   */
  drive(action, value = 0) {
    if (!this.own) {
      return;
    }
    if (action === 'seek') {
      this.#element.obey({ do: 'seek', position: Math.min(Math.max(value, 0), this.#timelines.duration) });
    } else if (action === 'rate') {
      this.#element.obey({ do: 'rate', rate: value, pitch: true });
    } else {
      this.#element.obey({ do: action });
    }
  }

  /**
   * What this viewer adds to the offset of their clock, s: where the way to the server takes longer
   * than the way back, no measurement shows it.
   */
  get adjustment() {
    return this.#clock.adjustment;
  }

  set adjustment(seconds) {
    this.#clock.adjustment = seconds;
    this.#keepCalibration();
    this.#feed('timelines');
  }

  /** Leave the element alone from now on, paused. */
  stop() {
    this.#stopped.abort();
    clearTimeout(this.#alarm);
    this.#video.pause();
  }

  /** @returns {import('../sync/snapshot.js').Snapshot} */
  get snapshot() {
    const now = this.#now();
    const media = this.#element.state;
    const error = this.#controller.error(now, media);
    const { bound } = this.#clock;
    const { calibration } = this.#controller;
    return {
      state: this.#controller.state,
      offset: this.#clock.offset,
      bound: Number.isFinite(bound) ? bound : null,
      error,
      revision: this.#timelines.inForce(this.#clock.serverTime(now))?.revision ?? 0,
      method: this.#controller.method,
      position: media.currentTime,
      delay: this.#clock.delay,
      latency: this.#controller.latency,
      seekCost: calibration.seekCost,
      dropped: droppedFrames(this.#video),
      seeks: this.history.seeks,
      nudges: this.history.nudges,
      drift: this.history.drift,
    };
  }

  /** How much is loaded ahead of the picture, s. */
  get buffered() {
    return bufferedAhead(this.#video);
  }

  #listen() {
    const { signal } = this.#stopped;
    const video = this.#video;
    for (const type of ELEMENT_EVENTS) {
      video.addEventListener(type, () => this.#feed(type), { signal });
    }
    video.addEventListener('error', () => this.#failed(), { signal });
    document.addEventListener(
      'visibilitychange',
      () => this.#feed(document.visibilityState === 'hidden' ? 'hidden' : 'visible'),
      { signal },
    );
    const ticking = setInterval(() => this.#tick(), TICK_S * 1000);
    signal.addEventListener('abort', () => clearInterval(ticking));
    watchFrames(video, this.#now, (frame) => this.#feed('frame', frame), signal);
  }

  #tick() {
    this.#feed('tick');
    const { error, bound, state, method } = this.snapshot;
    this.history.add({ at: this.#now(), error, offset: this.#clock.measured, bound, state, method });
    this.#announce();
  }

  /**
   * @param {MediaEvent['type']} type
   * @param {Partial<MediaEvent>} [facts]
   */
  #feed(type, facts = {}) {
    if (!this.#rehearsing || this.#stopped.signal.aborted) {
      return;
    }
    const event = { type, now: this.#now(), ...facts };
    for (const order of this.#controller.handle(event, this.#element.state)) {
      this.#countCorrection(order);
      this.#element.obey(order);
    }
    this.#setAlarm(this.#controller.wake);
    if (this.#controller.state !== this.#announced) {
      this.#announced = this.#controller.state;
      this.#announce();
      this.#keepCalibration();
    }
  }

  #keepCalibration() {
    const { adjustment } = this.#clock;
    this.#store.save({ ...this.#controller.calibration.figures, adjustment });
  }

  /** @param {Order} order */
  #countCorrection(order) {
    this.history.seeks += Number(order.do === 'seek');
    this.history.nudges += Number(order.do === 'rate' && this.#controller.method === 'rate');
  }

  /**
   * Ask the controller again at a moment, to the millisecond where it is near.
   *
   * @param {number} time  client time, s
   */
  #setAlarm(time) {
    clearTimeout(this.#alarm);
    const wait = time - this.#now();
    if (wait < TICK_S) {
      this.#alarm = setTimeout(
        () => {
          while (this.#now() < time) {}
          this.#feed('tick');
        },
        (wait - TIMER_SLACK_S) * 1000,
      );
    }
  }

  #failed() {
    const code = this.#video.error?.code ?? 0;
    this.dispatchEvent(new CustomEvent('fault', { detail: code }));
    if (code === MediaError.MEDIA_ERR_NETWORK) {
      setTimeout(() => this.#stopped.signal.aborted || this.#video.load(), RELOAD_AFTER_S * 1000);
    }
  }

  #announce() {
    this.dispatchEvent(new CustomEvent('sync', { detail: this.snapshot }));
  }
}
