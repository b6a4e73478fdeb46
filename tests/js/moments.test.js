// @ts-check
/** Moments that a show may be scheduled for, over midnight and around a change of summer time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fieldValue, momentOf } from '../../static/js/ui/home/moments.js';

test('soon is a whole minute, ten minutes ahead at least', () => {
  assert.equal(fieldValue(momentOf('soon', new Date(2026, 10, 28, 23, 55, 0))), '2026-11-29T00:05:00');
  assert.equal(fieldValue(momentOf('soon', new Date(2026, 10, 28, 23, 55, 1))), '2026-11-29T00:06:00');
});

test('tonight is nine o’clock, from then on tomorrow’s', () => {
  assert.equal(fieldValue(momentOf('tonight', new Date(2026, 11, 31, 20, 59, 59))), '2026-12-31T21:00:00');
  assert.equal(fieldValue(momentOf('tonight', new Date(2026, 11, 31, 21, 0, 0))), '2027-01-01T21:00:00');
});

test('tonight is nine by the clock on a day that is an hour shorter', () => {
  process.env.TZ = 'Europe/Berlin';
  const night = momentOf('tonight', new Date('2027-03-28T00:30:00Z'));

  assert.equal(fieldValue(night), '2027-03-28T21:00:00');
  assert.equal(night.toISOString(), '2027-03-28T19:00:00.000Z');
});

test('now is this second', () => {
  assert.equal(momentOf('now', new Date(1_800_000_000_123)).getTime(), 1_800_000_000_000);
});
