// @ts-check
/** What the server put into the page, so that the first picture waits for no further answer. */

/**
 * @typedef {object} PageData
 * @property {import('./api.js').Person | null} person
 * @property {import('./api.js').Invitation} invitation
 * @property {number} at the client time that the invitation's `now` belongs to, s: to half a round trip
 */

/** @returns {PageData | null} null where the page came without */
export function pageData() {
  const text = document.getElementById('page-data')?.textContent;
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  if (!text || !visit) {
    return null;
  }
  return { ...JSON.parse(text), at: (visit.requestStart + visit.responseStart) / 2000 };
}
