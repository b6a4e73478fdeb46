// @ts-check
/** What meters, the panel and reports read of a page's picture. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockFilter } from '../../static/js/sync/clock.js';
import { snapshotOf } from '../../static/js/sync/snapshot.js';
import { Timelines } from '../../static/js/sync/timeline.js';

const HISTORY = { seeks: 1, nudges: 2 };

/** @param {object} [more] */
function parts(more = {}) {
  return {
    now: 10,
    media: /** @type {any} */ ({ currentTime: 12.5 }),
    clock: new ClockFilter(),
    timelines: new Timelines(),
    follower: null,
    dropped: 3,
    history: HISTORY,
    ...more,
  };
}

test('before anything is known a snapshot promises nothing', () => {
  const snapshot = snapshotOf(parts());

  assert.deepEqual(
    [snapshot.state, snapshot.bound, snapshot.error, snapshot.revision, snapshot.method],
    ['clock', null, null, 0, 'none'],
  );
  assert.deepEqual([snapshot.position, snapshot.dropped, snapshot.seeks], [12.5, 3, 1]);
});

test("a snapshot holds its follower's state, error and figures", () => {
  const follower = /** @type {any} */ ({
    state: 'nudge',
    method: 'rate',
    error: () => 0.02,
    figures: { latency: 0.05, seekCost: 0.4 },
  });

  const snapshot = snapshotOf(parts({ follower }));

  assert.deepEqual([snapshot.state, snapshot.method, snapshot.error], ['nudge', 'rate', 0.02]);
  assert.deepEqual([snapshot.latency, snapshot.seekCost], [0.05, 0.4]);
});

test('a clock that is known and a timeline in force are told', () => {
  const clock = /** @type {any} */ ({
    ready: true,
    bound: 0.01,
    offset: 100,
    delay: 0.1,
    serverTime: (/** @type {number} */ now) => now + 100,
  });
  const timelines = /** @type {any} */ ({
    inForce: (/** @type {number} */ now) => ({ revision: now === 110 ? 4 : 0 }),
  });

  const snapshot = snapshotOf(parts({ clock, timelines }));

  assert.deepEqual([snapshot.state, snapshot.bound, snapshot.revision], ['preroll', 0.01, 4]);
});
