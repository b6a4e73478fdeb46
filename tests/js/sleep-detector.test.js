import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SleepDetector } from '../../static/js/room/sleep-detector.js';

test('a page that is looked at each second is awake', () => {
  const detector = new SleepDetector();

  assert.deepEqual(
    [0, 1, 2.2, 3].map((at) => detector.check(at, at + 1e9)),
    Array(4).fill('awake'),
  );
});

test('late timers tell of a sleep through which the clock went on', () => {
  const detector = new SleepDetector();
  detector.check(0, 1000);

  assert.equal(detector.check(20, 1020), 'slept');
  assert.equal(detector.check(21, 1021), 'awake');
});

test('a clock that stood still, or a wall clock that was set, makes all that is known doubtful', () => {
  for (const [now, wall] of [
    [1, 3600],
    [20, 21],
    [1, -5],
  ]) {
    const detector = new SleepDetector();
    detector.check(0, 0);

    assert.equal(detector.check(now, wall), 'stopped', `${now} ${wall}`);
  }
});
