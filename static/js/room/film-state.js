// @ts-check
/** Where the film stands: in the room, and on the picture of a viewer who watches on their own. */

/**
 * @typedef {object} Film
 * @property {number} position s; below zero it begins in that many
 * @property {number} duration s
 * @property {number} rate when it runs
 * @property {boolean} paused whether it is ordered to stand, even if that is not in force yet
 * @property {boolean} begun
 * @property {boolean} over
 */

/**
 * @param {import('../sync/timeline.js').Timelines} timelines
 * @param {number} now server time, s
 * @param {number} duration s
 * @param {number} lastRate its rate before it was paused
 * @returns {Film}
 */
export function filmAt(timelines, now, duration, lastRate) {
  const timeline = timelines.inForce(now);
  const newest = timelines.newest ?? timeline;
  if (!timeline || !newest) {
    return { position: 0, duration, rate: 1, paused: true, begun: false, over: false };
  }
  const position = Math.min(timeline.position + (now - timeline.instant) * timeline.rate, duration);
  return {
    position,
    duration,
    rate: newest.rate || lastRate,
    paused: newest.rate === 0 || position >= duration,
    begun: position >= 0,
    over: position >= duration,
  };
}

/** The longest time between two updates of texts that depend on time, s. */
const MAX_TICK_S = 1;

/**
 * Return in how many seconds the view changes by time alone: the film's clock shows another second, or
 * another timeline is in force.
 *
 * @param {import('../sync/timeline.js').Timelines} timelines
 * @param {number} now server time, s
 * @param {Pick<Film, 'position' | 'rate' | 'paused'>} shown
 * @returns {number} s
 */
export function untilNextTick(timelines, now, { position, rate, paused }) {
  const second = paused ? MAX_TICK_S : (Math.floor(position) + 1 - position) / rate;
  const upcoming = timelines.upcoming(now);
  return Math.min(second, MAX_TICK_S, upcoming ? upcoming.since - now : MAX_TICK_S);
}

/**
 * Return the state of the viewer's own picture, while they watch on their own.
 * @param {{currentTime: number, playbackRate: number, paused: boolean, ended: boolean}} video
 * @param {number} duration s
 * @returns {Film}
 */
export function ownFilm({ currentTime, playbackRate, paused, ended }, duration) {
  return {
    position: Math.min(currentTime, duration),
    duration,
    rate: playbackRate,
    paused: paused || ended,
    begun: true,
    over: ended,
  };
}
