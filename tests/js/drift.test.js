import assert from 'node:assert/strict';
import { test } from 'node:test';

import { estimateDrift, smallestDifferences, span } from '../../static/js/sync/drift.js';
import { seeded } from './random.js';

const MOST = 150e-6;
/** @typedef {(random: () => number, at: number) => number} Way  how long a message takes, s */

/** @param {() => number} random */
const jittery = (random) => 0.06 + random() * 0.08;

/**
 * Pings every two seconds of clocks that part by `drift`, over a line whose ways take that long.
 *
 * @param {{seconds: number, drift?: number, there?: Way, back?: Way, seed?: number}} about
 */
const pings = ({ seconds, drift = 0, there = jittery, back = jittery, seed = 1 }) => {
  const random = seeded(seed);
  const server = (/** @type {number} */ at) => at * (1 + drift) + 1e9;
  return Array.from({ length: Math.ceil(seconds / 2) }, (_, i) => {
    const sent = 1000 + 2 * i;
    const received = sent + there(random, 2 * i);
    const came = received + back(random, 2 * i);
    return { sent, there: server(received) - sent, came, back: came - server(received) };
  });
};

test('nothing is told from nothing, nor from less than a minute', () => {
  assert.equal(estimateDrift([], MOST), 0);
  assert.equal(span([]), 0);
  assert.equal(estimateDrift(pings({ seconds: 58, drift: 100e-6 }), MOST), 0);
});

test('the pace of two clocks is told within a few ppm after some minutes', () => {
  for (const drift of [0, 20e-6, -100e-6, 140e-6]) {
    for (let seed = 1; seed <= 20; seed += 1) {
      const told = estimateDrift(pings({ seconds: 400, drift, seed }), MOST);

      assert.ok(Math.abs(told - drift) < 40e-6, `seed ${seed}: ${told} for ${drift}`);
    }
  }
});

test('on a short line it is told exactly', () => {
  /** @type {Way} */
  const near = (random) => 0.0005 + random() * 0.0002;
  const told = estimateDrift(pings({ seconds: 400, drift: 100e-6, there: near, back: near }), MOST);

  assert.ok(Math.abs(told - 100e-6) < 2e-6, `${told}`);
});

test('no pace is beyond the most', () => {
  const told = estimateDrift(pings({ seconds: 400, drift: 900e-6 }), MOST);

  assert.ok(told <= MOST && told > 0.99 * MOST, `${told}`);
});

test('a way that grows longer on one side, or has a queue that comes and goes, is not taken for a pace', () => {
  for (const [there, back] of /** @type {[Way, Way][]} */ ([
    [(random, at) => jittery(random) + (at > 200 ? 0.05 : 0), jittery],
    [jittery, (random, at) => jittery(random) + (at % 100) * 1e-3],
  ])) {
    const told = estimateDrift(pings({ seconds: 400, there, back }), MOST);

    assert.ok(Math.abs(told) < 60e-6, `${told}`);
  }
});

test('an old ping proves as much less as the clocks may have parted since', () => {
  const [first] = pings({ seconds: 2 });
  const later = smallestDifferences([first], first.sent + 100, 20e-6, 50e-6);

  assert.ok(Math.abs(later.there - first.there - 0.007) < 1e-6);
  const waited = first.sent + 100 - first.came;
  assert.ok(Math.abs(later.back - first.back - waited * 30e-6) < 1e-6);
});
