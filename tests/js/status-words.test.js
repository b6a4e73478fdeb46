// @ts-check
/** What is said of how people keep step, whom the room waits for, and how it ended: in both languages. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noticeWords } from '../../static/js/ui/chat/notice-text.js';
import { milliseconds } from '../../static/js/ui/i18n.js';
import { memberStatus } from '../../static/js/ui/room/member-status.js';
import { summaryWords } from '../../static/js/ui/room/summary-words.js';
import { waitingWords } from '../../static/js/ui/room/waiting-words.js';
import { speak } from './language.js';

/** Spaces that do not break are spaces too. @param {string} text */
const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');

/** @param {string} state @param {number | null} [error] @param {boolean} [over] */
const standing = (state, error = null, over = false) => {
  const { kind, icon, words } = memberStatus({ state, error }, over);
  return [kind, icon, plain(words)];
};

/** @param {string} name */
const person = (name) => ({ id: name.toLowerCase(), name });
const [BORIS, VERA, GLEB, DINA] = ['Boris', 'Vera', 'Gleb', 'Dina'].map(person);

/** @param {(typeof BORIS | undefined)[]} people @param {number | null} [until] @param {string} [me] */
function waiting(people, until = null, me = 'anna') {
  const known = people.filter((someone) => someone !== undefined);
  const { words, limit } = waitingWords({ for: known, until }, me, 1000);
  return [plain(words), plain(limit)];
}

test('a picture within a frame is in step, and by how much is said where there is something to say', async () => {
  await speak('en');

  assert.deepEqual(standing('playing', 0), ['ok', 'circle-check', 'In step']);
  assert.deepEqual(standing('playing', -0.02), ['ok', 'circle-check', 'In step (0.02 sec)']);
  assert.deepEqual(standing('playing', -0.2), ['warn', 'gauge', '0.2 sec behind']);
  assert.deepEqual(standing('playing', 1.25), ['warn', 'gauge', '1.25 sec ahead']);
});

test('who stands at the end of the film has not paused it', async () => {
  await speak('en');

  assert.deepEqual(standing('paused'), ['still', 'pause', 'Paused']);
  assert.deepEqual(standing('paused', null, true), ['still', 'pause', 'At the end']);
  assert.deepEqual(standing('away', null, true), standing('away'));
});

test('who does not say how far off they are is not called in step', async () => {
  await speak('en');

  assert.equal(standing('playing')[2], 'Watching');
});

test('every other state has a word of its own, whatever the error was', async () => {
  await speak('en');
  const words = ['waiting', 'ready', 'paused', 'stalled', 'background', 'blocked', 'away'].map(
    (state) => standing(state, -9)[2],
  );

  assert.equal(new Set(words).size, 7);
  assert.equal(standing('stalled')[2], 'Buffering');
  assert.equal(standing('a state of a later version')[2], 'Away');
});

test('the room says whom it waits for, and for how long at most', async () => {
  await speak('en');

  assert.deepEqual(waiting([BORIS, VERA], 1011.2), ['Waiting for Boris and Vera', 'at most 11 sec']);
  assert.deepEqual(waiting([BORIS], 990), ['Waiting for Boris', 'at most 0 sec']);
  assert.deepEqual(waiting([BORIS]), ['Waiting for Boris', '']);
});

test('four are named, and of more three', async () => {
  await speak('en');

  assert.equal(waiting([BORIS, VERA, GLEB, DINA])[0], 'Waiting for Boris, Vera, Gleb, and Dina');
  assert.equal(
    waiting([BORIS, VERA, GLEB, DINA, person('Eva')])[0],
    'Waiting for Boris, Vera, Gleb, and 2 more',
  );
});

test('who is waited for is told so', async () => {
  await speak('en');

  assert.equal(waiting([BORIS], null, 'boris')[0], 'Everybody waits for you: your film is still loading');
  assert.equal(waiting([BORIS, VERA], null, 'boris')[0], 'Waiting for Vera and you');
});

test('a room that waits by itself is no deed of somebody', async () => {
  await speak('en');
  const notice = { type: 'notice', seq: 1, by: null, name: '', position: 12, reason: 'waiting' };
  const said = (/** @type {string} */ kind) => noticeWords(/** @type {any} */ ({ ...notice, kind }));

  assert.equal(said('paused'), 'The room waits for everybody');
  assert.equal(said('played'), 'The film goes on');
});

test('the end says how close all were, in a measure that one can imagine', async () => {
  await speak('en');
  const close = plain(summaryWords({ p50: 0.0042, p95: 0.0123, viewers: 3 }));

  assert.match(close, /^3 of you watched together\..*within 12 ms .*less than one frame.*within 4.2 ms/);
  assert.doesNotMatch(summaryWords({ p50: 0.02, p95: 0.3, viewers: 3 }), /frame/);
  assert.match(plain(summaryWords({ p50: 0.004, p95: 0.012, viewers: 1 })), /^95 % .* your picture/);
  assert.equal(summaryWords({ p50: 0, p95: 0, viewers: 0 }), '');
});

test('Russian has its plurals and its commas', async () => {
  await speak('ru');

  assert.deepEqual(standing('playing', -0.2)[2], 'Отстаёт на 0,2 с');
  assert.match(summaryWords({ p50: 0.004, p95: 0.012, viewers: 5 }), /^Вместе смотрели 5 зрителей\./);
  assert.match(summaryWords({ p50: 0.004, p95: 0.012, viewers: 22 }), /^Вместе смотрели 22 зрителя\./);
  assert.deepEqual(waiting([BORIS, VERA], 1012), ['Ждём: Boris и Vera', 'не дольше 12 с']);
});

test('short times are said in the unit that suits them', async () => {
  await speak('en');
  const said = [0.0042, 0.0123, 0.41, 1.234, 185].map((time) => plain(milliseconds(time)));

  assert.deepEqual(said, ['4.2 ms', '12 ms', '410 ms', '1.23 sec', '185 sec']);
  assert.equal(plain(milliseconds(0.003, 'exceptZero')), '+3 ms');
  assert.equal(milliseconds(-0.00001), '0 ms');
});
