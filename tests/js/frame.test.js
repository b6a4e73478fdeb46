// @ts-check
/** Views are drawn once a frame at most, and only when something changed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oncePerFrame, tickWhenDue } from '../../static/js/ui/frame.js';

class FakeScreen {
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {() => void} draw */
  request = (draw) => void this.#waiting.push(draw);

  frame() {
    for (const draw of this.#waiting.splice(0)) {
      draw();
    }
  }
}

test('five hundred changes within a frame are drawn once', () => {
  const screen = new FakeScreen();
  let drawn = 0;
  const changed = oncePerFrame(() => (drawn += 1), screen.request);

  for (let change = 0; change < 500; change += 1) {
    changed();
  }
  assert.equal(drawn, 0);

  screen.frame();
  screen.frame();
  assert.equal(drawn, 1);
});

test('a change while drawing is drawn in the next frame', () => {
  const screen = new FakeScreen();
  let drawn = 0;
  const changed = oncePerFrame(() => {
    drawn += 1;
    if (drawn === 1) {
      changed();
    }
  }, screen.request);

  changed();
  screen.frame();
  assert.equal(drawn, 1);
  screen.frame();
  screen.frame();
  assert.equal(drawn, 2);
});

test('a drawing that fails does not end those after it', () => {
  const screen = new FakeScreen();
  let drawn = 0;
  const changed = oncePerFrame(() => {
    drawn += 1;
    throw new Error('no such element');
  }, screen.request);

  changed();
  assert.throws(() => screen.frame(), /no such element/);
  changed();
  assert.throws(() => screen.frame(), /no such element/);
  assert.equal(drawn, 2);
});

class FakeTimers {
  now = 0;
  /** @type {{at: number, callback: () => void}[]} */
  #waiting = [];

  /** @type {import('../../static/js/room/page-environment.js').Schedule} */
  schedule = (callback, seconds) => {
    const timer = { at: this.now + seconds, callback };
    this.#waiting.push(timer);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== timer);
    };
  };

  /** @param {number} until */
  run(until) {
    for (;;) {
      const [due] = this.#waiting.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!due) {
        break;
      }
      this.#waiting = this.#waiting.filter((other) => other !== due);
      this.now = due.at;
      due.callback();
    }
    this.now = until;
  }
}

test('a clock of whole seconds is looked at once a second, at the second', () => {
  const timers = new FakeTimers();
  timers.now = 0.25;
  /** @type {number[]} */
  const ticks = [];
  tickWhenDue(
    () => ticks.push(timers.now),
    () => Math.floor(timers.now) + 1 - timers.now,
    timers.schedule,
  );

  timers.run(4.5);

  assert.deepEqual(ticks, [1, 2, 3, 4]);
});

test('a tick that was planned otherwise is planned anew', () => {
  const timers = new FakeTimers();
  let wait = 1;
  let ticks = 0;
  const again = tickWhenDue(
    () => (ticks += 1),
    () => wait,
    timers.schedule,
  );

  wait = 0.25;
  again();
  timers.run(0.9);

  assert.equal(ticks, 3);
});

test('a tick that fails is followed by others', () => {
  const timers = new FakeTimers();
  let ticks = 0;
  tickWhenDue(
    () => {
      ticks += 1;
      throw new Error('no such element');
    },
    () => 1,
    timers.schedule,
  );

  assert.throws(() => timers.run(1), /no such element/);
  assert.throws(() => timers.run(2), /no such element/);
  assert.equal(ticks, 2);
});
