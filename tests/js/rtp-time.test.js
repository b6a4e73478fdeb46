// @ts-check
/** RTP timestamps as server time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { displayTimeOf } from '../../static/js/sync/rtp-time.js';

const NOW = 1_800_000_000.123;

/** @param {number} time @param {number} rate */
const stamp = (time, rate) => Math.floor(time * rate) % 2 ** 32;

test('a timestamp is the server time at which its frame is due, to a tick', () => {
  for (const [rate, tick] of [
    [90_000, 1 / 90_000],
    [48_000, 1 / 48_000],
  ]) {
    const due = displayTimeOf(stamp(NOW, Number(rate)), NOW + 0.3, rate);
    assert.ok(due <= NOW + 1e-6 && NOW - due < Number(tick) + 1e-6, `${NOW - due}`);
  }
});

test('timestamps that have wrapped around since are told from those before', () => {
  const wrap = 2 ** 32 / 90_000;
  const edge = Math.ceil(NOW / wrap) * wrap;
  for (const due of [edge - 0.04, edge, edge + 0.04]) {
    for (const near of [due - 20_000, due - 1, due, due + 1, due + 20_000]) {
      assert.ok(Math.abs(displayTimeOf(stamp(due, 90_000), near) - due) < 2e-5);
    }
  }
});
