// @ts-check
/** Estimates how far the picture is from the timeline: a trimmed mean over the frames shown. */

/** After a start, a seek or a change of rate the media clock needs this long to be steady, s. */
const SETTLING_S = 0.4;

/** Frames after the quiet time that make a judgement. */
const MIN_FRAMES = 12;

/** Where frames are rare fewer do, after this much steady time, s. */
const MIN_RARE_FRAMES = 3;
const RARE_AFTER_S = 1.2;

/** Frames that are remembered. */
const WINDOW_FRAMES = 15;

/**
 * Return the mean of the middle half.
 *
 * A frame appears at the next refresh of the screen, so that errors come in two or three steps: a
 * median would jump from one to the next, a mean would follow the one frame that came late.
 *
 * @param {readonly number[]} values  at least one
 * @returns {number}
 */
export function middleMean(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const quarter = sorted.length >> 2;
  const middle = sorted.slice(quarter, sorted.length - quarter);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

export class ErrorEstimator {
  /** @type {number[]} errors since the last disturbance, s */
  #errors = [];

  #settlingUntil = -Infinity;
  #steady = 0;

  /**
   * Forget what was measured: the picture has been disturbed.
   *
   * @param {number} now  client time, s
   */
  disturb(now) {
    this.#errors = [];
    this.#steady = 0;
    this.#settlingUntil = now + SETTLING_S;
  }

  /**
   * @param {number} error  picture less timeline, s
   * @param {number} now  client time, s
   */
  add(error, now) {
    if (now >= this.#settlingUntil) {
      if (this.#steady === 0) {
        this.#errors = [];
      }
      this.#steady += 1;
    }
    this.#errors.push(error);
    if (this.#errors.length > WINDOW_FRAMES) {
      this.#errors.shift();
    }
  }

  /**
   * Whether the clock has been steady for long enough to act on the error.
   *
   * @param {number} now  client time, s
   */
  steady(now) {
    return this.#steady >= (now > this.#settlingUntil + RARE_AFTER_S ? MIN_RARE_FRAMES : MIN_FRAMES);
  }

  /** The error as well as it is known, s; null right after a disturbance. */
  get error() {
    return this.#errors.length > 0 ? middleMean(this.#errors) : null;
  }

  /**
   * The error by the newest frames alone, s; null where there are fewer.
   *
   * @param {number} frames
   */
  newest(frames) {
    return this.#errors.length >= frames ? middleMean(this.#errors.slice(-frames)) : null;
  }
}
