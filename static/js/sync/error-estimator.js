// @ts-check
/** Estimates how far the picture is from the timeline: a trimmed mean over the frames shown. */

/** How long the media clock takes to become steady after a start, a seek or a change of rate, s. */
const SETTLING_S = 0.4;

/** How many frames after that are enough to act on. */
const MIN_FRAMES = 12;

/** After this much steady time, s, so few are enough: a hidden page gets one sample a second. */
const MIN_RARE_FRAMES = 3;
const RARE_AFTER_S = 1.2;

/** How many frames are kept. */
const WINDOW_FRAMES = 15;

/**
 * Return the mean of the middle half.
 *
 * A frame appears at the next refresh of the screen, so errors have only two or three values. A median
 * would jump from one to the next, and a mean would follow a single late frame (ADR 0006).
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
  #steadyFrames = 0;

  /**
   * Forget what was measured: the picture has been disturbed.
   *
   * @param {number} now  client time, s
   */
  disturb(now) {
    this.#errors = [];
    this.#steadyFrames = 0;
    this.#settlingUntil = now + SETTLING_S;
  }

  /**
   * @param {number} error  picture less timeline, s
   * @param {number} now  client time, s
   */
  add(error, now) {
    if (now >= this.#settlingUntil) {
      // Earlier errors are good enough to detect a large error, but too unsteady for the mean.
      if (this.#steadyFrames === 0) {
        this.#errors = [];
      }
      this.#steadyFrames += 1;
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
    return this.#steadyFrames >= (now > this.#settlingUntil + RARE_AFTER_S ? MIN_RARE_FRAMES : MIN_FRAMES);
  }

  /** The best estimate of the error, s; null right after a disturbance. */
  get error() {
    return this.#errors.length > 0 ? middleMean(this.#errors) : null;
  }

  /**
   * The error of the newest frames alone, s; null if there are fewer.
   *
   * @param {number} frames
   */
  newest(frames) {
    return this.#errors.length >= frames ? middleMean(this.#errors.slice(-frames)) : null;
  }
}
