// @ts-check
/** The times of a show of several films: after a break, and a week later by the calendar. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedTimes } from '../../static/js/ui/home/planned-times.js';

const START = new Date('2026-03-27T21:00:00+01:00');

test('each film begins after the one before and a break, on a whole minute', () => {
  const times = plannedTimes(START, [1475.2, 1500, 1500], { pattern: 'row', breakMinutes: 5 });

  assert.deepEqual(
    times.map((time) => (time.getTime() - START.getTime()) / 1000),
    [0, 1800, 3600],
  );
});

test('without a break a film begins in the minute after the one before has ended', () => {
  const [, second] = plannedTimes(START, [90, 90], { pattern: 'row', breakMinutes: 0 });

  assert.equal((second?.getTime() ?? 0) - START.getTime(), 120_000);
});

test('a week later is the same time of day, whatever clocks do meanwhile', () => {
  const times = plannedTimes(START, [100, 100, 100], { pattern: 'weekly', breakMinutes: 5 });

  assert.deepEqual(
    times.map((time) => [time.getHours(), time.getMinutes(), time.getDay()]),
    Array(3).fill([START.getHours(), 0, START.getDay()]),
  );
  assert.equal(new Set(times.map((time) => time.getDate())).size, 3);
});

test('no films have no times', () => {
  assert.deepEqual(plannedTimes(START, [], { pattern: 'row', breakMinutes: 5 }), []);
});
