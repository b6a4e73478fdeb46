// @ts-check
/** The data that the server put into the page, so that the first view needs no further request. */

/**
 * @typedef {object} PageData
 * @property {import('./api.js').Person | null} person
 * @property {import('./api.js').Invitation} invitation
 * @property {number} at the client time of the invitation's `now`, s, exact to half a round trip
 */

/** @returns {PageData | null} null if the page has none */
export function pageData() {
  const text = document.getElementById('page-data')?.textContent;
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  if (!text || !visit) {
    return null;
  }
  return { ...JSON.parse(text), at: (visit.requestStart + visit.responseStart) / 2000 };
}
