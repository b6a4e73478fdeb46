import assert from 'node:assert/strict';
import { test } from 'node:test';

import { StartCheck } from '../../static/js/sync/start-check.js';

/**
 * Look every so often at an element that is off by `elementError(now)`; return when which error was told.
 *
 * @param {(now: number) => number} elementError
 */
const watched = (elementError, { every = 0.04, from = 0 } = {}) => {
  const check = new StartCheck(0);
  for (let now = from; now < 2; now += every) {
    check.add(elementError(now), now);
    const { error } = check;
    if (error !== null) {
      return { now, error };
    }
  }
  return null;
};

/** @type {(...about: Parameters<typeof watched>) => {now: number, error: number}} */
const seen = (...about) => watched(...about) ?? { now: NaN, error: NaN };

test('three looks that agree tell the error of a start', () => {
  const { now, error } = seen((at) => 0.012 + (at % 0.08) / 100);

  assert.ok(now < 0.1, `${now}`);
  assert.ok(Math.abs(error - 0.012) < 0.001, `${error}`);
});

test('as long as the film does not move nothing is told', () => {
  const { now, error } = seen((at) => Math.max(0.065 - at, -0.02), { every: 0.015 });

  assert.ok(now > 0.085, `${now}`);
  assert.ok(Math.abs(error + 0.02) < 1e-9, `${error}`);
});

test('looks that come too close together are one', () => {
  const { now } = seen(() => 0.01, { every: 0.002 });

  assert.ok(now >= 0.024 - 1e-9, `${now}`);
});

test('of an element that tells its position in steps nothing is told', () => {
  assert.equal(
    watched((at) => -(at % 0.035)),
    null,
  );
});

test('later the frames know better', () => {
  assert.equal(
    watched(() => 0.01, { from: 0.7 }),
    null,
  );
});
