// @ts-check
/** Where the film stands and what the status says of this page's picture. Without words, keys are said. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filmAt, ownFilm, untilNextTick } from '../../static/js/room/film-state.js';
import { Timelines } from '../../static/js/sync/timeline.js';
import { syncStatus } from '../../static/js/ui/room/sync-status.js';

const T0 = 1000;
const LENGTH = 120;

/** @param {Partial<import('../../static/js/sync/timeline.js').Timeline>} [changes] */
const line = (changes = {}) => ({
  revision: 1,
  position: 0,
  rate: 1,
  instant: T0,
  by: null,
  reason: /** @type {const} */ ('scheduled'),
  ...changes,
});

/** @param {number} now @param {...ReturnType<typeof line>} lines in force, and next */
function film(now, ...lines) {
  const timelines = new Timelines(LENGTH);
  timelines.apply({ timeline: lines[0] ?? line(), next: lines[1] ?? null });
  return filmAt(timelines, now, LENGTH, 1.5);
}

/** @param {number} now @param {...ReturnType<typeof line>} lines in force, and next */
function tick(now, ...lines) {
  const timelines = new Timelines(LENGTH);
  timelines.apply({ timeline: lines[0] ?? line(), next: lines[1] ?? null });
  return untilNextTick(timelines, now, filmAt(timelines, now, LENGTH, 1));
}

test('words that tell of time change with the whole seconds of the film', () => {
  assert.ok(Math.abs(tick(T0 + 10.25) - 0.75) < 1e-9);
  assert.ok(Math.abs(tick(T0 - 10.25) - 0.25) < 1e-9);
  assert.ok(Math.abs(tick(T0 + 10.25, line({ rate: 2 })) - 0.25) < 1e-9);
  // At half speed a second of the film is two of the clock on the wall, which words tell of as well.
  assert.equal(tick(T0 + 10.25, line({ rate: 0.5 })), 1);
  assert.equal(tick(T0 + 10.25, line({ rate: 0, position: 10.25 })), 1);
});

test('words change where another timeline takes over', () => {
  const sought = line({ revision: 2, position: 60, instant: T0 + 10.5, reason: 'seek' });

  assert.ok(Math.abs(tick(T0 + 10.25, line(), sought) - 0.25) < 1e-9);
});

test('before its time the film has not begun, and will by itself', () => {
  const { position, begun, paused, over } = film(T0 - 30);

  assert.deepEqual([position, begun, paused, over], [-30, false, false, false]);
});

test('a pause that is ordered counts as one before it is in force', () => {
  const ordered = line({ revision: 2, position: 10.2, rate: 0, instant: T0 + 10.2, reason: 'pause' });
  const { paused, position } = film(T0 + 10, line(), ordered);

  assert.equal(paused, true);
  assert.equal(position, 10);
});

test('while it is paused the film keeps the rate that it will go on at', () => {
  assert.equal(film(T0, line({ rate: 0 })).rate, 1.5);
});

test('at its end the film is over and stands', () => {
  const { position, over, paused } = film(T0 + LENGTH + 5);

  assert.deepEqual([position, over, paused], [LENGTH, true, true]);
});

const running = film(T0 + 10);
const waiting = film(T0 - 10);

for (const [state, error, at, words] of /** @type {[string, number | null, typeof running, string][]} */ ([
  ['clock', null, running, 'sync.clock'],
  ['preroll', null, waiting, 'sync.waiting'],
  ['armed', null, waiting, 'sync.ready'],
  ['armed', null, running, 'sync.catching-up'],
  ['preroll', -2, running, 'sync.behind'],
  ['preroll', null, running, 'sync.catching-up'],
  ['stalled', null, running, 'sync.stalled'],
  ['stalled', -0.8, running, 'sync.behind'],
  ['locked', 0.004, running, 'sync.in-step'],
  ['nudge', 0.03, running, 'sync.in-step'],
  ['nudge', 0.39, running, 'sync.ahead'],
  ['paused', 0, running, 'sync.paused'],
  ['background', null, running, 'sync.background'],
  ['blocked', null, running, 'sync.blocked'],
  ['own', null, running, 'sync.own'],
])) {
  test(`${state} with error ${error} ${at.begun ? 'while it runs' : 'before the start'}: ${words}`, () => {
    assert.equal(syncStatus({ state, error, position: 10 }, at, false, false).words, words);
  });
}

test('without a link it is said that the film goes on', () => {
  assert.equal(
    syncStatus({ state: 'locked', error: 0, position: 10 }, running, true, false).words,
    'sync.lost',
  );
});

test('without a link it is not said that a live picture goes on', () => {
  const { words } = syncStatus({ state: 'locked', error: 0, position: 10 }, running, true, true);

  assert.equal(words, 'sync.reconnecting');
});

test('a picture that waits for data says how far it has fallen behind meanwhile', () => {
  const { words, off } = syncStatus({ state: 'stalled', error: null, position: 8.6 }, running, false, false);

  assert.deepEqual([words, off], ['sync.behind', true]);
});

test('who watches on their own is not told of the link', () => {
  assert.equal(
    syncStatus({ state: 'own', error: null, position: 3 }, running, true, false).words,
    'sync.own',
  );
});

test('to be brought back at once is offered to who is off, and to nobody else', () => {
  const off = (/** @type {string} */ state, /** @type {number | null} */ error) =>
    syncStatus({ state, error, position: 10 }, running, false, false).off ?? false;

  assert.deepEqual([off('nudge', -0.3), off('preroll', -2), off('stalled', -1)], [true, true, true]);
  assert.deepEqual([off('locked', 0.01), off('nudge', 0.03), off('paused', 0)], [false, false, false]);
});

test("one's own film is where one's own picture is", () => {
  const video = { currentTime: 42, playbackRate: 1.25, paused: false, ended: false };

  assert.deepEqual(ownFilm(video, LENGTH), {
    position: 42,
    duration: LENGTH,
    rate: 1.25,
    paused: false,
    begun: true,
    over: false,
  });
});

test("one's own film is over at its end, also where the file is longer than was said", () => {
  const { paused, over, position } = ownFilm(
    { currentTime: LENGTH + 0.2, playbackRate: 1, paused: false, ended: true },
    LENGTH,
  );

  assert.deepEqual([paused, over, position], [true, true, LENGTH]);
});
