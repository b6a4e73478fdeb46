// @ts-check
/** The moment of an event: the element, the timeline, and the orders given so far. */

import { startKind } from './calibration.js';
import { NO_MEDIA } from './media.js';
import { RateControl } from './rate-control.js';

/** @typedef {import('./media.js').Order} Order */

export class Moment {
  #clock;
  #rate = 1;

  /** Client time of the event, s. */
  now = 0;

  /** The element as it is at the event. */
  media = NO_MEDIA;

  /** @type {Order[]} */
  orders = [];

  /** When to be asked again, client time, s; Infinity: when something happens. */
  wake = Infinity;

  /** Whether its viewer has come in, and whether they can see it. */
  entered = false;
  visible = true;

  /** When it moved last, client time, s; -Infinity: never. */
  movedAt = -Infinity;

  /** The rate of the timeline that is obeyed, film seconds per second. */
  base = 1;

  /**
   * @param {object} parts
   * @param {import('./clock.js').ClockFilter} parts.clock
   * @param {import('./timeline.js').Timelines} parts.timelines
   * @param {import('./calibration.js').Calibration} parts.calibration
   * @param {import('./profiles.js').Profile} parts.profile
   */
  constructor({ clock, timelines, calibration, profile }) {
    this.#clock = clock;
    this.timelines = timelines;
    this.calibration = calibration;
    this.profile = profile;
    this.rateControl = new RateControl(profile, calibration);
  }

  /**
   * An event has come.
   *
   * @param {number} now  client time, s
   * @param {import('./media.js').MediaState} media
   */
  at(now, media) {
    this.now = now;
    this.media = media;
    this.orders = [];
    this.wake = Infinity;
  }

  /** The server's time at the event, Unix s. */
  get server() {
    return this.serverAt(this.now);
  }

  /** Whether the clock is known well enough to start by. */
  get timed() {
    return this.#clock.ready;
  }

  /** @param {number} time  client time, s */
  serverAt(time) {
    return this.#clock.serverTime(time);
  }

  /**
   * Where the film is and how fast it goes.
   *
   * @param {number} [time]  client time, s
   */
  course(time = this.now) {
    return this.timelines.course(this.serverAt(time)) ?? { position: 0, rate: 0, countdown: 0 };
  }

  /** Picture less timeline by the element's own word, s. */
  get away() {
    return this.media.currentTime - this.course().position;
  }

  /** @param {Order[]} orders */
  order(...orders) {
    this.orders.push(...orders);
  }

  /** @param {number} time  client time at which to be asked again, s; one that has passed is none */
  askAt(time) {
    if (time > this.now) {
      this.wake = Math.min(this.wake, time);
    }
  }

  /** @param {number} server  server time at which to be asked again, Unix s */
  askAtServer(server) {
    this.askAt(this.now + server - this.server);
  }

  /** Stand still, if it does not. */
  stop() {
    if (!this.media.paused) {
      this.order({ do: 'pause' });
      this.movedAt = this.now;
    }
  }

  /**
   * Take the rate that the film has at a moment, and measure anew.
   *
   * @param {number} server  server time, Unix s
   */
  takeRate(server) {
    this.base = this.timelines.inForce(server)?.rate || this.base;
    this.rateControl.restart(this.base, this.now);
  }

  /** Let the element have the rate that it should. */
  setRate() {
    if (this.rateControl.rate !== this.#rate) {
      this.#rate = this.rateControl.rate;
      this.orders.unshift({ do: 'rate', rate: this.#rate, pitch: this.rateControl.keepsPitch });
    }
  }

  /** Others have set the element's rate. */
  forgetRate() {
    this.#rate = NaN;
  }

  /**
   * What kind of start one would be.
   *
   * @param {number} start  client time, s
   */
  kindAt(start) {
    return startKind(this.media.silent, start - this.movedAt);
  }
}
