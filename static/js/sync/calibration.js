// @ts-check
/** What was measured of this device: how long a seek and a start take, and how a nudge ends. */

/** The next seek is expected to take as long as the slowest of so many: one too short is done again. */
const SEEKS_KEPT = 4;

/** What a seek is expected to take before there was one, s. */
const FIRST_SEEK_S = 0.35;

/** No seek and no start is expected to take longer than this, s. */
const MAX_SEEK_S = 1.5;
const MAX_START_S = 0.3;

/** The mean of so many starts is what the next is expected to take; older ones count less (ADR 0008). */
const STARTS_AVERAGED = 8;

/**
 * No start is off by more than this by chance alone, s. The sound device asks for data every 20 ms or
 * so, and the picture keeps to a pattern of refreshes that may be half a frame off (ADR 0008).
 */
const START_NOISE_S = 0.03;

/** Frames lead, and nudges overshoot, by no more than this, s. */
const MAX_LEAD_S = 0.02;

/** A sound device that was not used for longer sleeps, and starts faster, s (Chromium's; ADR 0005). */
const DEVICE_SLEEPS_AFTER_S = 10;

/** @typedef {'sound' | 'asleep' | 'silent'} StartKind */

/**
 * @typedef {object} DeviceFigures  What belongs to the device and is worth keeping for the next visit, s.
 * @property {number} sound  from `play()` until the film moves, with sound
 * @property {number} asleep  the same, while the sound device sleeps after a pause
 * @property {number} silent  the same, muted
 * @property {number} lead  how far frames are ahead of the element's `currentTime` on the average
 * @property {number} overshoot  how far the picture goes on after a nudge has ended
 */

/** @type {Readonly<DeviceFigures>} */
const DEFAULTS = Object.freeze({ sound: 0.07, asleep: 0.035, silent: 0.038, lead: 0.006, overshoot: 0 });

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
 * Return a figure of an earlier visit, or the default: anybody can change what a browser stores.
 *
 * @param {unknown} value
 * @param {number} fallback
 * @param {number} low
 * @param {number} high
 */
const orDefault = (value, fallback, low, high) =>
  typeof value === 'number' && low <= value && value <= high ? value : fallback;

export class Calibration {
  /** @type {number[]} what the latest seeks took, until the picture could be played on, s */
  #seeks = [FIRST_SEEK_S];

  /** How many starts each figure is the mean of. */
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
  recordSeek(seconds) {
    this.#seeks = [...this.#seeks, clamp(seconds, 0, MAX_SEEK_S)].slice(-SEEKS_KEPT);
  }

  /**
   * Take a start that was off by `error` for no other reason than its latency.
   *
   * @param {StartKind} kind
   * @param {number} error  picture less timeline, s
   */
  recordStart(kind, error) {
    // More than chance explains, so the mean begins anew (ADR 0008).
    const before = Math.abs(error) > START_NOISE_S ? 0 : this.#starts[kind];
    this.#starts[kind] = Math.min(before + 1, STARTS_AVERAGED);
    this[kind] = clamp(this[kind] - error / this.#starts[kind], 0, MAX_START_S);
  }

  /**
   * Take how far frames were ahead of `currentTime`, without a nudge.
   *
   * @param {number} seconds
   */
  recordFrameLead(seconds) {
    this.lead = clamp(this.lead + (seconds - this.lead) / STARTS_AVERAGED, -MAX_LEAD_S, MAX_LEAD_S);
  }

  /**
   * Take how far the picture went on in the direction of a nudge that had ended.
   *
   * @param {number} seconds
   */
  recordOvershoot(seconds) {
    this.overshoot = clamp((this.overshoot + seconds) / 2, -MAX_LEAD_S, MAX_LEAD_S);
  }
}
