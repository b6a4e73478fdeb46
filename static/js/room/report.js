// @ts-check
/** What a page says of its picture: to the panel and to meters, and to the room. */

/** @typedef {import('../sync/controller.js').SyncState} SyncState */
/** @typedef {import('./protocol.js').ViewerState} ViewerState */

/**
 * @typedef {object} Snapshot
 * @property {SyncState} state
 * @property {number} offset  server time less client time, s
 * @property {number | null} bound  the offset is wrong by no more than this, s
 * @property {number | null} error  picture less timeline, s; negative is behind
 * @property {number} revision  of the timeline in force; 0 before the first
 * @property {'none' | 'rate' | 'seek'} method  how the picture is being brought to the timeline
 * @property {number} position  of this page's picture, s
 * @property {number} delay  how late the room's word may be: p95 of half the round trip, s
 * @property {number} latency  from `play()` until the film moves, as learned, s
 * @property {number} seekCost  what a seek is reckoned to take, s
 * @property {number} dropped  frames that were not shown in time
 * @property {number} seeks  how often the picture was brought to another place
 * @property {number} nudges  how often its rate was bent to bring it into step
 * @property {number | null} drift  by how much the server's clock runs faster than the page's
 */

/** @type {Readonly<Record<SyncState, ViewerState>>} */
const REPORTED = {
  clock: 'waiting',
  preroll: 'waiting',
  armed: 'ready',
  locked: 'playing',
  nudge: 'playing',
  stalled: 'stalled',
  paused: 'paused',
  background: 'background',
  blocked: 'blocked',
  own: 'playing',
};

/**
 * Return what the room is told.
 *
 * @param {Snapshot} snapshot
 * @param {number} buffered  how much is loaded ahead of the picture, s
 * @returns {import('./protocol.js').ReportFields}
 */
export function reportOf({ state, error, bound, revision, delay, seekCost, latency, dropped }, buffered) {
  return {
    revision,
    ...(error === null ? {} : { error }),
    ...(bound === null ? {} : { clock_error: bound }),
    delay,
    state: REPORTED[state],
    // A picture that goes its own way has loaded another place than the room's: nobody is to wait for it.
    ...(state === 'own' ? {} : { buffered }),
    seek_cost: seekCost,
    start_latency: latency,
    dropped,
  };
}
