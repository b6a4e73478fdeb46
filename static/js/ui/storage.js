// @ts-check
/** What is kept on this device between visits, where the browser lets a page keep anything. */

/**
 * The browser's storage; undefined where site data is blocked: then already its mention throws.
 *
 * @returns {Storage | undefined}
 */
export function deviceStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    return undefined;
  }
}

/** @param {string} key @returns {string | null} */
export function recall(key) {
  try {
    return deviceStorage()?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

/**
 * Keep a choice for the next visit; a storage that is full or forbidden keeps it for this one alone.
 *
 * @param {string} key
 * @param {string | null} value  null: forget it
 */
export function keep(key, value) {
  try {
    if (value === null) {
      deviceStorage()?.removeItem(key);
    } else {
      deviceStorage()?.setItem(key, value);
    }
  } catch {
    // The choice holds for this visit: there is nothing more to do about it.
  }
}
