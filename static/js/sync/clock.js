// @ts-check
/**
 * The page's estimate of the server's clock: an offset, and a bound of its error.
 *
 * A ping is sent at client time c0, received at server time s1, answered at s2, and the answer
 * arrives at c1. With the offset o = server − client, s1 − c0 is o plus the delay to the server, and
 * c1 − s2 is −o plus the delay back. Delays are not negative, so each of the two bounds the offset
 * from one side. The filter keeps the smallest of each separately. (NTP's clock filter takes the pair
 * with the shortest round trip instead, which is worse if the two delays vary independently.) The
 * drift between the clocks (drift.js) tells where between the bounds the offset lies.
 */

import { estimateDrift, smallestDifferences, span } from './drift.js';

/**
 * How fast two clocks may drift apart, s per s; a sample's bounds are widened by this. 100 ppm are for
 * the viewer's clock, 30 for the server's quartz, and 20 for how fast it follows wall time (ADR 0003).
 */
const AGEING_PER_S = 150e-6;

/** By how much an estimated drift may be wrong: the server's slew may change (ADR 0007), s per s. */
const DRIFT_ERROR_PER_S = 50e-6;

/** By how much the fastest pings may differ: the drift is not known better than this (ADR 0007), s. */
const JITTER_S = 0.01;

/** How many samples are kept: bursts of 85 must not push out the samples of earlier minutes (ADR 0007). */
const MAX_SAMPLES = 400;

/** How many pongs make the clock good enough to start by. */
const MIN_PONGS = 8;

/** Bounds may contradict each other by this because of the clocks' resolution, s. */
const CLOCK_GRAIN_S = 0.001;

/**
 * Return how long to wait before the next ping, s (why: ADR 0007).
 *
 * @param {number} age  time since the burst began, s
 * @param {number} count  pings sent since then
 */
export function pingInterval(age, count) {
  if (count < MIN_PONGS) {
    return 0.05;
  }
  if (age < 8) {
    return 0.1;
  }
  if (age < 20) {
    return 1;
  }
  return age < 120 ? 2 : 5;
}

export class ClockFilter {
  /** @type {(import('./drift.js').Ping & {half: number})[]} */
  #samples = [];

  /** Whether the next sample replaces all others. */
  #stale = false;

  /** Certain bounds of the offset at the last sample, s. */
  #highest = Infinity;
  #lowest = -Infinity;

  /** By how much the server's clock is faster than the client's, s per s. */
  #drift = 0;

  #last = 0;

  /** Cached {@link delay}; null: to be computed. @type {number | null} */
  #delay = null;

  /** Server time less client time as of the last sample, without what the viewer adds, s. */
  measured = 0;

  /** What the viewer adds to the offset, s; never beyond the bound. */
  adjustment = 0;

  /** How often a sample contradicted all earlier ones (a clock was stopped or set). */
  contradictions = 0;

  /**
   * Take one answered ping; all times in seconds.
   *
   * @param {number} c0  sent, client clock
   * @param {number} s1  received, server clock
   * @param {number} s2  answered, server clock
   * @param {number} c1  back, client clock
   * @returns {boolean}  false: it contradicts the earlier samples; these are discarded, and the
   *   caller should send a burst
   */
  sample(c0, s1, s2, c1) {
    if (this.#stale) {
      this.reset();
    }
    // The two clocks may be of different resolution, so the difference may be below zero.
    const half = Math.max(c1 - c0 - (s2 - s1), 0) / 2;
    this.#samples.push({ sent: c0, there: s1 - c0, came: c1, back: c1 - s2, half });
    if (this.#samples.length > MAX_SAMPLES) {
      this.#samples.shift();
    }
    this.#last = c1;
    this.#delay = null;
    this.#bound();
    const agrees = this.#highest - this.#lowest >= -CLOCK_GRAIN_S;
    if (!agrees) {
      // One of the clocks was stopped or set: only the newest sample is still valid.
      this.contradictions += 1;
      this.#samples = this.#samples.slice(-1);
      this.#bound();
    }
    this.#estimate();
    return agrees;
  }

  /** Compute the certain bounds of the offset. */
  #bound() {
    const { there, back } = smallestDifferences(this.#samples, this.#last, 0, AGEING_PER_S);
    this.#highest = there;
    this.#lowest = -back;
  }

  /** Estimate where between the bounds the offset lies. */
  #estimate() {
    this.#drift = estimateDrift(this.#samples, AGEING_PER_S);
    const ageing = Math.min(AGEING_PER_S, Math.max(DRIFT_ERROR_PER_S, JITTER_S / span(this.#samples)));
    const { there, back } = smallestDifferences(this.#samples, this.#last, this.#drift, ageing);
    const estimate = (there - back) / 2;
    // A wrong drift must not move the offset beyond the certain bounds (ADR 0007). These may have
    // crossed by the clocks' resolution.
    this.measured = Math.min(Math.max(estimate, this.#lowest), Math.max(this.#highest, this.#lowest));
  }

  /** A clock was stopped or set: discard all samples when the next one arrives. */
  doubt() {
    this.#stale = true;
  }

  /** Forget everything. */
  reset() {
    this.#stale = false;
    this.#samples = [];
    this.#delay = null;
    this.#drift = 0;
    this.measured = 0;
  }

  /** Whether there is a sample: that is enough to seek to where the film will be. */
  get hasEstimate() {
    return this.#samples.length > 0;
  }

  /** Whether there are enough samples to start a film. */
  get ready() {
    return this.#samples.length >= MIN_PONGS;
  }

  /** Server time less client time at the last sample, s; 0 without samples. */
  get offset() {
    // The viewer's adjustment must not move the offset beyond the bound.
    const within = Math.min(Math.max(this.adjustment, -this.bound), this.bound);
    return this.hasEstimate ? this.measured + within : 0;
  }

  /** The largest possible error of the offset at the last sample, s. */
  get bound() {
    const farther = Math.max(this.#highest - this.measured, this.measured - this.#lowest);
    return this.hasEstimate ? Math.max(farther, 0) : Infinity;
  }

  /** The 95th percentile of half the round trip, s: how late messages of the room may be. */
  get delay() {
    if (this.#delay === null) {
      const halves = this.#samples.map((s) => s.half).sort((a, b) => a - b);
      this.#delay = halves[Math.ceil(halves.length * 0.95) - 1] ?? 0;
    }
    return this.#delay;
  }

  /**
   * Return the server's time at a moment of the client's clock, Unix s.
   *
   * @param {number} clientSeconds
   */
  serverTime(clientSeconds) {
    return clientSeconds + this.offset + this.#drift * (clientSeconds - this.#last);
  }
}
