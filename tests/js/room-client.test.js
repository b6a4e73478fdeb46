// @ts-check
/** What the page is told of the room: each thing once, and a change only where the seat changed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_RIGHTS } from '../../static/js/room/roles.js';
import { RoomClient } from '../../static/js/room/room-client.js';
import { ClockFilter } from '../../static/js/sync/clock.js';

const INVITATION = { show_id: 'w', session_id: 's', title: 'Film', member: true, role: 'guest' };
const TIMELINE = { revision: 1, position: 0, rate: 1, instant: 1000, by: null, reason: 'scheduled' };
const ROSTER = { rows: [], present: 1, total: 2 };

/** The browser around a room, and the server's end of its socket. */
class World {
  /** @type {{onopen(): void, onmessage(event: {data: string}): void} | undefined} */
  socket;

  /** @param {object} [invitation] what else the link tells */
  constructor(invitation = {}) {
    const world = this;
    /** @param {string} path */
    const fetch = async (path) =>
      Response.json(
        path === '/api/me' ? { id: 'u', name: 'Anna', guest: true } : { ...INVITATION, ...invitation },
      );
    class WebSocket {
      constructor() {
        world.socket = /** @type {any} */ (this);
      }

      send() {}

      close() {}
    }
    Object.assign(globalThis, {
      fetch,
      WebSocket,
      location: { origin: 'http://localhost' },
      document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
      addEventListener() {},
    });
  }

  /** @param {object} message */
  tell(message) {
    this.socket?.onmessage({ data: JSON.stringify(message) });
  }

  /** How often the page started over. */
  startedOver = 0;

  /** @param {import('node:test').TestContext} context */
  async joined(context) {
    const room = new RoomClient({
      token: 't',
      clock: new ClockFilter(),
      now: () => 0,
      startOver: () => {
        this.startedOver += 1;
      },
    });
    await room.load();
    context.after(() => room.link?.close());
    this.socket?.onopen();
    this.welcome(0);
    assert.equal(room.total, ROSTER.total, 'welcomed');
    assert.equal(room.settings?.control, 'host');
    return room;
  }

  /** @param {number} seq of the newest entry */
  welcome(seq) {
    this.tell({
      type: 'welcome',
      role: 'guest',
      may: NO_RIGHTS,
      show: { title: 'Film' },
      roster: ROSTER,
      settings: { control: 'host' },
      user: { id: 'u', name: 'Anna' },
      now: 1000,
      timeline: TIMELINE,
      next: null,
      seq,
    });
  }
}

/** @param {RoomClient} room @param {string[]} types @param {() => void} act */
function heard(room, types, act) {
  /** @type {string[]} */
  const events = [];
  for (const type of types) {
    room.addEventListener(type, () => events.push(type));
  }
  act();
  return [...events];
}

for (const message of [
  { type: 'message', id: 'm1', seq: 1, user_id: 'v', name: 'Boris', text: 'Hello' },
  { type: 'deleted', id: 'm0', seq: 1, by: 'v' },
  { type: 'timeline', now: 1001, timeline: { ...TIMELINE, revision: 2 }, next: null },
]) {
  test(`${message.type} is passed on, and is no change of the seat`, async (context) => {
    const world = new World();
    const room = await world.joined(context);

    const events = heard(room, [message.type, 'change'], () => world.tell(message));

    assert.deepEqual(events, [message.type]);
  });
}

for (const message of [
  { type: 'members', ...ROSTER, total: 3 },
  { type: 'show', title: 'Another', control: 'everyone' },
  { type: 'rights', role: 'guest', may: { ...NO_RIGHTS, command: true } },
  { type: 'notice', kind: 'joined', seq: 1 },
  { type: 'waiting', for: [{ id: 'v', name: 'Boris' }], until: 1012 },
  { type: 'summary', p50: 0.004, p95: 0.012, viewers: 2 },
]) {
  test(`${message.type} is passed on, and changes the seat once`, async (context) => {
    const world = new World();
    const room = await world.joined(context);

    const events = heard(room, [message.type, 'change'], () => world.tell(message));

    assert.deepEqual(events, [message.type, 'change']);
  });
}

test('whom the room waits for is known until it waits for nobody', async (context) => {
  const world = new World();
  const room = await world.joined(context);
  const boris = { id: 'v', name: 'Boris' };

  world.tell({ type: 'waiting', for: [boris], until: 1012 });
  assert.deepEqual(room.waiting?.for, [boris]);
  world.tell({ type: 'waiting', for: [], until: null });
  assert.equal(room.waiting, null);
});

test('how all kept step is known from when the film is over', async (context) => {
  const world = new World();
  const room = await world.joined(context);

  assert.equal(room.summary, null);
  world.tell({ type: 'summary', p50: 0.004, p95: 0.012, viewers: 2 });
  assert.deepEqual(room.summary, { type: 'summary', p50: 0.004, p95: 0.012, viewers: 2 });
});

test('a page whose log is longer than the one of the room starts over', async (context) => {
  const world = new World();
  await world.joined(context);
  world.tell({ type: 'notice', kind: 'joined', seq: 7 });

  world.welcome(7);
  assert.equal(world.startedOver, 0);
  world.welcome(6);

  assert.equal(world.startedOver, 1);
});

test('what one may do is as the server said last', async (context) => {
  const world = new World();
  const room = await world.joined(context);
  assert.deepEqual(room.may, NO_RIGHTS);

  world.tell({ type: 'rights', role: 'guest', may: { ...NO_RIGHTS, command: true } });
  assert.equal(room.may.command, true);
  world.tell({ type: 'rights', role: 'guest', may: NO_RIGHTS });
  assert.equal(room.may.command, false);
});

test('a member knows from the link what they may do, before the room welcomes them', async (context) => {
  const world = new World({ may: { ...NO_RIGHTS, command: true } });
  const room = new RoomClient({ token: 't', clock: new ClockFilter(), now: () => 0 });
  await room.load();
  context.after(() => room.link?.close());

  assert.equal(room.may.command, true);
  assert.notEqual(world.socket, undefined);
});

test('a new name of oneself is known, and a guest with an account has one row', async (context) => {
  const world = new World();
  const room = await world.joined(context);
  const row = (/** @type {string} */ id, /** @type {string} */ name) => ({
    ...{ user: { id, name }, role: 'guest', muted: false, state: 'playing', error: null },
    transport: 'websocket',
  });
  world.tell({ type: 'members', rows: [row('u', 'Anna'), row('g', 'Boris')], present: 2, total: 2 });
  const notice = { type: 'notice', kind: 'renamed', position: 0, session_id: 's', revision: 1 };

  world.tell({ ...notice, seq: 1, by: 'u', name: 'Anna', user: { id: 'u', name: 'Аня' } });
  world.tell({ ...notice, seq: 2, by: 'g', name: 'Boris', user: { id: 'a', name: 'Борис' } });

  assert.equal(room.person?.name, 'Аня');
  assert.deepEqual([...room.people.keys()], ['u']);
});

test('a room that moves on keeps its chat: the new link goes on where the old one was', async (context) => {
  const world = new World();
  const room = await world.joined(context);
  world.tell({ type: 'message', id: 'm1', seq: 7, user_id: 'v', name: 'Boris', text: 'Hello' });
  const before = /** @type {any} */ (world.socket);
  const old = room.link;
  /** @type {string[]} */
  const sent = [];
  const states = heard(room, ['session', 'state'], () =>
    room.moveTo(/** @type {any} */ ({ ...INVITATION, session_id: 'second' })),
  );
  const socket = /** @type {any} */ (world.socket);
  socket.send = (/** @type {string} */ text) => sent.push(text);
  socket.onopen();

  assert.notEqual(socket, before);
  assert.deepEqual(states, ['session'], 'the old link ends without a word');
  assert.equal(old?.state, 'closed');
  assert.equal(room.linkState.state === 'closed', false);
  assert.equal(room.invitation?.session_id, 'second');
  const hello = sent.map((text) => JSON.parse(text)).find(({ type }) => type === 'hello');
  assert.equal(hello?.after, 7);

  const late = heard(room, ['message'], () =>
    before.onmessage({ data: JSON.stringify({ type: 'message', id: 'm2', seq: 8, text: 'late' }) }),
  );
  assert.deepEqual(late, []);
});

test('who comes in after the room has moved on enters where it is', async (context) => {
  new World({ member: false });
  const room = new RoomClient({ token: 't', clock: new ClockFilter(), now: () => 0 });
  await room.load();
  context.after(() => room.link?.close());
  Object.assign(globalThis, {
    fetch: async (/** @type {string} */ path) =>
      Response.json(
        path.endsWith('/accept')
          ? { show_id: 'w', session_id: 'second', role: 'guest' }
          : { ...INVITATION, session_id: 'second', title: 'Second' },
      ),
  });
  /** @type {string[]} */
  const moved = [];
  room.addEventListener('session', (event) =>
    moved.push(/** @type {CustomEvent} */ (event).detail.session_id),
  );

  await room.enter('');

  assert.deepEqual(moved, ['second']);
  assert.equal(room.invitation?.title, 'Second');
  assert.equal(room.member, true);
});
