// @ts-check
/**
 * Checks a start: how far the picture is off right after it, by the element's `currentTime`.
 *
 * The frames cannot tell so soon: they keep to a pattern of the screen's refreshes that may be half
 * a frame off. `currentTime` follows the sound, and is steady within a tenth of a second where the
 * browser reckons it between the gulps of the sound's device; where it does not, nothing is said.
 */

/** So many readings have to agree within this, s, none nearer to the one before than that, s. */
const READINGS = 3;
const AGREEMENT_S = 0.0015;
const SPACING_S = 0.012;

/** Later than this after a start the frames know better, s. */
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
   * @param {number} away  its position less the timeline, s
   * @param {number} now  client time, s
   */
  add(away, now) {
    if (now >= this.#last + SPACING_S && now <= this.#since + LATEST_S) {
      this.#last = now;
      this.#readings = [...this.#readings, away].slice(-READINGS);
    }
  }

  /** What the start came out wrong by, s; null as long as the readings do not agree. */
  get error() {
    const spread = Math.max(...this.#readings) - Math.min(...this.#readings);
    return this.#readings.length === READINGS && spread < AGREEMENT_S ? (this.#readings[1] ?? null) : null;
  }
}
