// @ts-check
/** Measurements of this device: the cost of a seek, the latency of a start, and how a nudge ends. */

/** A seek is expected to cost as much as the slowest of so many: too low an estimate means another seek. */
const SEEKS_KEPT = 4;

/** The expected cost of the first seek, s. */
const FIRST_SEEK_S = 0.35;

/** No seek and no start is expected to take longer than this, s. */
const MAX_SEEK_S = 1.5;
const MAX_START_S = 0.3;

/** The expected latency is a running mean of so many starts; older ones count less (ADR 0008). */
const STARTS_AVERAGED = 8;

/**
 * The largest error of a start that chance explains, s. The sound device asks for data every 20 ms or
 * so, and the picture keeps to a pattern of refreshes that may be half a frame off (ADR 0008).
 */
const START_NOISE_S = 0.03;

/** The largest lead of frames, and overshoot of nudges, s. */
const MAX_LEAD_S = 0.02;

/** A sound device that is unused for longer falls asleep, and then starts faster, s (Chromium; ADR 0005). */
const DEVICE_SLEEPS_AFTER_S = 10;

/** @typedef {'sound' | 'asleep' | 'silent'} StartKind */

/**
 * @typedef {object} DeviceFigures  Measurements of the device that are stored for the next visit, s.
 * @property {number} sound  from `play()` until the film moves, with sound
 * @property {number} asleep  the same, while the sound device sleeps after a pause
 * @property {number} silent  the same, muted
 * @property {number} lead  by how much frames are ahead of the element's `currentTime` on average
 * @property {number} overshoot  by how much the picture moves on after a nudge has ended
 */

/** @type {Readonly<DeviceFigures>} */
const DEFAULTS = Object.freeze({ sound: 0.07, asleep: 0.035, silent: 0.038, lead: 0.006, overshoot: 0 });

/**
 * Return the kind of a start.
 *
 * @param {boolean} silent
 * @param {number} idle  for how long the picture has not moved, s; Infinity: it never has
 * @returns {StartKind}
 */
export function startKind(silent, idle) {
  if (silent) {
    return 'silent';
  }
  // The first start of a page takes as long as one after a short pause (measured, ADR 0005).
  return DEVICE_SLEEPS_AFTER_S < idle && idle < Infinity ? 'asleep' : 'sound';
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * Return a stored figure, or the default if it is not valid: anybody can change what a browser stores.
 *
 * @param {unknown} value
 * @param {number} fallback
 * @param {number} low
 * @param {number} high
 */
const orDefault = (value, fallback, low, high) =>
  typeof value === 'number' && low <= value && value <= high ? value : fallback;

export class Calibration {
  /** @type {number[]} the costs of the latest seeks, until the picture could play, s */
  #seeks = [FIRST_SEEK_S];

  /** How many starts each mean has. */
  #starts = { sound: 1, asleep: 1, silent: 1 };

  /** @param {Partial<DeviceFigures>} [figures]  of an earlier visit */
  constructor(figures = {}) {
    this.sound = orDefault(figures.sound, DEFAULTS.sound, 0, MAX_START_S);
    this.asleep = orDefault(figures.asleep, DEFAULTS.asleep, 0, MAX_START_S);
    this.silent = orDefault(figures.silent, DEFAULTS.silent, 0, MAX_START_S);
    this.lead = orDefault(figures.lead, DEFAULTS.lead, -MAX_LEAD_S, MAX_LEAD_S);
    this.overshoot = orDefault(figures.overshoot, DEFAULTS.overshoot, -MAX_LEAD_S, MAX_LEAD_S);
  }

  /** @returns {DeviceFigures} */
  get figures() {
    const { sound, asleep, silent, lead, overshoot } = this;
    return { sound, asleep, silent, lead, overshoot };
  }

  /** The expected cost of a seek, s. */
  get seekCost() {
    return Math.max(...this.#seeks);
  }

  /**
   * The expected time from `play()` until the film moves, s.
   *
   * @param {StartKind} kind
   */
  latency(kind) {
    return this[kind];
  }

  /** @param {number} seconds */
  recordSeek(seconds) {
    this.#seeks = [...this.#seeks, clamp(seconds, 0, MAX_SEEK_S)].slice(-SEEKS_KEPT);
  }

  /**
   * Record a start whose `error` comes from its latency alone.
   *
   * @param {StartKind} kind
   * @param {number} error  picture less timeline, s
   */
  recordStart(kind, error) {
    // An error that chance does not explain restarts the mean (ADR 0008).
    const before = Math.abs(error) > START_NOISE_S ? 0 : this.#starts[kind];
    this.#starts[kind] = Math.min(before + 1, STARTS_AVERAGED);
    this[kind] = clamp(this[kind] - error / this.#starts[kind], 0, MAX_START_S);
  }

  /**
   * Record by how much frames were ahead of `currentTime`, without a nudge.
   *
   * @param {number} seconds
   */
  recordFrameLead(seconds) {
    this.lead = clamp(this.lead + (seconds - this.lead) / STARTS_AVERAGED, -MAX_LEAD_S, MAX_LEAD_S);
  }

  /**
   * Record by how much the picture moved on in the direction of a nudge that had ended.
   *
   * @param {number} seconds
   */
  recordOvershoot(seconds) {
    this.overshoot = clamp((this.overshoot + seconds) / 2, -MAX_LEAD_S, MAX_LEAD_S);
  }
}
