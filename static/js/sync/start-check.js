// @ts-check
/**
 * How far a picture is off right after its start, by the element's own word.
 *
 * The frames cannot tell so soon: they keep to a pattern of the screen's refreshes that may be half
 * a frame off. `currentTime` follows the sound, and is steady within a tenth of a second where the
 * browser reckons it between the gulps of the sound's device; where it does not, nothing is said.
 */

/** So many looks have to agree within this, s, none nearer to the one before than that, s. */
const LOOKS = 3;
const AGREE = 0.0015;
const APART = 0.012;

/** Later than this after a start the frames know better, s. */
const LATEST = 0.6;

export class Onset {
  /** @type {number[]} */
  #looks = [];
  #since;
  #last = -Infinity;

  /** @param {number} now  client time of the start, s */
  constructor(now) {
    this.#since = now;
  }

  /**
   * Take a look at the element; returns the error once it can be told, s; null before, and too late.
   *
   * @param {number} away  its position less the timeline, s
   * @param {number} now  client time, s
   * @returns {number | null}
   */
  look(away, now) {
    if (now < this.#last + APART || now > this.#since + LATEST) {
      return null;
    }
    this.#last = now;
    this.#looks = [...this.#looks, away].slice(-LOOKS);
    const spread = Math.max(...this.#looks) - Math.min(...this.#looks);
    return this.#looks.length === LOOKS && spread < AGREE ? (this.#looks[1] ?? null) : null;
  }
}
