import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportOf } from '../../static/js/room/report.js';
import { EMPTY_SNAPSHOT } from '../../static/js/sync/snapshot.js';

test('what was not measured is left out and not told as null', () => {
  const report = reportOf({ ...EMPTY_SNAPSHOT, state: 'armed' }, 12);

  assert.deepEqual(report, {
    revision: 0,
    delay: 0,
    state: 'ready',
    buffered: 12,
    seek_cost: 0,
    start_latency: 0,
    dropped: 0,
  });
});

test('a picture in step and one on its way there both play', () => {
  for (const state of /** @type {const} */ (['locked', 'nudge'])) {
    const {
      state: told,
      error,
      clock_error,
    } = reportOf({ ...EMPTY_SNAPSHOT, state, error: -0.01, bound: 0.02 }, 12);

    assert.deepEqual([told, error, clock_error], ['playing', -0.01, 0.02]);
  }
});

test('nobody waits for what a picture that goes its own way has loaded', () => {
  const report = reportOf({ ...EMPTY_SNAPSHOT, state: 'own' }, 0.5);

  assert.equal(report.state, 'playing');
  assert.ok(!('buffered' in report));
});
