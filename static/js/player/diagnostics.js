// @ts-check
/** `window.seans.sync`: a read-only snapshot for meters and the diagnostics panel. */

/** @typedef {import('../sync/snapshot.js').Snapshot} Snapshot */

/** @param {() => Snapshot} read the snapshot of this moment; nobody can change it from outside */
export function expose(read) {
  /** @type {any} */ (window).seans = Object.freeze({
    get sync() {
      return { ...read() };
    },
  });
}
