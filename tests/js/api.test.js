// @ts-check
/** What the page asks of the server in more than one step. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, renewLink } from '../../static/js/room/api.js';

/**
 * A server with these invites; returns what it is asked.
 * @param {{id: string, own: boolean}[]} items
 */
function serving(items) {
  /** @type {string[]} */
  const asked = [];
  /** @param {string} path @param {{method: string}} request */
  const fetch = async (path, { method }) => {
    asked.push(`${method} ${path}`);
    if (method === 'DELETE') {
      return new Response(null, { status: 204 });
    }
    return Response.json(path.endsWith('/invites') ? { items, next: null } : { link: '/w/new' });
  };
  Object.assign(globalThis, { fetch });
  return asked;
}

test("a show's own link is taken back for a new one", async () => {
  const asked = serving([
    { id: 'own', own: true },
    { id: 'other', own: false },
  ]);

  assert.equal(await renewLink('w'), '/w/new');
  assert.deepEqual(asked, [
    'GET /api/shows/w/invites',
    'DELETE /api/shows/w/invites/own',
    'GET /api/shows/w',
  ]);
});

test('an old link that was not found is not called a new one', async () => {
  const asked = serving([{ id: 'other', own: false }]);

  await assert.rejects(renewLink('w'), Problem);
  assert.deepEqual(asked, ['GET /api/shows/w/invites']);
});
