// @ts-check
/** Where the viewer wishes the picture to come from: kept in this browser, and overruled by the address. */

/** @typedef {import('../../player/source-choice.js').Preference} Preference */

/** Where it is kept. */
const STORAGE_KEY = 'seans.source';

/** The wishes that there are. @type {readonly Preference[]} */
export const PREFERENCES = ['auto', 'file', 'live'];

/**
 * @param {string | null | undefined} text
 * @returns {Preference | null}
 */
const preferenceOf = (text) => PREFERENCES.find((name) => name === text) ?? null;

/**
 * Return the wish that the page begins with.
 *
 * @param {Storage | undefined} storage
 * @param {string} query  of the page's address: `?source=file` and `?source=live` hold for this visit
 * @returns {Preference}
 */
export function initialPreference(storage, query) {
  const forced = preferenceOf(new URLSearchParams(query).get('source'));
  return forced ?? preferenceOf(stored(storage)) ?? 'auto';
}

/** @param {Storage | undefined} storage */
function stored(storage) {
  // A browser may forbid site data, which throws.
  try {
    return storage?.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

/**
 * Keep the viewer's wish for later visits.
 *
 * @param {Storage | undefined} storage
 * @param {Preference} preference
 */
export function keepPreference(storage, preference) {
  try {
    storage?.setItem(STORAGE_KEY, preference);
  } catch {
    // It holds for this visit alone.
  }
}
