// @ts-check
/** A read-only view of the moment of an event: the element, the viewer, the timeline and the clock. */

/** @typedef {import('./media.js').MediaState} MediaState */

/**
 * @typedef {object} Viewer
 * @property {boolean} entered  whether they have come in
 * @property {boolean} visible  whether they can see the page
 */

export class Moment {
  #clock;
  #timelines;

  /** Client time of the event, s. */
  now;

  /** The element as it is at the event. */
  media;

  /** Whether the viewer has come in, and whether they can see the page. */
  entered;
  visible;

  /**
   * @param {object} parts
   * @param {number} parts.now  client time, s
   * @param {MediaState} parts.media
   * @param {Viewer} parts.viewer
   * @param {import('./clock.js').ClockFilter} parts.clock
   * @param {import('./timeline.js').Timelines} parts.timelines
   */
  constructor({ now, media, viewer, clock, timelines }) {
    this.now = now;
    this.media = media;
    this.entered = viewer.entered;
    this.visible = viewer.visible;
    this.#clock = clock;
    this.#timelines = timelines;
    Object.freeze(this);
  }

  get timelines() {
    return this.#timelines;
  }

  /** The server's time at the event, Unix s. */
  get server() {
    return this.serverAt(this.now);
  }

  /** Whether the clock has enough samples for a start. */
  get clockReady() {
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
  motion(time = this.now) {
    return this.#timelines.motion(this.serverAt(time)) ?? { position: 0, rate: 0, countdown: 0 };
  }

  /** The element's `currentTime` less the timeline, s. */
  get elementError() {
    return this.media.currentTime - this.motion().position;
  }

  /**
   * The rate of the timeline in force at that time; null if it stands still.
   *
   * @param {number} server  server time, Unix s
   */
  rateAt(server) {
    return this.#timelines.inForce(server)?.rate || null;
  }
}
