// @ts-check
/** Exponential backoff: how long to wait before something is tried again. */

/** Waits are spread by so much both ways, so that many pages do not come back at once. */
const JITTER = 0.3;

/**
 * Return how long to wait, s: twice as long each time, up to a bound.
 *
 * @param {object} about
 * @param {number} about.attempt  attempts that failed so far, from 0
 * @param {number} about.first  s
 * @param {number} about.most  s
 * @param {number} about.random  from 0 to 1
 */
export function backoff({ attempt, first, most, random }) {
  return Math.min(first * 2 ** Math.max(attempt, 0), most) * (1 + JITTER * (2 * random - 1));
}
