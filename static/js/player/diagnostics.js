// @ts-check
/** `window.seans.sync`: a read-only snapshot for meters and the diagnostics panel. */

/** @typedef {import('../room/report.js').Snapshot} Snapshot */

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

/** @param {() => Snapshot} read the snapshot of this moment; nobody can change it from outside */
export function expose(read) {
  /** @type {any} */ (window).seans = Object.freeze({
    get sync() {
      return { ...read() };
    },
  });
}
