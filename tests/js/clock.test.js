import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClockFilter, pingInterval } from '../../static/js/sync/clock.js';
import { seeded } from './random.js';

/** @typedef {(random: () => number) => number} Way  how long a message takes, s */

/**
 * Ping through a simulated line by the page's own schedule.
 *
 * @param {{seed: number, seconds: number, offset?: number, drift?: number, there: Way, back: Way, lost?: number}} about
 * @returns {{filter: ClockFilter, worst: number, broken: number, final: number}}  worst error
 *   after the first burst, how often the true offset lay outside of the bound, the last error; s
 */
const simulate = ({ seed, seconds, offset = 1e9, drift = 0, there, back, lost = 0 }) => {
  const random = seeded(seed);
  const filter = new ClockFilter();
  const server = (/** @type {number} */ client) => client * (1 + drift) + offset;
  let now = 1000;
  let count = 0;
  let worst = 0;
  let broken = 0;
  let final = Infinity;
  const start = now;
  while (now - start < seconds) {
    const received = now + there(random);
    const answered = received + random() * 0.001;
    const arrived = answered + back(random);
    if (random() >= lost) {
      filter.sample(now, server(received), server(answered), arrived);
      final = Math.abs(filter.serverTime(arrived) - server(arrived));
      broken += final > filter.bound + 1e-6 ? 1 : 0;
      worst = filter.ready ? Math.max(worst, final) : worst;
    }
    count += 1;
    now += pingInterval(now - start, count);
  }
  return { filter, worst, broken, final };
};

/** @type {Way} */
const jittery = (random) => 0.06 + random() * 0.08;

test('no pong, no clock', () => {
  const filter = new ClockFilter();

  assert.equal(filter.ready, false);
  assert.equal(filter.bound, Infinity);
  assert.equal(filter.delay, 0);
});

test('eight pongs make it ready', () => {
  const filter = new ClockFilter();
  for (let i = 0; i < 8; i += 1) {
    assert.equal(filter.ready, false);
    filter.sample(i, i + 100.01, i + 100.01, i + 0.02);
  }

  assert.equal(filter.ready, true);
  assert.ok(Math.abs(filter.serverTime(50) - 150) < 1e-3);
});

test('the offset is exact where the two ways are alike, and the bound is half a round trip', () => {
  const filter = new ClockFilter();
  filter.sample(10, 1010.1, 1010.1, 10.2);

  assert.ok(Math.abs(filter.offset - 1000) < 1e-4);
  assert.ok(Math.abs(filter.bound - 0.1) < 1e-4);
  assert.ok(Math.abs(filter.delay - 0.1) < 1e-9);
});

test('the delay follows the pongs', () => {
  const filter = new ClockFilter();
  filter.sample(10, 1010.1, 1010.1, 10.2);
  assert.ok(Math.abs(filter.delay - 0.1) < 1e-9);
  filter.sample(11, 1011.2, 1011.2, 11.4);
  assert.ok(Math.abs(filter.delay - 0.2) < 1e-9);
  filter.reset();
  assert.equal(filter.delay, 0);
});

test('each way is bounded by its own best sample', () => {
  const filter = new ClockFilter();
  filter.sample(10, 1010.01, 1010.01, 10.31);
  filter.sample(11, 1011.3, 1011.3, 11.31);

  assert.ok(Math.abs(filter.offset - 1000) < 1e-3, `${filter.offset}`);
  assert.ok(filter.bound < 0.011);
});

test('under 200±80 ms the error after a minute is a few milliseconds', () => {
  const errors = [];
  for (let seed = 1; seed <= 60; seed += 1) {
    errors.push(simulate({ seed, seconds: 60, there: jittery, back: jittery }).final);
  }
  errors.sort((a, b) => a - b);

  assert.ok(errors[30] < 0.003, `p50 ${errors[30]}`);
  assert.ok(errors[56] < 0.008, `p95 ${errors[56]}`);
});

test('the burst alone is enough to start by', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const { worst } = simulate({ seed, seconds: 4, there: jittery, back: jittery });

    assert.ok(worst < 0.04, `seed ${seed}: ${worst}`);
  }
});

test('the true offset never lies outside of the bound, whatever the line does', () => {
  /** @type {{there: Way, back: Way}[]} */
  const ways = [
    { there: (r) => 0.001 + r() * 0.3, back: (r) => 0.001 + r() * 0.02 },
    { there: () => 0, back: () => 0.5 },
    { there: (r) => (r() < 0.1 ? 2 : 0.05), back: (r) => -Math.log(1 - r()) * 0.1 },
  ];
  for (const [i, way] of ways.entries()) {
    for (const drift of [0, 100e-6, -100e-6]) {
      const { broken, filter } = simulate({ seed: i + 1, seconds: 1200, drift, lost: 0.2, ...way });

      assert.equal(broken, 0, `way ${i}, drift ${drift}`);
      assert.equal(filter.contradictions, 0);
    }
  }
});

test('a clock that runs 100 ppm wrong is followed', () => {
  for (const drift of [100e-6, -100e-6]) {
    const { final } = simulate({ seed: 7, seconds: 3600, drift, there: () => 0.001, back: () => 0.001 });

    assert.ok(final < 0.002, `${final}`);
  }
});

test('after some minutes under 200±80 ms the pace of the clock makes no difference', () => {
  for (const drift of [0, 20e-6, -100e-6, 150e-6]) {
    const errors = [];
    for (let seed = 1; seed <= 40; seed += 1) {
      errors.push(simulate({ seed, seconds: 600, drift, there: jittery, back: jittery }).final);
    }
    errors.sort((a, b) => a - b);

    assert.ok(errors[20] < 0.0025, `drift ${drift}: p50 ${errors[20]}`);
    assert.ok(errors[37] < 0.006, `drift ${drift}: p95 ${errors[37]}`);
  }
});

test('while no pong comes the time goes on at the pace that was measured', () => {
  const { filter } = simulate({
    seed: 3,
    seconds: 600,
    drift: 100e-6,
    there: () => 0.001,
    back: () => 0.001,
  });
  const later = 1000 + 600 + 120;

  assert.ok(Math.abs(filter.serverTime(later) - later * (1 + 100e-6) - 1e9) < 0.001);
});

test('a clock that was stopped contradicts, and everything older is forgotten', () => {
  const filter = new ClockFilter();
  /** @param {number} now @param {number} offset */
  const asked = (now, offset) => filter.sample(now, now + offset + 0.02, now + offset + 0.02, now + 0.04);
  for (let now = 0; now < 20; now += 1) {
    assert.equal(asked(now, 1000), true);
  }

  assert.equal(asked(20, 1030), false);
  assert.equal(filter.contradictions, 1);
  assert.equal(filter.ready, false);
  assert.ok(Math.abs(filter.offset - 1030) < 0.001);
});

test('pings come in a burst and then ever less often', () => {
  assert.deepEqual(
    [
      pingInterval(0, 1),
      pingInterval(0.5, 8),
      pingInterval(7.9, 80),
      pingInterval(8, 83),
      pingInterval(19, 50),
      pingInterval(20, 51),
      pingInterval(120, 101),
    ],
    [0.05, 0.1, 0.1, 1, 1, 2, 5],
  );
});
