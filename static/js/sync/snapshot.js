// @ts-check
/** How well a picture keeps in sync at one moment, for the panel, meters and reports. */

/** @typedef {import('./sync-state.js').SyncState} SyncState */

/**
 * @typedef {object} Snapshot
 * @property {SyncState} state
 * @property {number} offset  server time less client time, s
 * @property {number | null} bound  largest possible error of the offset, s
 * @property {number | null} error  picture less timeline, s; negative is behind
 * @property {number} revision  of the timeline in force; 0 before the first
 * @property {'none' | 'rate' | 'seek'} method  how the picture is being brought to the timeline
 * @property {number} position  of this page's picture, s
 * @property {number} delay  delay of the room's messages: p95 of half the round trip, s
 * @property {number} latency  expected time from `play()` until the film moves, s
 * @property {number} seekCost  expected cost of a seek, s
 * @property {number} dropped  frames that were not shown in time
 * @property {number} seeks  how many seeks moved the picture
 * @property {number} nudges  how many nudges changed its rate
 */

/** Before there is a picture. @type {Readonly<Snapshot>} */
export const EMPTY_SNAPSHOT = Object.freeze({
  state: 'clock',
  offset: 0,
  bound: null,
  error: null,
  revision: 0,
  method: 'none',
  position: 0,
  delay: 0,
  latency: 0,
  seekCost: 0,
  dropped: 0,
  seeks: 0,
  nudges: 0,
});

/**
 * Return how well a picture keeps in sync.
 *
 * @param {object} parts
 * @param {number} parts.now  client time, s
 * @param {import('./media.js').MediaState} parts.media
 * @param {import('./clock.js').ClockFilter} parts.clock
 * @param {import('./timeline.js').Timelines} parts.timelines
 * @param {import('./follower.js').Follower | null} parts.follower  null: nothing was loaded yet
 * @param {number} parts.dropped  frames
 * @param {{seeks: number, nudges: number}} parts.history
 * @returns {Snapshot}
 */
export function snapshotOf({ now, media, clock, timelines, follower, dropped, history }) {
  const { method, figures } = follower ?? { method: 'none', figures: EMPTY_SNAPSHOT };
  const { bound } = clock;
  return {
    state: follower?.state ?? (clock.ready ? 'preroll' : 'clock'),
    offset: clock.offset,
    bound: Number.isFinite(bound) ? bound : null,
    error: follower?.error(now, media) ?? null,
    revision: timelines.inForce(clock.serverTime(now))?.revision ?? 0,
    method,
    position: media.currentTime,
    delay: clock.delay,
    latency: figures.latency,
    seekCost: figures.seekCost,
    dropped,
    seeks: history.seeks,
    nudges: history.nudges,
  };
}
