// @ts-check
/** The jitter buffer is driven to where frames are shown when they are due. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firstTarget, JitterControl } from '../../static/js/sync/jitter-control.js';
import { seeded } from './random.js';

const FRAME_S = 0.04;

/**
 * A viewer of a stream: a line, and a buffer that approaches its target as Chromium's does.
 *
 * @param {object} about
 * @param {number} about.delay  by how much the server sends ahead, s
 * @param {number} about.line  how long the line takes, s
 * @param {number} [about.jitter]  s
 * @param {number} [about.target]  the first, s
 * @param {number} [about.seconds]
 * @param {number} [about.deaf]  for how long the buffer does not obey at first, s
 */
function watch({ delay, line, jitter = 0, target = 0.2, seconds = 20, deaf = 0 }) {
  const random = seeded(7);
  const control = new JitterControl(target);
  let hold = target;
  const changes = [];
  const lateness = [];
  for (let now = 100; now < 100 + seconds; now += FRAME_S) {
    const wished = control.target;
    hold = hold < wished ? Math.min(hold + 0.1 * FRAME_S, wished) : wished;
    const held = now < 100 + deaf ? 0 : Math.max(hold, jitter);
    const late = line + jitter * random() + held + 0.02 - delay;
    lateness.push({ at: now - 100, late });
    control.add(late, now);
    if (control.decide(now) !== null) {
      changes.push(now - 100);
    }
  }
  return { control, changes, lateness };
}

/** @param {{at: number, late: number}[]} lateness @param {number} after  s */
const worst = (lateness, after) =>
  Math.max(...lateness.filter(({ at }) => at > after).map(({ late }) => Math.abs(late)));

test('frames are shown when they are due within seven seconds, whatever the line', () => {
  for (const line of [0.001, 0.03, 0.1, 0.2]) {
    const { lateness } = watch({ delay: 0.25, line, target: 0.2 });
    assert.ok(worst(lateness, 7) <= 0.008 + 1e-9, `${line}: ${worst(lateness, 7)}`);
  }
});

test('a first target that fits needs no change', () => {
  const { changes } = watch({ delay: 0.25, line: 0.05, target: 0.182 });

  assert.deepEqual(changes, []);
});

test('an unsteady line does not make the target swing', () => {
  const { lateness, control } = watch({ delay: 0.6, line: 0.06, jitter: 0.08, target: 0.1, seconds: 40 });
  const mean = (/** @type {number} */ from) => {
    const late = lateness.filter(({ at }) => at > from).map((frame) => frame.late);
    return late.reduce((sum, value) => sum + value, 0) / late.length;
  };

  assert.ok(Math.abs(mean(15)) < 0.012, `${mean(15)}`);
  assert.ok(control.target > 0.3 && control.target < 0.7);
});

test('a buffer that does not obey for seconds is not told more and more', () => {
  const { lateness, control } = watch({ delay: 0.25, line: 0.001, target: 0.2, deaf: 6, seconds: 30 });

  assert.ok(worst(lateness, 6.1) < 0.25, `${worst(lateness, 6.1)}`);
  assert.ok(worst(lateness, 20) < 0.01, `${worst(lateness, 20)}`);
  assert.ok(Math.abs(control.target - 0.229) < 0.01, `${control.target}`);
});

test('a buffer that never obeys is told more in the end', () => {
  const { control } = watch({ delay: 0.6, line: 0.001, target: 0.2, deaf: 60, seconds: 60 });

  assert.ok(control.target > 1);
});

test('a line that is slower than the server sends ahead is not held back', () => {
  const { control } = watch({ delay: 0.25, line: 0.9, target: 0.2 });

  assert.equal(control.target, 0);
});

test('a target is never more than browsers take', () => {
  const { control } = watch({ delay: 9, line: 0, target: 3 });

  assert.equal(control.target, 4);
});

test('a burst of late frames after a move of the film changes nothing', () => {
  const control = new JitterControl(0.2);
  control.add(0, 100);
  control.restart(101);
  for (let now = 101; now < 101.5; now += 0.01) {
    control.add(1.5, now);
    assert.equal(control.decide(now), null);
  }
  for (let now = 101.5; now < 106; now += FRAME_S) {
    control.add(0.001, now);
    assert.equal(control.decide(now), null);
  }
});

test('a few frames a second are enough, one is not', () => {
  const control = new JitterControl(0.2);
  for (let now = 100; now < 101; now += 0.9) {
    control.add(0.1, now);
  }
  assert.equal(control.decide(103), null);
  for (let now = 103; now < 105; now += 0.2) {
    control.add(0.1, now);
  }
  assert.notEqual(control.decide(105), null);
});

test('the first target is what is left of the time by which the server sends ahead', () => {
  assert.ok(Math.abs(firstTarget(0.25, 0.05) - 0.17) < 1e-9);
  assert.equal(firstTarget(0.25, 0.4), 0);
});
