// @ts-check
/**
 * The server's clock as seen from here: an offset and a bound that it cannot lie beyond.
 *
 * A ping leaves at client time c0, is received at s1 and answered at s2 by the server's clock, and
 * is back at c1. With the offset o = server − client, s1 − c0 is o plus the way there, and c1 − s2
 * is −o plus the way back. Neither way takes less than nothing, so each of the two bounds the
 * offset from one side; the smallest of each is kept on its own (NTP's clock filter takes the pair
 * with the best round trip instead, and loses where the two ways jitter independently).
 */

/**
 * How fast two clocks may part, s per s: an old sample proves that much less. 100 ppm are the
 * viewer's own, 30 the server's, and 20 are what the server is led back to wall time by.
 */
const AGEING = 150e-6;

/** How many samples are remembered. */
const WINDOW = 200;

/** How many pongs make the clock good enough to start by. */
const ENOUGH = 8;

/** Disagreement that is put down to the clocks' own grain, s. */
const GRAIN = 0.001;

/**
 * Return how long to wait before the next ping, s.
 *
 * @param {number} age  time since the burst began, s
 * @param {number} count  pings sent since then
 */
export function pingInterval(age, count) {
  if (count < ENOUGH) {
    return 0.05;
  }
  if (age < 3) {
    return 0.1;
  }
  return age < 20 ? 1 : 5;
}

export class ClockFilter {
  /** @type {{there: number, back: number, half: number}[]} the two ways with their ageing taken off */
  #samples = [];

  /** Whether the next sample is to be believed against all that were before. */
  #doubted = false;

  #there = Infinity;
  #back = Infinity;
  #last = 0;

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
   * @returns {boolean}  false where it contradicts what was known: everything older is forgotten,
   *   and the caller should ask again in a burst
   */
  sample(c0, s1, s2, c1) {
    if (this.#doubted) {
      this.reset();
    }
    const sample = {
      there: s1 - c0 - c0 * AGEING,
      back: c1 - s2 - c1 * AGEING,
      half: Math.max(c1 - c0 - (s2 - s1), 0) / 2,
    };
    const there = Math.min(this.#there, sample.there);
    const back = Math.min(this.#back, sample.back);
    const agrees = there + back + 2 * c1 * AGEING >= -GRAIN;
    if (!agrees) {
      this.contradictions += 1;
      this.reset();
    }
    this.#samples.push(sample);
    if (this.#samples.length > WINDOW) {
      this.#samples.shift();
    }
    this.#there = Math.min(...this.#samples.map((s) => s.there));
    this.#back = Math.min(...this.#samples.map((s) => s.back));
    this.#last = c1;
    return agrees;
  }

  /** A clock was stopped or set: what is known serves until the next sample, and no longer. */
  doubt() {
    this.#doubted = true;
  }

  /** Forget everything. */
  reset() {
    this.#doubted = false;
    this.#samples = [];
    this.#there = Infinity;
    this.#back = Infinity;
  }

  /** Whether anything is known: enough to go to where the film will be. */
  get known() {
    return this.#samples.length > 0;
  }

  /** Whether enough is known to start a film by. */
  get ready() {
    return this.#samples.length >= ENOUGH;
  }

  /** Server time less client time, s; 0 while nothing is known. */
  get offset() {
    const within = Math.min(Math.max(this.adjustment, -this.bound), this.bound);
    return this.known ? this.measured + within : 0;
  }

  /** The same without what the viewer adds. */
  get measured() {
    return this.known ? (this.#there - this.#back) / 2 : 0;
  }

  /** The offset is wrong by no more than this, s, as of the last sample. */
  get bound() {
    const half = (this.#there + this.#back) / 2 + this.#last * AGEING;
    return this.#samples.length > 0 ? Math.max(half, 0) : Infinity;
  }

  /** The 95th percentile of half the round trip, s: how late the room's word may be. */
  get delay() {
    const halves = this.#samples.map((s) => s.half).sort((a, b) => a - b);
    return halves[Math.ceil(halves.length * 0.95) - 1] ?? 0;
  }

  /**
   * Return the server's time at a moment of the client's clock, Unix s.
   *
   * @param {number} clientSeconds
   */
  serverTime(clientSeconds) {
    return clientSeconds + this.offset;
  }
}
