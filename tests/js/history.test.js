import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from '../../static/js/player/history.js';

/**
 * @param {number} at
 * @param {number} offset
 * @param {number | null} bound
 * @returns {import('../../static/js/player/history.js').Sample}
 */
const sample = (at, offset, bound = 0.01) => ({
  at,
  offset,
  bound,
  error: 0,
  state: 'locked',
  method: 'none',
});

test('five minutes are kept', () => {
  const history = new History();
  for (let i = 0; i < 5000; i += 1) {
    history.add(sample(i / 4, 0));
  }

  assert.equal(history.samples.length, 1200);
  assert.equal(history.samples.at(-1)?.at, 4999 / 4);
});

test('a clock that gains is seen by the offset that grows', () => {
  const history = new History();
  for (let at = 0; at < 120; at += 0.25) {
    history.add(sample(at, 500 + 1e-4 * at));
  }

  assert.ok(Math.abs((history.drift ?? NaN) - 1e-4) < 1e-9);
});

test('the drift is not guessed from a few seconds, or from a time before the clock was known', () => {
  const history = new History();
  for (let at = 0; at < 60; at += 0.25) {
    history.add(sample(at, at < 50 ? 0 : 9, at < 50 ? null : 0.01));
  }

  assert.equal(history.drift, null);
});

test('a clock that was set in between does not count as one that gains', () => {
  const history = new History();
  for (let at = 0; at < 120; at += 0.25) {
    history.add(sample(at, at < 20 ? 0 : 3600));
  }

  assert.ok(Math.abs(history.drift ?? NaN) < 1e-9);
});
