// @ts-check
/** An alarm that goes off at a moment, to the millisecond. */

/** A timer may be late by this; the rest is waited for on the spot, s. */
const TIMER_SLACK_S = 0.01;

/** A coarse clock may not move for a tenth of a second: it is read so often while waiting, no more. */
const MAX_CLOCK_READS = 200_000;

export class Alarm {
  #now;
  #ring;
  #within;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {() => number} parts.now  client time, s
   * @param {() => void} parts.ring
   * @param {number} parts.within  an alarm that is farther away is not set, s
   */
  constructor({ now, ring, within }) {
    this.#now = now;
    this.#ring = ring;
    this.#within = within;
  }

  /**
   * Go off then instead of when it was set for before.
   *
   * @param {number} time  client time, s
   */
  set(time) {
    this.clear();
    const wait = time - this.#now();
    if (wait < this.#within) {
      this.#timer = setTimeout(() => this.#goOff(time), (wait - TIMER_SLACK_S) * 1000);
    }
  }

  clear() {
    clearTimeout(this.#timer);
  }

  /** Timers of browsers are late by some milliseconds; a start is to be right to one. @param {number} time */
  #goOff(time) {
    for (let reads = 0; reads < MAX_CLOCK_READS && this.#now() < time; reads += 1) {}
    this.#ring();
  }
}
