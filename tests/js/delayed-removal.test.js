// @ts-check
/** Removals: what can be undone, and when the server is asked. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DelayedRemoval, UNDO_WITHIN_S } from '../../static/js/room/delayed-removal.js';

/** A removal whose timers are set off by hand. @param {() => Promise<void>} [answer] of the server */
function removal(answer = async () => {}) {
  /** @type {string[]} */
  const asked = [];
  /** @type {Set<() => void>} */
  const timers = new Set();
  let draws = 0;
  const subject = new DelayedRemoval({
    remove: (id) => {
      asked.push(id);
      return answer();
    },
    changed: () => {
      draws += 1;
    },
    schedule: (callback, seconds) => {
      assert.equal(seconds, UNDO_WITHIN_S);
      timers.add(callback);
      return () => timers.delete(callback);
    },
  });
  const goOff = () => {
    for (const callback of [...timers]) {
      timers.delete(callback);
      callback();
    }
  };
  return { subject, asked, timers, goOff, drawn: () => draws };
}

test('the server is asked once it cannot be undone any more, and once only', async () => {
  const { subject, asked, goOff } = removal();

  subject.begin('a');
  subject.begin('a');
  assert.equal(subject.state('a'), 'undoable');
  assert.deepEqual(asked, []);
  goOff();
  assert.equal(subject.state('a'), 'ending');
  subject.begin('a');
  subject.undo('a');
  assert.equal(subject.state('a'), 'ending');
  await Promise.resolve();
  await Promise.resolve();

  assert.deepEqual(asked, ['a']);
  assert.equal(subject.state('a'), 'kept');
});

test('what is undone stays, and the server hears nothing of it', () => {
  const { subject, asked, timers, goOff, drawn } = removal();

  subject.begin('a');
  subject.begin('b');
  subject.undo('a');
  assert.equal(timers.size, 1);
  goOff();

  assert.deepEqual(asked, ['b']);
  assert.equal(subject.state('a'), 'kept');
  assert.equal(drawn(), 4);
});

test('who leaves the page removes at once what waits', () => {
  const { subject, asked, timers } = removal();

  subject.begin('a');
  subject.begin('b');
  subject.flush();
  subject.flush();

  assert.deepEqual(asked, ['a', 'b']);
  assert.equal(timers.size, 0);
});

test('it is drawn when the server has answered, so that what it refused to remove is seen again', async () => {
  /** @type {() => void} */
  let respond = () => {};
  const { subject, goOff, drawn } = removal(() => new Promise((resolve) => (respond = resolve)));

  subject.begin('a');
  goOff();
  const before = drawn();
  assert.equal(subject.state('a'), 'ending');
  respond();
  await new Promise((resolve) => setTimeout(resolve));

  assert.equal(subject.state('a'), 'kept');
  assert.equal(drawn(), before + 1);
});
