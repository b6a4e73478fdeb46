// @ts-check
/** How well a picture keeps in sync at one moment, for the panel, meters and reports. */

/** @typedef {import('./sync-state.js').SyncState} SyncState */

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
  drift: null,
});
