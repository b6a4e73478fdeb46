// @ts-check
/** Marks of friends in the room: what the server is asked, and what stays when it refuses. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '../../static/js/room/api.js';
import { FriendMarks } from '../../static/js/room/friend-marks.js';

/**
 * A server with these bookmarks; returns what it is asked.
 *
 * @param {{id: string, target_id: string, target_type: string}[]} items
 * @param {{refuse?: (method: string) => Response | undefined}} [options]
 */
function serving(items, { refuse = () => undefined } = {}) {
  /** @type {string[]} */
  const asked = [];
  /** @param {string} path @param {{method: string, body?: string}} request */
  const fetch = async (path, { method, body }) => {
    asked.push(`${method} ${path.split('?')[0]}`);
    const refusal = refuse(method);
    if (refusal) {
      return refusal;
    }
    if (method === 'DELETE') {
      return new Response(null, { status: 204 });
    }
    if (method === 'POST') {
      return Response.json({ id: 'new', ...JSON.parse(body ?? '{}') }, { status: 201 });
    }
    return Response.json({ items, next: null });
  };
  Object.assign(globalThis, { fetch });
  return asked;
}

const BORIS = { id: 'b1', target_id: 'boris', target_type: 'user' };
/** @param {string} code @param {number} status */
const problem = (code, status) => Response.json({ code }, { status });

test('people are friends, films are not, and the server is asked once', async () => {
  const asked = serving([BORIS, { id: 'b2', target_id: 'film', target_type: 'movie' }]);
  const marks = new FriendMarks();

  await marks.load();
  await marks.load();

  assert.deepEqual([marks.has('boris'), marks.has('film'), marks.has('vera')], [true, false, false]);
  assert.deepEqual(asked, ['GET /api/bookmarks']);
});

test('who is added can be removed again by the bookmark that was made', async () => {
  const asked = serving([]);
  const marks = new FriendMarks();
  let changes = 0;
  marks.addEventListener('change', () => (changes += 1));

  await marks.toggle('vera');
  assert.equal(marks.has('vera'), true);
  await marks.toggle('vera');

  assert.equal(marks.has('vera'), false);
  assert.equal(changes, 2);
  assert.deepEqual(asked, ['POST /api/bookmarks', 'DELETE /api/bookmarks/new']);
});

test('two clicks in a row are one', async () => {
  const asked = serving([]);
  const marks = new FriendMarks();

  await Promise.all([marks.toggle('vera'), marks.toggle('vera')]);

  assert.equal(marks.has('vera'), true);
  assert.deepEqual(asked, ['POST /api/bookmarks']);
});

test('what the server refuses changes nothing, and can be tried again', async () => {
  let refuses = true;
  serving([BORIS], {
    refuse: (method) => (refuses && method === 'DELETE' ? problem('rate_limited', 429) : undefined),
  });
  const marks = new FriendMarks();
  await marks.load();

  await assert.rejects(marks.toggle('boris'), Problem);
  assert.equal(marks.has('boris'), true);
  refuses = false;
  await marks.toggle('boris');

  assert.equal(marks.has('boris'), false);
});

test('a bookmark that was deleted elsewhere is gone', async () => {
  serving([BORIS], {
    refuse: (method) => (method === 'DELETE' ? problem('unknown_bookmark', 404) : undefined),
  });
  const marks = new FriendMarks();
  await marks.load();

  await marks.toggle('boris');

  assert.equal(marks.has('boris'), false);
});

test('where the bookmarks could not be had they are asked for again', async () => {
  const marks = new FriendMarks();
  serving([BORIS], { refuse: () => problem('store_unavailable', 503) });
  await assert.rejects(marks.load(), Problem);

  serving([BORIS]);
  await marks.load();

  assert.equal(marks.has('boris'), true);
});
