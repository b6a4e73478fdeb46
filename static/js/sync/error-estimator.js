// @ts-check
/** Estimates how far the picture is from the timeline: a trimmed mean over the frames shown. */

/** After a start, a seek or a change of rate the media clock takes this long to be steady, s. */
const SETTLING_S = 0.4;

/** So many frames after that are enough to act on. */
const MIN_FRAMES = 12;

/** Fewer are, after this much steady time, s: a hidden page gets a sample a second. */
const MIN_RARE_FRAMES = 3;
const RARE_AFTER_S = 1.2;

/** Frames that are kept. */
const WINDOW_FRAMES = 15;

/**
 * Return the mean of the middle half.
 *
 * A frame appears at the next refresh of the screen, so errors come in two or three steps: a median
 * would jump from one to the next, a mean would follow a single late frame (ADR 0006).
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
      // Earlier ones show a large error at a glance, but are too unsteady to count here.
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
