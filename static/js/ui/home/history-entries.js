// @ts-check
/** What the history says of each entry: how far one came, and from where one may watch on. Pure. */

/** @typedef {import('../../room/api.js').View} View */
/** @typedef {import('../../room/api.js').ListedShow} ListedShow */

/** From here on only the credits are left, as a fraction of the film. */
const SEEN = 0.95;
/** Who saw less has nothing to watch on from, s. */
const MIN_POSITION_S = 1;
/**
 * The new show begins so much earlier, s: its page has to open and to be entered, and meanwhile the
 * film runs.
 */
export const LEAD_IN_S = 10;
/** Shorter films are measured by the clock, longer ones in minutes, s. */
const SHORT_FILM_S = 600;

/** How much of the film one has seen, 0–1. @param {Pick<View, 'position' | 'duration'>} view */
export function fraction({ position, duration }) {
  return duration > 0 ? Math.min(Math.max(position / duration, 0), 1) : 0;
}

/** Whether one saw the film to its end. @param {Pick<View, 'position' | 'duration'>} view */
export function seenToTheEnd(view) {
  return fraction(view) >= SEEN;
}

/** Whether there is something left to watch. @param {Pick<View, 'position' | 'duration'>} view */
export function unfinished(view) {
  return view.duration > 0 && view.position >= MIN_POSITION_S && !seenToTheEnd(view);
}

/** Whether a length is said by the clock. @param {number} duration s */
export function isShort(duration) {
  return duration < SHORT_FILM_S;
}

/**
 * Return the time for which a show is scheduled that stands where one stopped, once one is in.
 *
 * @param {Pick<View, 'position'>} view
 * @param {Date} now
 */
export function beganAt({ position }, now) {
  return new Date(now.getTime() - Math.max(position - LEAD_IN_S, 0) * 1000);
}

/**
 * Return the past shows that the history does not tell of. While further pages of the history are
 * not known, older shows may be in them, and are left out.
 *
 * @param {ListedShow[]} past
 * @param {View[]} views  the newest first
 * @param {boolean} complete  whether these are all
 */
export function unwatched(past, views, complete) {
  const watched = new Set(views.map(({ show_id }) => show_id));
  const oldest = complete ? -Infinity : Date.parse(views.at(-1)?.updated_at ?? '');
  return past.filter(({ id, movie_time = '' }) => !watched.has(id) && Date.parse(movie_time) >= oldest);
}
