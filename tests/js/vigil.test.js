import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Vigil } from '../../static/js/room/sleep-detector.js';

test('a page that is looked at each second is awake', () => {
  const vigil = new Vigil();

  assert.deepEqual([0, 1, 2.2, 3].map((at) => vigil.look(at, at + 1e9)), Array(4).fill('awake'));
});

test('late timers tell of a sleep through which the clock went on', () => {
  const vigil = new Vigil();
  vigil.look(0, 1000);

  assert.equal(vigil.look(20, 1020), 'slept');
  assert.equal(vigil.look(21, 1021), 'awake');
});

test('a clock that stood still, or a wall clock that was set, makes all that is known doubtful', () => {
  for (const [now, wall] of [[1, 3600], [20, 21], [1, -5]]) {
    const vigil = new Vigil();
    vigil.look(0, 0);

    assert.equal(vigil.look(now, wall), 'stopped', `${now} ${wall}`);
  }
});
