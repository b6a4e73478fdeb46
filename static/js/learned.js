// @ts-check
/** What this browser has shown so far: how long a seek takes, a start, and how a nudge ends. */

/** Of so many seeks the dearest is reckoned with. */
const SEEKS = 4;

/** What a seek is reckoned to take before there was one, s. */
const FIRST_SEEK = 0.35;

/** No seek and no start is reckoned with more than this, s. */
const DEAREST_SEEK = 1.5;
const LONGEST_START = 0.3;

/**
 * @typedef {object} Lessons  What belongs to the device and is worth keeping for the next visit, s.
 * @property {number} sound  from `play()` until the film moves, with sound
 * @property {number} silent  the same, muted
 * @property {number} overshoot  how far the picture still goes when a nudge is taken back
 */

/** @type {Readonly<Lessons>} */
const USUAL = Object.freeze({ sound: 0.078, silent: 0.042, overshoot: 0 });

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * @param {unknown} value
 * @param {number} usual
 */
const orUsual = (value, usual) => (typeof value === 'number' && Number.isFinite(value) ? value : usual);

export class Learned {
  /** @type {number[]} what the latest seeks took, until the picture could be played on, s */
  #seeks = [FIRST_SEEK];

  /** @type {Set<'sound' | 'silent'>} what has been started in this visit: the first teaches most */
  #starts = new Set();

  /** @param {Partial<Lessons>} [lessons]  of an earlier visit */
  constructor(lessons = {}) {
    this.sound = orUsual(lessons.sound, USUAL.sound);
    this.silent = orUsual(lessons.silent, USUAL.silent);
    this.overshoot = orUsual(lessons.overshoot, USUAL.overshoot);
  }

  /** @returns {Lessons} */
  get lessons() {
    return { sound: this.sound, silent: this.silent, overshoot: this.overshoot };
  }

  /** What a seek will take, s. */
  get seekCost() {
    return Math.max(...this.#seeks);
  }

  /**
   * From `play()` until the film moves, s.
   *
   * @param {boolean} silent  sound takes its time to begin
   */
  latency(silent) {
    return silent ? this.silent : this.sound;
  }

  /** @param {number} seconds */
  seekTook(seconds) {
    this.#seeks = [...this.#seeks, clamp(seconds, 0, DEAREST_SEEK)].slice(-SEEKS);
  }

  /**
   * A start came out wrong by `error` for no other reason than its latency.
   *
   * @param {boolean} silent
   * @param {number} error  picture less timeline, s
   */
  started(silent, error) {
    const kind = silent ? 'silent' : 'sound';
    const weight = this.#starts.has(kind) ? 0.5 : 1;
    this.#starts.add(kind);
    this[kind] = clamp(this[kind] - error * weight, 0, LONGEST_START);
  }

  /**
   * A nudge was taken back, and the picture went on by so much in its direction.
   *
   * @param {number} seconds
   */
  nudgeEnded(seconds) {
    this.overshoot = clamp((this.overshoot + seconds) / 2, -0.02, 0.02);
  }
}
