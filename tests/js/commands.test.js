// @ts-check
/** What becomes of what a person asks of the film: gathered, refused with a reason, or sent. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '../../static/js/room/api.js';
import { Commands } from '../../static/js/room/commands.js';
import { NO_RIGHTS } from '../../static/js/room/roles.js';

/** @typedef {import('../../static/js/room/film-state.js').Film} Film */

/** A room that answers as told, with a film at 30 s of 120. */
class World {
  /** @type {unknown[][]} what the room was asked */
  sent = [];

  /** @type {unknown[][]} what an own picture was told */
  driven = [];

  /** @type {import('../../static/js/room/commands.js').Refusal[]} */
  refusals = [];

  /** @type {(() => void) | null} the seek that is being gathered */
  gathered = null;

  /** @type {object} */
  answer = { type: 'accepted', ref: '1', revision: 2 };
  own = false;

  /** @type {(number | null)[]} where seeks lead to, each time that something changed */
  shown = [];

  /** @type {Film} */
  film = { position: 30, duration: 120, rate: 1, paused: false, begun: true, over: false };

  room = { may: { ...NO_RIGHTS, command: true }, control: 'host', link: this };

  commands = new Commands({
    room: /** @type {any} */ (this.room),
    film: () => this.film,
    own: () => (this.own ? { drive: (...asked) => void this.driven.push(asked) } : null),
    refuse: (refusal) => void this.refusals.push(refusal),
    changed: () => void this.shown.push(this.commands.pending),
    schedule: (callback) => {
      this.gathered = callback;
      return () => {
        this.gathered = null;
      };
    },
  });

  /** @param {unknown[]} asked */
  command(...asked) {
    this.sent.push(asked);
    return Promise.resolve(this.answer);
  }

  /** Let the seek go that is being gathered, and the room answer. */
  async settle() {
    this.gathered?.();
    this.gathered = null;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('one key plays and pauses', () => {
  const { commands, sent, film } = new World();
  commands.toggle();
  film.paused = true;
  commands.toggle();
  commands.rate(1.5);

  assert.deepEqual(sent, [
    ['pause', {}],
    ['play', {}],
    ['rate', { rate: 1.5 }],
  ]);
});

test('seeks that follow each other become one', async () => {
  const world = new World();
  world.commands.seekBy(5);
  world.commands.seekBy(5);
  world.commands.seekBy(-100);
  assert.equal(world.commands.pending, 0);
  world.commands.seekBy(500);
  assert.equal(world.commands.pending, 120);
  await world.settle();

  assert.deepEqual(world.sent, [['seek', { position: 120 }]]);
  assert.equal(world.commands.pending, null);
});

test('where a seek leads to is shown at once, and no longer once it is answered', async () => {
  const world = new World();
  world.commands.seek(40);
  world.commands.seek(50);
  await world.settle();

  assert.deepEqual(world.shown, [40, 50, null]);
});

test("a picture of one's own that was moved is shown at once", () => {
  const world = new World();
  world.own = true;
  world.commands.pause();

  assert.deepEqual(world.driven, [['pause', undefined]]);
  assert.equal(world.shown.length, 1);
});

test('a seek meanwhile keeps the place it aims at', async () => {
  const world = new World();
  world.commands.seek(40);
  const sending = world.settle();
  world.commands.seek(50);
  await sending;

  assert.equal(world.commands.pending, 50);
});

test('after the end the film is played from its beginning', async () => {
  const world = new World();
  world.film.over = true;
  world.commands.play();
  await world.settle();

  assert.deepEqual(world.sent, [['seek', { position: 0 }]]);
});

test('before the start nobody seeks by a slip of the hand', async () => {
  const world = new World();
  Object.assign(world.film, { begun: false, paused: true, position: -60 });
  world.commands.seek(10);
  assert.deepEqual(world.refusals, ['locked.countdown']);

  world.commands.begin();
  await world.settle();
  assert.deepEqual(world.sent, [
    ['play', {}],
    ['seek', { position: 0 }],
  ]);
});

test('single frames are for a film that stands', async () => {
  const world = new World();
  world.commands.step(1);
  assert.deepEqual(world.refusals, ['locked.frame']);

  world.film.paused = true;
  world.commands.step(1);
  await world.settle();
  assert.deepEqual(world.sent, [['seek', { position: 30.04 }]]);
});

test('who may not is given the reason, and nothing is sent', () => {
  const { commands, room, sent, refusals } = new World();
  room.may = NO_RIGHTS;
  commands.pause();
  commands.begin();
  commands.step(1);
  commands.seek(3);

  assert.deepEqual(sent, []);
  assert.deepEqual(refusals, Array(4).fill('locked.host'));
});

test('who watches on their own moves their own picture', async () => {
  const world = new World();
  world.room.may = NO_RIGHTS;
  world.own = true;
  world.commands.pause();
  world.commands.rate(2);
  world.commands.seek(7);
  await world.settle();

  assert.deepEqual(world.sent, []);
  assert.deepEqual(world.driven, [
    ['pause', undefined],
    ['rate', 2],
    ['seek', 7],
  ]);
});

test('what the room refuses is told as what it is', async () => {
  const world = new World();
  for (const code of ['link_lost', 'not_allowed', 'stale_revision']) {
    world.answer = { type: 'refused', ref: '1', code };
    world.commands.pause();
    await world.settle();
  }
  const [lost, ...problems] = world.refusals;

  assert.equal(lost, 'command.lost');
  assert.deepEqual(
    problems.map((problem) => problem instanceof Problem && problem.code),
    ['not_allowed', 'stale_revision'],
  );
});

test('a right that was taken back meanwhile is told as that', async () => {
  const world = new World();
  world.answer = { type: 'refused', ref: '1', code: 'not_allowed' };
  world.commands.pause();
  world.room.may = NO_RIGHTS;
  await world.settle();

  assert.deepEqual(world.refusals, ['locked.host']);
});

test('without a link nothing is asked', () => {
  const world = new World();
  Object.assign(world.room, { link: null });
  world.commands.play();

  assert.deepEqual(world.refusals, []);
});
