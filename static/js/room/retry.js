// @ts-check
/** Reconnecting (backoff): whether to come back after a link ended, and after how long. */

import { backoff } from '../sync/backoff.js';

/** The waits before the first sockets, s. */
const FIRST_DELAYS_S = [0.25, 0.5, 1];

/** From then on the server is asked this often whether it answers (ADR 0006), s. */
const PROBE_EVERY_S = 0.6;

/**
 * After so many, which is more than a minute, it is asked ever less often: all pages of a server that is
 * gone for hours would make hundreds of requests a second at its proxy.
 */
const STEADY_PROBES = 120;

/** The longest wait between attempts, s, before it is spread (sync/backoff.js). */
const MAX_DELAY_S = 15;

/** When a server stops, all its viewers would come back at once: they are spread over this, s. */
const RESTART_SPREAD_S = 2;

/** The first wait of a hidden page, s: nobody looks at it. */
const HIDDEN_DELAY_S = 5;

/** The wait after this page has flooded the room, s. */
const FLOOD_DELAY_S = 10;

/**
 * Close codes after which there is no use in coming back, each with the key of the page's words for it.
 *
 * @type {Readonly<Record<number, string>>}
 */
const FINAL_CLOSE_CODES = Object.freeze({
  4400: 'protocol',
  4401: 'passport',
  4403: 'removed',
  // Too many links of one person: by coming back this one would push out the next.
  4409: 'elsewhere',
  4410: 'deleted',
});

/** Reasons of a `goodbye` after which there is nothing to come back to. */
const FINAL_REASONS = ['deleted'];

/**
 * Return why a link is over for good; null where coming back makes sense.
 *
 * @param {number} code  of the close frame (RFC 6455, section 7.4)
 * @param {string | null} reason  of the `goodbye` or `removed` before it
 */
export function finalReason(code, reason) {
  if (reason !== null && FINAL_REASONS.includes(reason)) {
    return reason;
  }
  return FINAL_CLOSE_CODES[code] ?? null;
}

/**
 * Return how long to wait before coming back, s.
 *
 * @param {object} about
 * @param {number} about.code  how the link was closed
 * @param {number} about.attempt  attempts since the last link that worked, from 0
 * @param {boolean} about.visible
 * @param {number} about.random  from 0 to 1
 */
export function retryDelay({ code, attempt, visible, random }) {
  if (code === 4429) {
    return FLOOD_DELAY_S;
  }
  if (code === 1001 && attempt === 0) {
    return random * RESTART_SPREAD_S;
  }
  const wait = FIRST_DELAYS_S[attempt];
  if (wait !== undefined) {
    return wait;
  }
  return backoff({
    attempt: attempt - STEADY_PROBES,
    first: visible ? PROBE_EVERY_S : HIDDEN_DELAY_S,
    most: MAX_DELAY_S,
    random,
  });
}

/**
 * Whether to ask first whether the server answers: where many sockets have failed, browsers hold the
 * next ones of a page back, for seconds in the end, but not a plain request (ADR 0006).
 *
 * @param {number} attempt  attempts since the last link that worked, from 0
 */
export function probesFirst(attempt) {
  return attempt >= FIRST_DELAYS_S.length;
}
