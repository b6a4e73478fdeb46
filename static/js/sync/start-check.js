// @ts-check
/**
 * Checks a start: measures its error right after it, by the element's `currentTime` (ADR 0008).
 *
 * Frames do not show the error so soon, because their pattern on the screen's refreshes may be half a
 * frame off. `currentTime` follows the sound. It is steady within a tenth of a second if the browser
 * interpolates it between two requests of the sound device. If not, the readings do not agree and
 * there is no result.
 */

/** How many readings must agree, within how much, s, and how far apart they must be, s. */
const READINGS = 3;
const AGREEMENT_S = 0.0015;
const SPACING_S = 0.012;

/** Later than this after a start, frames are more exact, s. */
const LATEST_S = 0.6;

export class StartCheck {
  /** @type {number[]} */
  #readings = [];
  #since;
  #last = -Infinity;

  /** @param {number} now  client time of the start, s */
  constructor(now) {
    this.#since = now;
  }

  /**
   * Take a reading of the element; one too soon after the last, or too late after the start, is ignored.
   *
   * @param {number} elementError  its position less the timeline, s
   * @param {number} now  client time, s
   */
  add(elementError, now) {
    if (now >= this.#last + SPACING_S && now <= this.#since + LATEST_S) {
      this.#last = now;
      this.#readings = [...this.#readings, elementError].slice(-READINGS);
    }
  }

  /** The error of the start, s; null as long as the readings do not agree. */
  get error() {
    const spread = Math.max(...this.#readings) - Math.min(...this.#readings);
    return this.#readings.length === READINGS && spread < AGREEMENT_S ? (this.#readings[1] ?? null) : null;
  }
}
