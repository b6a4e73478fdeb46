// @ts-check
/**
 * Checks a start: how far the picture is off right after it, by the element's `currentTime` (ADR 0008).
 *
 * The frames do not show it so soon: they keep to a pattern of the screen's refreshes that may be half
 * a frame off. `currentTime` follows the sound, and is steady within a tenth of a second where the
 * browser interpolates it between two requests of the sound device. Where it does not, the readings
 * do not agree and there is no result.
 */

/** So many readings have to agree within this, s, each at least so long after the one before, s. */
const READINGS = 3;
const AGREEMENT_S = 0.0015;
const SPACING_S = 0.012;

/** Later than this after a start frames are better, s. */
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
   * Take a reading of the element; one too soon after the last, or too late, does not count.
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

  /** By how much the start was off, s; null as long as the readings do not agree. */
  get error() {
    const spread = Math.max(...this.#readings) - Math.min(...this.#readings);
    return this.#readings.length === READINGS && spread < AGREEMENT_S ? (this.#readings[1] ?? null) : null;
  }
}
