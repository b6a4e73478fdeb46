// @ts-check
/** The page follows its room to the next session, and shows which one follows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MovingOn } from '../../static/js/room/moving-on.js';
import { ShowSessions } from '../../static/js/room/show-sessions.js';

/** @param {number} revision @param {Partial<import('../../static/js/sync/timeline.js').Timeline>} [about] */
const timeline = (revision, about = {}) => ({ revision, position: 0, rate: 1, instant: 1000, ...about });
const last = timeline(2, { position: 120, rate: 0, instant: 1060, reason: 'ended' });

test('the picture goes on as it does while the room is about to leave', () => {
  const moving = new MovingOn();
  const runs = timeline(1);

  assert.deepEqual(moving.take({ timeline: runs, next: last }), { timeline: runs, next: null });
  assert.equal(moving.leaves, true);
  assert.equal(moving.left(1050), 10);
  assert.ok(Math.abs((moving.due(1050, false) ?? 0) - 10.1) < 1e-9);
});

test('a film that is over is left at once, and one that runs when the room leaves it', () => {
  const moving = new MovingOn();
  moving.take({ timeline: timeline(1), next: last });

  assert.equal(moving.due(1050, true), 0);
  assert.equal(moving.due(1070, false), 0);
  assert.equal(moving.left(1070), 0);
});

test('a room that stays after all is followed by its picture', () => {
  const moving = new MovingOn();
  moving.take({ timeline: timeline(1), next: last });
  const stays = timeline(3, { position: 55, instant: 1055, reason: 'play' });

  assert.deepEqual(moving.take({ timeline: stays, next: null }), { timeline: stays, next: null });
  assert.equal(moving.leaves, false);
  assert.equal(moving.due(1056, true), null);
});

test('who comes back to a session that was left goes on', () => {
  const moving = new MovingOn();

  assert.equal(moving.take({ timeline: last, next: null }), null);
  assert.equal(moving.due(5000, false), 0);
  moving.reset();
  assert.equal(moving.due(5000, false), null);
});

/** @param {string} id @param {number} begins Unix s @returns {import('../../static/js/room/api.js').Session} */
const session = (id, begins, about = {}) => ({
  id,
  created_at: '2026-11-24T20:00:00Z',
  user_id: 'u',
  type: 'session',
  show_id: 's',
  movie_time: new Date(begins * 1000).toISOString(),
  target_id: `film ${id}`,
  target_type: 'episode',
  duration: 100,
  state: 'scheduled',
  ...about,
});

test('what follows is the next session that is not over', () => {
  const sessions = new ShowSessions();
  sessions.take([session('a', 1000), session('b', 2000, { state: 'ended' }), session('c', 3000)]);

  assert.equal(sessions.after('a', 2500)?.id, 'c');
  assert.equal(sessions.after('c', 2500), null);
  assert.equal(sessions.after('unknown', 0), null);
  assert.equal(sessions.get('b')?.id, 'b');
});

test('the names of films are kept when the room tells of sessions anew', () => {
  const sessions = new ShowSessions();
  sessions.take([session('a', 1000), session('b', 2000)]);
  assert.equal(sessions.lacksNames, true);

  sessions.take([
    session('a', 1000, { film: { title: 'One' } }),
    session('b', 2000, { film: { title: 'Two' } }),
  ]);
  sessions.take([session('a', 1000), session('b', 1500)]);

  assert.equal(sessions.lacksNames, false);
  assert.equal(sessions.get('b')?.film?.title, 'Two');
  assert.equal(sessions.get('b')?.movie_time, new Date(1500_000).toISOString());
});
