// @ts-check
/** Reconnecting (backoff): whether to reconnect after a link ended, and after how long. */

import { backoff } from '../sync/backoff.js';

/** The waits before the first connections, s. */
const FIRST_DELAYS_S = [0.25, 0.5, 1];

/** After these, how often to ask whether the server answers (ADR 0006), s. */
const PROBE_EVERY_S = 0.6;

/**
 * After this many, which takes more than a minute, the waits grow. If a server is
 * away for hours, all its pages would otherwise send hundreds of requests a second to its proxy.
 */
const STEADY_PROBES = 120;

/** The longest wait between attempts, before jitter (sync/backoff.js), s. */
const MAX_DELAY_S = 15;

/** When a server stops, its viewers reconnect at random times within this, not all at once, s. */
const RESTART_SPREAD_S = 2;

/** The first wait of a hidden page, which nobody looks at, s. */
const HIDDEN_DELAY_S = 5;

/** The wait after this page has flooded the room, s. */
const FLOOD_DELAY_S = 10;

/**
 * Close codes after which reconnecting is useless, each with the key of the page's text for it.
 *
 * @type {Readonly<Record<number, string>>}
 */
const FINAL_CODES = Object.freeze({
  4400: 'protocol',
  4401: 'passport',
  4403: 'removed',
  // Too many links of one person: by reconnecting, this one would close another.
  4409: 'elsewhere',
  4410: 'deleted',
});

/**
 * Codes after which to reconnect, each with the page's name for the cause.
 *
 * @type {Readonly<Record<number, string>>}
 */
const PASSING_CODES = Object.freeze({
  1001: 'server_stops',
  4408: 'too_slow',
});

/**
 * Return why a link is lost for now, if that is known.
 *
 * @param {number} code  as that of `finalReason`
 */
export function passingReason(code) {
  return PASSING_CODES[code];
}

/**
 * Return why a link is closed for good; null if it should reconnect.
 *
 * @param {number} code  of the `goodbye` or `removed`, else of the close frame (RFC 6455, section 7.4)
 */
export function finalReason(code) {
  return FINAL_CODES[code] ?? null;
}

/**
 * Return how long to wait before reconnecting, s.
 *
 * @param {object} about
 * @param {number} about.code  why the link was closed
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
 * Whether to check first that the server answers. After many failed sockets, browsers delay the next
 * ones of a page, finally for seconds, but they do not delay a plain request (ADR 0006).
 *
 * @param {number} attempt  attempts since the last link that worked, from 0
 */
export function probesFirst(attempt) {
  return attempt >= FIRST_DELAYS_S.length;
}
