// @ts-check
/** What the server put into the page is taken with the moment that it was said. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageData } from '../../static/js/room/page-data.js';

/** @param {string | null} text @param {object[]} visits */
function opened(text, visits) {
  const block = text === null ? null : { textContent: text };
  Object.assign(globalThis, { document: { getElementById: () => block } });
  Object.defineProperty(globalThis, 'performance', {
    configurable: true,
    value: { getEntriesByType: () => visits },
  });
}

test('the time of the page belongs to the middle of its round trip', () => {
  opened('{"person": null, "invitation": {"now": 100}}', [{ requestStart: 400, responseStart: 600 }]);

  assert.deepEqual(pageData(), { person: null, invitation: { now: 100 }, at: 0.5 });
});

test('a page that came without data asks for it', () => {
  opened(null, [{ requestStart: 400, responseStart: 600 }]);
  assert.equal(pageData(), null);

  opened('{}', []);
  assert.equal(pageData(), null);
});
