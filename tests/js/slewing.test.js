import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClockFilter, pingInterval } from '../../static/js/sync/clock.js';
import { seeded } from './random.js';

/** As streamer/clock.py has it: s per s, and s. */
const SLEW = 20e-6;
const JUMP = 1;

/** @param {() => number} random */
const far = (random) => 0.06 + random() * 0.08;
/** @param {() => number} random */
const near = (random) => 0.0005 + random() * 0.0005;

/** The server's clock, which owes `owed` s from a moment on and makes them up. */
const ledBack = (/** @type {number} */ owed, /** @type {number} */ from) => (/** @type {number} */ at) =>
  at + 1e9 + Math.sign(owed) * Math.min(Math.max(at - from, 0) * SLEW, Math.abs(owed));

/**
 * Keep the time through half an hour; `drift` is what the viewer's clock is wrong by, s per s.
 *
 * @param {{seed: number, server: (at: number) => number, way: typeof far, drift?: number}} about
 * @returns {{filter: ClockFilter, errors: number[], broken: number}}  errors behind the first
 *   minute, ascending, and how often one was beyond the bound; s
 */
const keep = ({ seed, server, way, drift = 0 }) => {
  const random = seeded(seed);
  const filter = new ClockFilter();
  const viewer = (/** @type {number} */ at) => at * (1 + drift) + 300;
  /** @type {number[]} */
  const errors = [];
  let broken = 0;
  for (let now = 0, count = 0; now < 1800; ) {
    const received = now + way(random);
    const answered = received + random() * 0.001;
    const arrived = answered + way(random);
    filter.sample(viewer(now), server(received), server(answered), viewer(arrived));
    const error = Math.abs(filter.serverTime(viewer(arrived)) - server(arrived));
    broken += error > filter.bound + 1e-6 ? 1 : 0;
    if (now > 60) {
      errors.push(error);
    }
    count += 1;
    now += pingInterval(now, count);
  }
  return { filter, errors: errors.sort((a, b) => a - b), broken };
};

/** @param {number[]} errors  ascending @param {number} share */
const percentile = (errors, share) => errors[Math.ceil(errors.length * share) - 1] ?? Infinity;

test('a server that is led back to wall time is followed without a contradiction', () => {
  for (const owed of [0.02, -0.02, 1, -1]) {
    for (const drift of [0, 130e-6, -130e-6]) {
      for (const [i, way] of [near, far].entries()) {
        const { filter, broken } = keep({ seed: 3 + i, server: ledBack(owed, 300), way, drift });

        assert.equal(filter.contradictions, 0, `owed ${owed}, drift ${drift}`);
        assert.equal(broken, 0, `owed ${owed}, drift ${drift}`);
      }
    }
  }
});

test('to follow it costs next to nothing on a short line', () => {
  for (const owed of [1, -1]) {
    const { errors } = keep({ seed: 5, server: ledBack(owed, 300), way: near, drift: 100e-6 });

    assert.ok(percentile(errors, 1) < 0.001, `${errors.at(-1)}`);
  }
});

test('under 200±80 ms it is followed within a few milliseconds', () => {
  for (const owed of [1, -1]) {
    /** @type {number[]} */
    const errors = [];
    for (let seed = 1; seed <= 20; seed += 1) {
      errors.push(...keep({ seed, server: ledBack(owed, 300), way: far, drift: 30e-6 }).errors);
    }
    errors.sort((a, b) => a - b);

    assert.ok(percentile(errors, 0.5) < 0.004, `p50 ${percentile(errors, 0.5)}`);
    assert.ok(percentile(errors, 0.95) < 0.009, `p95 ${percentile(errors, 0.95)}`);
  }
});

test('a server that is stepped contradicts at once, and the new time is known at once', () => {
  const random = seeded(9);
  const filter = new ClockFilter();
  const ask = (/** @type {number} */ now, /** @type {number} */ offset) => {
    const there = now + far(random);
    const back = there + far(random);
    return filter.sample(now, there + offset, there + offset, back);
  };
  for (let now = 0; now < 100; now += 1) {
    assert.equal(ask(now, 1000), true);
  }

  assert.equal(ask(100, 1000 + JUMP), false);
  assert.ok(Math.abs(filter.offset - 1000 - JUMP) <= filter.bound);
  assert.ok(filter.bound < 0.15);
});
