// @ts-check
/** What the choice of a source depends on: whether the film is on, and whether its picture lacks data. */

/** A picture in these states is waiting for data, if it should move. @type {readonly string[]} */
const WAITING = ['stalled', 'preroll'];

/**
 * @param {object} parts
 * @param {number} parts.now  client time, s
 * @param {boolean} parts.entered
 * @param {import('../sync/clock.js').ClockFilter} parts.clock
 * @param {import('../sync/timeline.js').Timelines} parts.timelines
 * @param {import('../sync/sync-state.js').SyncState | undefined} parts.state  of the picture
 * @param {import('./picture-source.js').Fault | null} parts.fault  of the film
 * @returns {import('./source-chooser.js').Situation}
 */
export function situationOf({ now, entered, clock, timelines, state, fault }) {
  const motion = timelines.motion(clock.serverTime(now));
  const moves = entered && motion !== null && motion.rate > 0 && document.visibilityState !== 'hidden';
  return {
    now,
    entered,
    countdown: motion?.countdown ?? Infinity,
    lacksData: moves && (WAITING.includes(state ?? '') || fault === 'network'),
    bitRate: lineBitRate(),
  };
}

/** How fast this viewer's line is, bit/s, where the browser tells it. */
function lineBitRate() {
  const { connection } = /** @type {{connection?: {downlink?: number}}} */ (navigator);
  return connection?.downlink === undefined ? undefined : connection.downlink * 1e6;
}
