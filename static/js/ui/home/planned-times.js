// @ts-check
/** When the films of a show begin: one after another, or a week apart. Pure. */

/** @typedef {'row' | 'weekly'} Pattern */

/** Most sessions of one show, as the server takes them. */
export const MAX_SESSIONS = 200;

const MINUTE_MS = 60_000;
const DAYS_A_WEEK = 7;

/**
 * @param {Date} start
 * @param {readonly number[]} durations  of the films, s
 * @param {{pattern: Pattern, breakMinutes: number}} how
 * @returns {Date[]} one for each film
 */
export function plannedTimes(start, durations, { pattern, breakMinutes }) {
  /** @type {Date[]} */
  const times = [];
  let begins = new Date(start);
  for (const duration of durations) {
    times.push(begins);
    if (pattern === 'weekly') {
      // By the calendar, not by hours: a week may have an hour more or less.
      const next = new Date(begins);
      next.setDate(next.getDate() + DAYS_A_WEEK);
      begins = next;
    } else {
      const ends = begins.getTime() + duration * 1000 + breakMinutes * MINUTE_MS;
      // People agree on whole minutes.
      begins = new Date(Math.ceil(ends / MINUTE_MS) * MINUTE_MS);
    }
  }
  return times;
}
