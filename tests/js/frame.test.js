// @ts-check
/** Views are drawn once a frame at most, and only when something changed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oncePerFrame } from '../../static/js/ui/frame.js';

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
