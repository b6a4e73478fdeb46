// @ts-check
/**
 * The server's clock as seen from here: an offset and a bound that it cannot lie beyond.
 *
 * A ping leaves at client time c0, is received at s1 and answered at s2 by the server's clock, and
 * is back at c1. With the offset o = server − client, s1 − c0 is o plus the way there, and c1 − s2
 * is −o plus the way back. No delay is negative, so each of the two bounds the offset from one
 * side; the smallest of each is kept on its own (NTP's clock filter takes the pair with the best
 * round trip instead, and is worse where the two ways jitter independently). Where the offset lies
 * between the two bounds is estimated from the pace at which the clocks part (drift.js).
 */

import { narrowest, paceOf, span } from './drift.js';

/**
 * How fast two clocks may part, s per s: an old sample proves that much less. 100 ppm are the
 * viewer's own, 30 the server's, and by 20 the server's clock follows wall time (ADR 0003).
 */
const AGEING_PER_S = 150e-6;

/** By how much a measured pace may be wrong: the server follows wall time both ways (ADR 0007), s per s. */
const PACE_ERROR_PER_S = 50e-6;

/** By so much a ping may be later than the fastest possible one: no pace is known better (ADR 0007), s. */
const JITTER_S = 0.01;

/** How many samples are kept: bursts, of 85 each, must not push out those of minutes ago (ADR 0007). */
const MAX_SAMPLES = 400;

/** How many pongs make the clock good enough to start by. */
const MIN_PONGS = 8;

/** A disagreement of less may come from the resolution of the clocks, s. */
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

  /** The offset certainly lies between these two, s; as of the last sample. */
  #highest = Infinity;
  #lowest = -Infinity;

  /** The pace at which the server's clock parts from the client's, s per s. */
  #pace = 0;

  #last = 0;

  /** See {@link delay}; null where it is to be found anew. @type {number | null} */
  #delay = null;

  /** Server time less client time as of the last sample, without what the viewer adds, s. */
  measured = 0;

  /** What the viewer adds to the offset, s; never beyond the bound. */
  adjustment = 0;

  /** How often a sample contradicted all that was known (a clock was stopped or set). */
  contradictions = 0;

  /**
   * Take one answered ping; all times in seconds.
   *
   * @param {number} c0  sent, client clock
   * @param {number} s1  received, server clock
   * @param {number} s2  answered, server clock
   * @param {number} c1  back, client clock
   * @returns {boolean}  false where it contradicts the samples before: these are forgotten,
   *   and the caller should ask again in a burst
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
      // One of the clocks was stopped or set: only the newest sample is of the clocks as they are.
      this.contradictions += 1;
      this.#samples = this.#samples.slice(-1);
      this.#bound();
    }
    this.#estimate();
    return agrees;
  }

  /** Find the certain bounds of the offset. */
  #bound() {
    const { there, back } = narrowest(this.#samples, this.#last, 0, AGEING_PER_S);
    this.#highest = there;
    this.#lowest = -back;
  }

  /** Estimate where between them it lies. */
  #estimate() {
    this.#pace = paceOf(this.#samples, AGEING_PER_S);
    const ageing = Math.min(AGEING_PER_S, Math.max(PACE_ERROR_PER_S, JITTER_S / span(this.#samples)));
    const { there, back } = narrowest(this.#samples, this.#last, this.#pace, ageing);
    const estimate = (there - back) / 2;
    // A pace that was taken wrongly must not lead beyond what is certain (ADR 0007). The bounds may
    // have crossed by the resolution of the clocks.
    this.measured = Math.min(Math.max(estimate, this.#lowest), Math.max(this.#highest, this.#lowest));
  }

  /** A clock was stopped or set: use what is known until the next sample, and no longer. */
  doubt() {
    this.#stale = true;
  }

  /** Forget everything. */
  reset() {
    this.#stale = false;
    this.#samples = [];
    this.#delay = null;
    this.#pace = 0;
    this.measured = 0;
  }

  /** Whether anything is known: enough to go to where the film will be. */
  get hasEstimate() {
    return this.#samples.length > 0;
  }

  /** Whether enough is known to start a film by. */
  get ready() {
    return this.#samples.length >= MIN_PONGS;
  }

  /** Server time less client time as of the last sample, s; 0 while nothing is known. */
  get offset() {
    // Whatever the viewer adds, the offset stays where the measurements leave it possible.
    const within = Math.min(Math.max(this.adjustment, -this.bound), this.bound);
    return this.hasEstimate ? this.measured + within : 0;
  }

  /** The offset is wrong by no more than this, s, as of the last sample. */
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
    return clientSeconds + this.offset + this.#pace * (clientSeconds - this.#last);
  }
}
