// @ts-check
/** What the page asks of the server in more than one step. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '../../static/js/room/api.js';

const { Problem, renewLink } = api;

/** @typedef {InstanceType<typeof api.Problem>} Problem */

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

test('every request has an end: one without an answer in time is called offline', async () => {
  /** @type {unknown[]} */
  const signals = [];
  Object.assign(globalThis, {
    /** @param {string} _ @param {{signal: AbortSignal}} request */
    fetch: async (_, { signal }) => {
      signals.push(signal);
      throw new DOMException('The operation timed out.', 'TimeoutError');
    },
  });

  for (const ask of [() => api.me(), () => api.show('w'), () => api.makePassport('Anna')]) {
    await assert.rejects(ask(), (/** @type {Problem} */ problem) => problem.code === 'offline');
  }
  assert.ok(signals.every((signal) => signal instanceof AbortSignal));
});

test('an answer that breaks off is called offline', async () => {
  Object.assign(globalThis, { fetch: async () => new Response('{"items": [') });

  await assert.rejects(api.comingShows(), (/** @type {Problem} */ problem) => problem.code === 'offline');
});

test('a refusal keeps its code, and when to come again', async () => {
  Object.assign(globalThis, {
    fetch: async () =>
      Response.json(
        { code: 'rate_limited', detail: 'slow' },
        { status: 429, headers: { 'Retry-After': '7' } },
      ),
  });

  await assert.rejects(api.titles({ query: 'x' }), (/** @type {Problem} */ problem) => {
    assert.deepEqual([problem.status, problem.code, problem.retryAfter], [429, 'rate_limited', 7]);
    return true;
  });
});

test('who has no passport is nobody', async () => {
  Object.assign(globalThis, { fetch: async () => Response.json({ code: 'x' }, { status: 401 }) });

  assert.equal(await api.me(), null);
});

test('lists of several pages are read to their end', async () => {
  for (const [all, path] of /** @type {const} */ ([
    [api.allTitles, '/api/titles?limit=200'],
    [api.comingShows, '/api/shows?when=coming&limit=200'],
  ])) {
    const pages = [
      { items: [{ id: 'a' }], next: 'b/c' },
      { items: [{ id: 'b' }], next: null },
    ];
    /** @type {string[]} */
    const asked = [];
    Object.assign(globalThis, {
      fetch: async (/** @type {string} */ url) => {
        asked.push(url);
        return Response.json(pages.shift());
      },
    });

    assert.deepEqual(
      (await all()).map(({ id }) => id),
      ['a', 'b'],
    );
    assert.deepEqual(asked, [path, `${path}&cursor=b%2Fc`]);
  }
});
