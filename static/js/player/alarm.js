// @ts-check
/** An alarm that goes off at a moment, to the millisecond. */

/** The timer is set so much earlier, because browsers fire late; the rest is waited for in a loop, s. */
const TIMER_SLACK_S = 0.01;

/** Most reads of the clock while waiting: some browsers' clocks move in steps of a tenth of a second. */
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
   * Go off at `time`, and no longer when it was set to before.
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

  /** No timer is as exact as a start: the last milliseconds are waited for here. @param {number} time */
  #goOff(time) {
    for (let reads = 0; reads < MAX_CLOCK_READS && this.#now() < time; reads += 1) {}
    this.#ring();
  }
}
