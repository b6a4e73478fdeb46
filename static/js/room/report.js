// @ts-check
/** The report of a page's picture to the room. */

/** @typedef {import('../sync/sync-state.js').SyncState} SyncState */
/** @typedef {import('../sync/snapshot.js').Snapshot} Snapshot */
/** @typedef {import('./protocol.js').ViewerState} ViewerState */

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
 * Return the fields of a report.
 *
 * @param {Snapshot} snapshot
 * @param {number | null} buffered  how much is loaded ahead of the picture, s; null: it is a stream
 * @returns {import('./protocol.js').ReportFields}
 */
export function reportOf({ state, error, bound, revision, delay, seekCost, latency, dropped }, buffered) {
  return {
    revision,
    ...(error === null ? {} : { error }),
    ...(bound === null ? {} : { clock_error: bound }),
    delay,
    state: REPORTED[state],
    // A viewer who watches on their own has buffered another part of the film: the room must not wait for it.
    ...(state === 'own' || buffered === null ? {} : { buffered }),
    seek_cost: seekCost,
    start_latency: latency,
    dropped,
  };
}
