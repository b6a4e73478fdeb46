// @ts-check
/**
 * Schedules the pings of a link: often at first and whenever the clock may be wrong, then less and less
 * often. It also detects that pings are no longer answered.
 */

import { pingInterval } from '../sync/clock.js';

/** A link whose pings are unanswered for longer is dead, s. */
const MAX_SILENCE_S = 6;

export class PingSchedule {
  #clock;
  #now;
  #send;
  #after;
  #burstAt = 0;
  #pings = 0;

  /** When the oldest unanswered ping was sent, client time, s. */
  #unanswered = Infinity;

  /**
   * @param {object} parts
   * @param {import('../sync/clock.js').ClockFilter} parts.clock
   * @param {() => number} parts.now  client time, s
   * @param {(c0: number) => void} parts.send
   * @param {(seconds: number, action: () => void) => void} parts.after  the last call replaces earlier ones
   */
  constructor({ clock, now, send, after }) {
    this.#clock = clock;
    this.#now = now;
    this.#send = send;
    this.#after = after;
  }

  /** Begin a burst of pings. */
  burst() {
    this.#burstAt = this.#now();
    this.#pings = 0;
    this.#ping();
  }

  /** Expect no answers to earlier pings: the link is new, or the page slept and could not receive them. */
  resetSilence() {
    this.#unanswered = Infinity;
  }

  /** Whether no answer has arrived for too long. */
  get silent() {
    return this.#now() - this.#unanswered > MAX_SILENCE_S;
  }

  /**
   * @param {import('./protocol.js').Pong} pong
   * @param {number} at  client time, s
   */
  answered({ c0, s1, s2 }, at) {
    this.resetSilence();
    // A sample that contradicts all others: one of the clocks was stopped or set.
    if (!this.#clock.sample(c0, s1, s2, at)) {
      this.burst();
    }
  }

  #ping() {
    const c0 = this.#now();
    this.#unanswered = Math.min(this.#unanswered, c0);
    this.#send(c0);
    this.#pings += 1;
    this.#after(pingInterval(c0 - this.#burstAt, this.#pings), () => this.#ping());
  }
}
