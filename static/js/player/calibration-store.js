// @ts-check
/** What is kept of a device between visits: what was learned of it, and what its viewer set. */

/** Where it is kept. */
const KEY = 'seans.player';

/**
 * @typedef {object} Kept
 * @property {number} [adjustment]  what the viewer adds to the offset of their clock, s
 */

export class Memory {
  /** @param {Storage | undefined} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /** @returns {Kept & Partial<import('../sync/calibration.js').Lessons>}  whatever somebody may have put there */
  recall() {
    try {
      return JSON.parse(this.storage?.getItem(KEY) ?? '{}') ?? {};
    } catch {
      return {};
    }
  }

  /**
   * Keep it; a storage that is full or forbidden is left alone.
   *
   * @param {Kept & import('../sync/calibration.js').Lessons} kept
   */
  keep(kept) {
    try {
      this.storage?.setItem(KEY, JSON.stringify(kept));
    } catch {
      this.storage = undefined;
    }
  }
}
