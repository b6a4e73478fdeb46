// @ts-check
/** The data that the server put into the page, so that the first view needs no further request. */

/**
 * @typedef {object} PageData
 * @property {import('./api.js').Person | null} person
 * @property {import('./api.js').Invitation} invitation
 * @property {number} at the client time of the invitation's `now`, s, exact to half a round trip
 */

/**
 * @typedef {object} HomeData
 * @property {boolean} owner whether this is the owner's address, opened by somebody without a name
 * @property {'everyone' | 'users' | 'owner'} hosts who may host
 * @property {boolean} library whether somebody without a name sees the films
 */

function pageText() {
  return document.getElementById('page-data')?.textContent;
}

/** @returns {HomeData} */
export function homeData() {
  return JSON.parse(pageText() || '{"owner":false,"hosts":"everyone","library":true}');
}

/** @returns {PageData | null} null if the page has none */
export function pageData() {
  const text = pageText();
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  if (!text || !visit) {
    return null;
  }
  return { ...JSON.parse(text), at: (visit.requestStart + visit.responseStart) / 2000 };
}
