// @ts-check
/** What this browser has shown so far: how long a seek takes, a start, and how a nudge ends. */

/** Of so many seeks the dearest is reckoned with. */
const SEEKS = 4;

/** What a seek is reckoned to take before there was one, s. */
const FIRST_SEEK = 0.35;

/** No seek and no start is reckoned with more than this, s. */
const DEAREST_SEEK = 1.5;
const LONGEST_START = 0.3;

/** Of so many starts the mean is what one takes; from then on the older count less. */
const STARTS = 8;

/**
 * No start is off by more than this for chance alone, s. The sound's device takes its data in gulps
 * of some 20 ms, and the picture keeps to a pattern of refreshes that may be half a frame off.
 */
const CHANCE = 0.03;

/** Frames lead, and nudges overshoot, by no more than this, s. */
const FARTHEST = 0.02;

/** A sound device that was not used for longer sleeps, and starts otherwise, s (Chromium's figure). */
const AWAKE = 10;

/** @typedef {'sound' | 'rested' | 'silent'} StartKind */

/**
 * @typedef {object} Lessons  What belongs to the device and is worth keeping for the next visit, s.
 * @property {number} sound  from `play()` until the film moves, with sound
 * @property {number} rested  the same, after a pause in which the sound's device fell asleep
 * @property {number} silent  the same, muted
 * @property {number} lead  how far frames are ahead of the element's own word on the average
 * @property {number} overshoot  how far the picture still goes when a nudge is taken back
 */

/** @type {Readonly<Lessons>} */
const USUAL = Object.freeze({ sound: 0.07, rested: 0.035, silent: 0.038, lead: 0.006, overshoot: 0 });

/**
 * Return what kind of start one with or without sound would be.
 *
 * @param {boolean} silent
 * @param {number} idle  for how long the film has not moved, s; Infinity: it never has
 * @returns {StartKind}
 */
export function startKind(silent, idle) {
  if (silent) {
    return 'silent';
  }
  return AWAKE < idle && idle < Infinity ? 'rested' : 'sound';
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * Return a figure of an earlier visit, whatever somebody may have put in its place.
 *
 * @param {unknown} value
 * @param {number} usual
 * @param {number} low
 * @param {number} high
 */
const orUsual = (value, usual, low, high) =>
  typeof value === 'number' && low <= value && value <= high ? value : usual;

export class Learned {
  /** @type {number[]} what the latest seeks took, until the picture could be played on, s */
  #seeks = [FIRST_SEEK];

  /** How many starts of each kind the figures stand for. */
  #starts = { sound: 1, rested: 1, silent: 1 };

  /** @param {Partial<Lessons>} [lessons]  of an earlier visit */
  constructor(lessons = {}) {
    this.sound = orUsual(lessons.sound, USUAL.sound, 0, LONGEST_START);
    this.rested = orUsual(lessons.rested, USUAL.rested, 0, LONGEST_START);
    this.silent = orUsual(lessons.silent, USUAL.silent, 0, LONGEST_START);
    this.lead = orUsual(lessons.lead, USUAL.lead, -FARTHEST, FARTHEST);
    this.overshoot = orUsual(lessons.overshoot, USUAL.overshoot, -FARTHEST, FARTHEST);
  }

  /** @returns {Lessons} */
  get lessons() {
    const { sound, rested, silent, lead, overshoot } = this;
    return { sound, rested, silent, lead, overshoot };
  }

  /** What a seek will take, s. */
  get seekCost() {
    return Math.max(...this.#seeks);
  }

  /**
   * From `play()` until the film moves, s.
   *
   * @param {StartKind} kind
   */
  latency(kind) {
    return this[kind];
  }

  /** @param {number} seconds */
  seekTook(seconds) {
    this.#seeks = [...this.#seeks, clamp(seconds, 0, DEAREST_SEEK)].slice(-SEEKS);
  }

  /**
   * A start came out wrong by `error` for no other reason than its latency.
   *
   * @param {StartKind} kind
   * @param {number} error  picture less timeline, s
   */
  started(kind, error) {
    const alike = Math.abs(error) > CHANCE ? 0 : this.#starts[kind];
    this.#starts[kind] = Math.min(alike + 1, STARTS);
    this[kind] = clamp(this[kind] - error / this.#starts[kind], 0, LONGEST_START);
  }

  /**
   * At rest the frames were ahead of the element's own word.
   *
   * @param {number} seconds
   */
  framesLead(seconds) {
    this.lead = clamp(this.lead + (seconds - this.lead) / STARTS, -FARTHEST, FARTHEST);
  }

  /**
   * A nudge was taken back, and the picture went on by so much in its direction.
   *
   * @param {number} seconds
   */
  nudgeEnded(seconds) {
    this.overshoot = clamp((this.overshoot + seconds) / 2, -FARTHEST, FARTHEST);
  }
}
