// @ts-check
/** What the history says of its entries: how far, from where on, and which shows it leaves out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  beganAt,
  fraction,
  seenToTheEnd,
  unfinished,
  unwatched,
} from '../../static/js/ui/home/history-entries.js';
import { pastWords } from '../../static/js/ui/i18n.js';
import { speak } from './language.js';

/** @param {number} position @param {number} duration */
const at = (position, duration) => ({ position, duration });

test('a film is over for somebody when only the credits are left', () => {
  assert.equal(seenToTheEnd(at(5699, 6000)), false);
  assert.equal(seenToTheEnd(at(5700, 6000)), true);
  assert.equal(unfinished(at(5699, 6000)), true);
  assert.equal(unfinished(at(5700, 6000)), false);
});

test('who has seen nothing has nothing to go on with', () => {
  assert.equal(unfinished(at(0.9, 6000)), false);
  assert.equal(unfinished(at(1, 6000)), true);
  assert.equal(unfinished(at(100, 0)), false);
});

test('how far one came lies between nothing and all', () => {
  assert.equal(fraction(at(3000, 6000)), 0.5);
  assert.equal(fraction(at(7000, 6000)), 1);
  assert.equal(fraction(at(-5, 6000)), 0);
  assert.equal(fraction(at(5, 0)), 0);
});

test('a show to go on with stands a little before that place, and never before the film', () => {
  const now = new Date('2026-11-30T20:00:00Z');

  assert.equal(beganAt({ position: 130 }, now).toISOString(), '2026-11-30T19:58:00.000Z');
  assert.equal(beganAt({ position: 4 }, now).toISOString(), '2026-11-30T20:00:00.000Z');
});

/** @param {string} id @param {string} movie_time */
const show = (id, movie_time) => /** @type {any} */ ({ id, movie_time });
/** @param {string} show_id @param {string} updated_at */
const view = (show_id, updated_at) => /** @type {any} */ ({ show_id, updated_at });

test('a past show that was watched is not said twice', () => {
  const past = [show('a', '2026-11-03T20:00:00Z'), show('b', '2026-11-02T20:00:00Z')];
  const views = [view('a', '2026-11-03T21:00:00Z')];

  assert.deepEqual(
    unwatched(past, views, true).map(({ id }) => id),
    ['b'],
  );
});

test('while older entries are not known, older shows may be among them', () => {
  const past = [show('new', '2026-11-05T20:00:00Z'), show('old', '2026-11-02T20:00:00Z')];
  const views = [view('a', '2026-11-03T21:00:00Z')];

  assert.deepEqual(
    unwatched(past, views, false).map(({ id }) => id),
    ['new'],
  );
  assert.deepEqual(unwatched(past, [], false), []);
});

test('when something was is said by the day, in both languages', async () => {
  const now = new Date(2026, 10, 30, 1, 0);
  await speak('en');
  assert.match(pastWords(new Date(2026, 10, 30, 0, 30), now), /^today 12:30/);
  assert.match(pastWords(new Date(2026, 10, 29, 23, 30), now), /^yesterday 11:30/);
  assert.match(pastWords(new Date(2026, 10, 28, 23, 30), now), /^Sat, Nov 28/);
  await speak('ru');
  assert.equal(pastWords(new Date(2026, 10, 29, 23, 30), now), 'вчера 23:30');
});
