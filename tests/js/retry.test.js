import assert from 'node:assert/strict';
import { test } from 'node:test';

import { finalReason, passingReason, probesFirst, retryDelay } from '../../static/js/room/retry.js';

/** @param {Partial<Parameters<typeof retryDelay>[0]>} about */
const delay = (about) => retryDelay({ code: 1006, attempt: 0, visible: true, random: 0.5, ...about });

test('a lost link is tried again soon, then ever again', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 50].map((attempt) => delay({ attempt })),
    [0.25, 0.5, 1, 0.6, 0.6],
  );
});

test('a server that stays away is asked ever less, down to every fifteen seconds', () => {
  assert.deepEqual(
    [120, 121, 122, 123, 124, 125, 5000].map((attempt) => delay({ attempt })),
    [0.6, 1.2, 2.4, 4.8, 9.6, 15, 15],
  );
  assert.ok(delay({ attempt: 5000, random: 0 }) < 11 && delay({ attempt: 5000, random: 1 }) > 19);
});

test('after three sockets that failed a sign of life is asked for first', () => {
  assert.deepEqual([0, 1, 2, 3, 50].map(probesFirst), [false, false, false, true, true]);
});

test('the tries are spread, so that a room does not come back at once', () => {
  assert.ok(Math.abs(delay({ attempt: 5, random: 0 }) - 0.42) < 1e-9);
  assert.ok(Math.abs(delay({ attempt: 5, random: 1 }) - 0.78) < 1e-9);
});

test('a page that nobody looks at takes its time', () => {
  assert.equal(delay({ attempt: 5, visible: false }), 5);
});

test('when the server stops its viewers spread over two seconds', () => {
  assert.equal(delay({ code: 1001, random: 0 }), 0);
  assert.equal(delay({ code: 1001, random: 1 }), 2);
  assert.equal(delay({ code: 1001, attempt: 1 }), 0.5);
});

test('who was too slow comes back at once, who flooded the room later', () => {
  assert.equal(delay({ code: 4408 }), 0.25);
  assert.equal(delay({ code: 4429 }), 10);
});

test('some ends are final', () => {
  assert.equal(finalReason(4403), 'removed');
  assert.equal(finalReason(4401), 'passport');
  assert.equal(finalReason(4400), 'protocol');
  assert.equal(finalReason(4409), 'elsewhere');
  assert.equal(finalReason(4410), 'deleted');
});

test('what is known of a loss is named', () => {
  assert.equal(passingReason(1001), 'server_stops');
  assert.equal(passingReason(4408), 'too_slow');
  assert.equal(passingReason(1006), undefined);
});

test('all others are not', () => {
  for (const code of [1000, 1001, 1006, 1009, 1011, 4408, 4429]) {
    assert.equal(finalReason(code), null, String(code));
  }
});
