// @ts-check
/** Keeps the calibration of a device, and what its viewer set, between visits. */

/** Where it is kept. */
const STORAGE_KEY = 'seans.player';

/**
 * @typedef {object} Stored
 * @property {number} [adjustment]  what the viewer adds to the offset of their clock, s
 */

export class CalibrationStore {
  /** @param {Storage | undefined} storage */
  constructor(storage) {
    this.storage = storage;
  }

  /** @returns {Stored & Partial<import('../sync/calibration.js').DeviceFigures>}  as it stands, unchecked */
  load() {
    // A browser may forbid site data, which throws, and the text may be anything.
    try {
      return JSON.parse(this.storage?.getItem(STORAGE_KEY) ?? '{}') ?? {};
    } catch {
      return {};
    }
  }

  /**
   * Save it; a storage that is full or forbidden throws, and is not used again.
   *
   * @param {Stored & import('../sync/calibration.js').DeviceFigures} record
   */
  save(record) {
    try {
      this.storage?.setItem(STORAGE_KEY, JSON.stringify(record));
    } catch {
      this.storage = undefined;
    }
  }
}
