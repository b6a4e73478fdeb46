import assert from 'node:assert/strict';
import { test } from 'node:test';

import { at, Timelines } from '../../static/js/sync/timeline.js';

/** @typedef {import('../../static/js/sync/timeline.js').Timeline} Timeline */

const MOVIE_TIME = 1_800_000_000;

/**
 * @param {number} revision
 * @param {number} position
 * @param {number} rate
 * @param {number} instant
 */
const line = (revision, position, rate, instant) => ({
  revision,
  position,
  rate,
  instant,
  by: null,
  reason: 'play',
});

const scheduled = line(1, 0, 1, MOVIE_TIME);

/** @param {Timeline} timeline @param {Timeline | null} next */
const following = (timeline, next = null, duration = 120) => {
  const timelines = new Timelines(duration);
  timelines.apply({ timeline, next });
  return timelines;
};

test('a latecomer lands exactly as late as they are', () => {
  assert.equal(at(scheduled, MOVIE_TIME + 42.5), 42.5);
});

test('below zero the film begins in that many seconds', () => {
  assert.equal(at(scheduled, MOVIE_TIME - 5), -5);
  assert.deepEqual(following(scheduled).motion(MOVIE_TIME - 5), { position: 0, rate: 0, countdown: 5 });
});

test('the position is kept at the end of the film', () => {
  assert.equal(at(scheduled, MOVIE_TIME + 500, 120), 120);
  assert.deepEqual(following(scheduled).motion(MOVIE_TIME + 500), { position: 120, rate: 0, countdown: 0 });
});

test('the first revision is in force from its creation, however far ahead its instant lies', () => {
  assert.equal(following(scheduled).inForce(0)?.revision, 1);
});

test('an ordered timeline waits for its instant', () => {
  const pause = line(2, 30.4, 0, MOVIE_TIME + 30.4);
  const timelines = following(scheduled, pause);

  assert.equal(timelines.inForce(MOVIE_TIME + 30.399)?.revision, 1);
  assert.equal(timelines.next(MOVIE_TIME + 30.399)?.revision, 2);
  assert.equal(timelines.inForce(MOVIE_TIME + 30.4)?.revision, 2);
  assert.equal(timelines.next(MOVIE_TIME + 30.4), null);
  assert.equal(timelines.newest?.revision, 2);
});

test('a countdown that is paused leaves the first timeline in force until the pause takes over', () => {
  const pause = line(2, -9.6, 0, MOVIE_TIME - 9.6);
  const timelines = following(scheduled, pause);

  assert.deepEqual(timelines.motion(MOVIE_TIME - 20), { position: 0, rate: 0, countdown: 20 });
  assert.deepEqual(timelines.motion(MOVIE_TIME + 20), { position: 0, rate: 0, countdown: 9.6 });
});

test('an older waiting timeline stays where it comes before the new one', () => {
  const timelines = following(scheduled, line(2, 30, 0, MOVIE_TIME + 30));
  timelines.apply({ timeline: scheduled, next: line(3, 60, 0, MOVIE_TIME + 31) });

  assert.equal(timelines.inForce(MOVIE_TIME + 30.5)?.revision, 2);
  assert.equal(timelines.inForce(MOVIE_TIME + 31)?.revision, 3);
});

test('of two with one instant the newer holds', () => {
  const timelines = following(scheduled, line(2, 60, 1, MOVIE_TIME + 30));
  timelines.apply({ timeline: scheduled, next: line(3, 60, 0, MOVIE_TIME + 30) });

  assert.equal(timelines.inForce(MOVIE_TIME + 30)?.revision, 3);
});

test('a pause that is taken back never happens', () => {
  const timelines = following(scheduled, line(2, 30, 0, MOVIE_TIME + 30));
  timelines.apply({ timeline: { ...scheduled, revision: 3 }, next: null });

  assert.equal(timelines.motion(MOVIE_TIME + 31)?.position, 31);
  assert.equal(timelines.newest?.revision, 3);
});

test('late news of a lower revision changes nothing', () => {
  const timelines = following(line(4, 10, 0, MOVIE_TIME), line(5, 10, 1, MOVIE_TIME + 60));
  timelines.apply({ timeline: line(3, 99, 1, MOVIE_TIME), next: null });
  timelines.apply({ timeline: line(4, 10, 0, MOVIE_TIME), next: null });

  assert.equal(timelines.inForce(MOVIE_TIME)?.revision, 4);
  assert.equal(timelines.newest?.revision, 5);
});

test('the film passes a picture at its time, also one that is gone', () => {
  const timelines = following(scheduled);

  assert.equal(timelines.timeAt(0, MOVIE_TIME - 5), MOVIE_TIME);
  assert.equal(timelines.timeAt(30, MOVIE_TIME + 10), MOVIE_TIME + 30);
  assert.equal(timelines.timeAt(30, MOVIE_TIME + 31), MOVIE_TIME + 30);
});

test('a picture is passed after a jump that has been ordered, and not where the jump leaps over it', () => {
  const timelines = following(scheduled, line(2, 80, 1, MOVIE_TIME + 20));

  assert.equal(timelines.timeAt(80, MOVIE_TIME + 19), MOVIE_TIME + 20);
  assert.equal(timelines.timeAt(50, MOVIE_TIME + 19), null);
});

test('where a jump leads back, a picture is passed again', () => {
  const timelines = following(scheduled, line(2, 5, 1, MOVIE_TIME + 20));

  assert.equal(timelines.timeAt(5, MOVIE_TIME + 19), MOVIE_TIME + 20);
});

test('a paused film passes its picture when it goes on', () => {
  const timelines = following(line(2, 30, 0, MOVIE_TIME), line(3, 30, 1, MOVIE_TIME + 9));

  assert.equal(timelines.timeAt(30, MOVIE_TIME + 8.5), MOVIE_TIME + 9);
  assert.equal(timelines.stopsAt(30, MOVIE_TIME + 8.5), MOVIE_TIME + 8.5);
  assert.equal(timelines.stopsAt(30, MOVIE_TIME + 9), null);
});

test('a film rests where it is paused, before its beginning and at its end', () => {
  const paused = following(line(2, 30, 0, MOVIE_TIME));
  const held = following(line(2, -30, 0, MOVIE_TIME));
  const ends = following(scheduled);

  assert.equal(paused.stopsAt(30, MOVIE_TIME + 9), MOVIE_TIME + 9);
  assert.equal(paused.stopsAt(31, MOVIE_TIME + 9), null);
  assert.equal(held.stopsAt(0, MOVIE_TIME + 9), MOVIE_TIME + 9);
  assert.equal(ends.stopsAt(120, MOVIE_TIME + 119), MOVIE_TIME + 120);
  assert.equal(ends.stopsAt(120, MOVIE_TIME + 130), MOVIE_TIME + 130);
  assert.equal(
    following(scheduled, line(2, 30, 0, MOVIE_TIME + 30)).stopsAt(30, MOVIE_TIME),
    MOVIE_TIME + 30,
  );
  assert.equal(ends.timeAt(120, MOVIE_TIME + 130), null);
});

test('nothing is known before the first news', () => {
  const timelines = new Timelines();

  assert.equal(timelines.newest, null);
  assert.equal(timelines.motion(0), null);
  assert.equal(timelines.timeAt(0, 0), null);
  assert.equal(timelines.stopsAt(0, 0), null);
});
