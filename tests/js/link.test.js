import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomLink } from '../../static/js/room/link.js';
import { ClockFilter } from '../../static/js/sync/clock.js';
import { seeded } from './random.js';

const TIMELINE = { revision: 1, position: 0, rate: 1, instant: 1000, by: null, reason: 'scheduled' };

/** @typedef {Record<string, any> & {at: number, type: string}} Sent */

/**
 * @typedef {object} ServerEnd  The server's end of a connection.
 * @property {Sent[]} sent
 * @property {boolean} dead
 * @property {boolean} closed
 * @property {number} opened
 * @property {() => void} onopen
 * @property {(message: object) => void} tell
 * @property {(code?: number) => void} end
 * @property {() => string[]} types
 */

/** A page, its timers and the server's end of its connections, in simulated time. */
class World {
  now = 100;

  /** For how long the client's clock stood still while the wall clock went on, s. */
  asleep = 0;
  visible = true;

  /** Whether the server gives a sign of life, and how often it was asked for one. */
  reachable = true;
  asked = 0;
  random = () => 0.5;

  /** @type {ServerEnd[]} */
  sockets = [];
  /** @type {Set<{at: number, callback: () => void}>} */
  timers = new Set();

  /** @type {(() => void)[]} */
  wakers = [];
  clock = new ClockFilter();

  /** @type {any[]} what the link said of itself */
  states = [];

  /** @type {number[]} */
  entries = [];
  link = /** @type {RoomLink} */ (/** @type {unknown} */ (null));

  /** The last entry that the server has; null: the last one heard. @type {number | null} */
  logEnd = null;

  /** What the server does with a message: by default it answers pings and greets. */
  serve = (/** @type {any} */ socket, /** @type {any} */ message) => {
    if (message.type === 'ping') {
      socket.tell({ type: 'pong', c0: message.c0, s1: this.now + 900, s2: this.now + 900 });
    } else if (message.type === 'hello') {
      const seq = this.logEnd ?? Math.max(0, ...this.entries);
      socket.tell({ type: 'welcome', now: 1000, timeline: TIMELINE, next: null, seq });
    }
  };

  open({ greeted = true } = {}) {
    const world = this;
    class FakeConnection {
      /** @type {Sent[]} */
      sent = [];
      dead = false;
      closed = false;
      opened = world.now;
      #events;

      /** @param {import('../../static/js/room/carrier.js').ConnectionEvents} events */
      constructor(events) {
        this.#events = events;
        world.sockets.push(this);
      }

      onopen() {
        this.#events.opened();
      }

      /** @param {string} text */
      send(text) {
        const message = JSON.parse(text);
        this.sent.push({ at: world.now, ...message });
        if (!this.dead) {
          world.serve(this, message);
        }
      }

      close() {
        this.closed = true;
      }

      /** @param {object} message */
      tell(message) {
        if (!this.closed) {
          this.#events.received(JSON.stringify(message));
        }
      }

      /** @param {number} [code]  not every carrier has one */
      end(code) {
        this.#events.closed(code);
      }

      types() {
        return this.sent.map(({ type }) => type);
      }
    }
    this.link = new RoomLink({
      carrier: { open: (events) => new FakeConnection(events) },
      clock: this.clock,
      now: () => this.now,
      wall: () => this.now + this.asleep,
      page: {
        visible: () => this.visible,
        onWake: (callback) => this.wakers.push(callback),
        reaches: () => {
          this.asked += 1;
          return Promise.resolve(this.reachable);
        },
      },
      random: () => this.random(),
      schedule: (callback, seconds) => {
        const timer = { at: this.now + seconds, callback };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
      },
    });
    this.link.addEventListener('state', (event) =>
      this.states.push(/** @type {CustomEvent} */ (event).detail),
    );
    for (const type of ['message', 'notice', 'deleted']) {
      this.link.addEventListener(type, (event) => {
        this.entries.push(/** @type {CustomEvent} */ (event).detail.seq);
      });
    }
    if (greeted) {
      this.link.hello();
    }
    return this;
  }

  get socket() {
    return /** @type {ServerEnd} */ (this.sockets.at(-1));
  }

  connect() {
    this.socket.onopen();
    return this.socket;
  }

  /** @param {number} seconds */
  pass(seconds) {
    const until = this.now + seconds;
    for (;;) {
      const [next] = [...this.timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) {
        break;
      }
      this.timers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.callback();
    }
    this.now = until;
  }

  wake() {
    for (const callback of this.wakers) {
      callback();
    }
  }
}

/** Let promises that are kept already be heard of. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** @param {Promise<any>} answer @returns {Promise<any>} whether accepted or refused */
const outcome = (answer) => answer;

/** @param {number} seq */
const message = (seq) => ({ type: 'message', seq, id: `m${seq}`, text: `${seq}` });

test('the burst of pings begins with the link, before anybody is greeted', () => {
  const world = new World().open({ greeted: false });
  const socket = world.connect();
  world.pass(0.6);

  assert.equal(world.clock.ready, true);
  assert.deepEqual([...new Set(socket.types())], ['ping']);
});

test('the pings thin out', () => {
  const socket = new World().open();
  socket.connect();
  socket.pass(200);
  const within = (/** @type {number} */ from, /** @type {number} */ to) =>
    socket.socket.sent.filter(({ type, at }) => type === 'ping' && at - 100 >= from && at - 100 < to).length;

  assert.ok(within(0, 0.5) >= 8);
  assert.ok(within(6, 7) >= 9);
  assert.ok(Math.abs(within(9, 19) - 10) <= 1);
  assert.ok(Math.abs(within(30, 60) - 15) <= 1);
  assert.ok(Math.abs(within(130, 190) - 12) <= 1);
});

test('the clock is told', () => {
  const world = new World().open();
  world.connect();
  world.pass(1);

  assert.ok(Math.abs(world.clock.offset - 900) < 0.001);
});

test('the greeting waits for the socket, and for the person', () => {
  const world = new World().open({ greeted: false });
  const socket = world.connect();
  world.link.hello({ token: 'abc' });
  const [hello] = socket.sent.filter(({ type }) => type === 'hello');

  assert.deepEqual(hello, { at: world.now, type: 'hello', protocol: 1, token: 'abc' });
});

test('who waits too long in the lobby is linked again when they come in', () => {
  const world = new World().open({ greeted: false });
  world.connect().end(4401);
  world.pass(30);
  assert.equal(world.sockets.length, 1);
  assert.equal(world.link.state, 'lost');

  world.link.hello({ token: 'abc' });
  world.connect();
  assert.equal(world.socket.types().includes('hello'), true);
});

test('after a loss it comes back by itself and asks for what was missed', () => {
  const world = new World().open();
  const first = world.connect();
  for (const seq of [41, 42, 43]) {
    first.tell(message(seq));
  }
  first.end();
  assert.equal(world.link.state, 'lost');

  world.pass(0.25);
  const second = world.connect();
  const [hello] = second.sent.filter(({ type }) => type === 'hello');
  assert.equal(hello.after, 43);

  for (const seq of [42, 43, 44]) {
    second.tell(message(seq));
  }
  assert.deepEqual(world.entries, [41, 42, 43, 44]);
});

test('a page ahead of a restored log says so and takes the new entries', () => {
  const world = new World().open();
  let restored = 0;
  world.link.addEventListener('restored', () => {
    restored += 1;
  });
  const [first] = world.sockets;
  first?.onopen();
  for (const seq of [41, 42, 43]) {
    first?.tell({ type: 'notice', kind: 'joined', seq });
  }
  world.logEnd = 42;

  first?.end();
  world.pass(1);
  const second = world.sockets.at(-1);
  second?.onopen();
  for (const seq of [42, 43]) {
    second?.tell({ type: 'notice', kind: 'joined', seq });
  }

  assert.equal(restored, 1);
  assert.deepEqual(world.entries, [41, 42, 43, 42, 43]);
});

test('three sockets are tried after 0.25, 0.5 and 1 s, then one whenever the server is to be reached', async () => {
  const world = new World().open();
  world.connect().end();
  const waits = [];
  for (let i = 0; i < 3; i += 1) {
    const lost = world.now;
    world.pass(1.001);
    waits.push(Math.round((world.socket.opened - lost) * 1000) / 1000);
    world.socket.end();
  }
  assert.deepEqual(waits, [0.25, 0.5, 1]);
  assert.equal(world.asked, 0);

  world.reachable = false;
  for (let i = 0; i < 20; i += 1) {
    world.pass(0.601);
    await settled();
  }
  assert.equal(world.asked, 20);
  assert.equal(world.sockets.length, 4);

  world.reachable = true;
  world.pass(0.601);
  await settled();
  world.connect().end();
  world.pass(0.251);
  assert.equal(world.sockets.length, 6);
});

test('a sign of life that comes after the page has woken opens no second socket', async () => {
  const world = new World().open();
  world.connect().end();
  for (let i = 0; i < 3; i += 1) {
    world.pass(1.001);
    world.socket.end();
  }
  world.pass(0.601);
  world.wake();
  await settled();

  assert.equal(world.asked, 1);
  assert.equal(world.sockets.length, 5);
});

test('a page that is seen again, or online again, does not wait', () => {
  const world = new World().open();
  world.connect().end();
  world.wake();

  assert.equal(world.sockets.length, 2);
  const socket = world.connect();
  world.pass(30);
  const pings = socket.sent.length;
  world.wake();
  world.pass(0.5);
  assert.ok(socket.sent.length - pings >= 7);
});

test('when the server stops it comes back within two seconds', () => {
  const world = new World().open();
  world.random = () => 0.9;
  const socket = world.connect();
  socket.tell({ type: 'goodbye', code: 1001, reason: 'server_stops' });
  socket.end();
  assert.deepEqual(world.states.at(-1), { state: 'lost', reason: 'server_stops' });
  world.pass(1.7);
  assert.equal(world.sockets.length, 1);

  world.pass(0.2);
  assert.equal(world.sockets.length, 2);
});

for (const [code, reason] of /** @type {[number, string][]} */ ([
  [4400, 'protocol'],
  [4401, 'passport'],
  [4403, 'removed'],
  [4410, 'deleted'],
])) {
  test(`closed with ${code} it stays closed`, () => {
    const world = new World().open();
    world.connect().end(code);
    world.pass(60);
    world.wake();

    assert.deepEqual(world.states.at(-1), { state: 'closed', reason });
    assert.equal(world.sockets.length, 1);
  });
}

test('a carrier without close codes ends it for good by the words before', () => {
  for (const type of ['goodbye', 'removed']) {
    const world = new World().open();
    const socket = world.connect();
    socket.tell({ type, code: 4403, reason: 'whatever' });
    socket.end();
    world.pass(60);

    assert.deepEqual(world.states.at(-1), { state: 'closed', reason: 'removed' });
    assert.equal(world.sockets.length, 1);
  }
});

test('what a dropped connection still says is not heard', () => {
  const world = new World().open();
  const dropped = world.connect();
  world.pass(1);
  dropped.dead = true;
  world.pass(20);
  const second = world.connect();
  dropped.closed = false;
  dropped.tell({ type: 'goodbye', code: 4403, reason: 'removed' });
  dropped.tell(message(1));
  second.end();

  assert.equal(world.states.at(-1).state, 'lost');
  assert.deepEqual(world.entries, []);
});

test('too slow, it catches up at once; flooding, it waits', () => {
  const slow = new World().open();
  slow.connect().end(4408);
  slow.pass(0.3);
  assert.equal(slow.sockets.length, 2);

  const flooding = new World().open();
  flooding.connect().end(4429);
  flooding.pass(9);
  assert.equal(flooding.sockets.length, 1);
  flooding.pass(2);
  assert.equal(flooding.sockets.length, 2);
});

test('a socket that does not open is given up', () => {
  const world = new World().open();
  world.pass(10);
  assert.equal(world.socket.closed, true);

  world.pass(0.3);
  assert.equal(world.sockets.length, 2);
  const second = world.connect();
  world.pass(60);
  assert.equal(second.closed, false);
});

test('a link that answers no pings is dead', () => {
  const world = new World().open();
  const socket = world.connect();
  world.pass(30);
  socket.dead = true;
  world.pass(13);

  assert.equal(socket.closed, true);
  assert.equal(world.sockets.length, 2);
});

test('a hidden page is not judged by its pings', () => {
  const world = new World().open();
  const socket = world.connect();
  world.visible = false;
  socket.dead = true;
  world.pass(60);

  assert.equal(world.sockets.length, 1);
});

test('a gap that stays is asked for anew', () => {
  const world = new World().open();
  const socket = world.connect();
  for (const seq of [1, 2, 5]) {
    socket.tell(message(seq));
  }
  world.pass(4);

  assert.equal(world.sockets.length, 2);
  const again = world.connect();
  assert.equal(again.sent.find(({ type }) => type === 'hello')?.after, 2);
  for (const seq of [3, 4, 5]) {
    again.tell(message(seq));
  }
  assert.deepEqual(world.entries, [1, 2, 3, 4, 5]);
});

test('over a line that breaks at any moment each entry comes once and in order', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = seeded(seed);
    const world = new World().open();
    let stored = 3;
    const answer = world.serve;
    world.serve = (socket, sent) => {
      answer(socket, sent);
      if (sent.type === 'hello') {
        const from = Math.max(1, (sent.after ?? 0) + 1 - Math.floor(random() * 3));
        for (let seq = from; seq <= stored; seq += 1) {
          socket.tell(message(seq));
        }
      }
    };
    for (let round = 0; round < 40; round += 1) {
      const socket = world.connect();
      for (let i = 0; i < 5; i += 1) {
        stored += 1;
        if (random() < 0.9) {
          socket.tell(message(stored));
        }
      }
      socket.end();
      world.pass(11);
    }
    world.connect();
    assert.deepEqual(
      world.entries,
      Array.from({ length: stored }, (_, i) => i + 1),
      `seed ${seed}`,
    );
  }
});

test('a clock that contradicts itself is asked again in a burst', () => {
  const world = new World().open();
  const socket = world.connect();
  world.pass(30);
  const pings = socket.sent.length;
  const answer = world.serve;
  world.serve = (to, { type, c0 }) =>
    type === 'ping'
      ? to.tell({ type: 'pong', c0, s1: world.now + 960, s2: world.now + 960 })
      : answer(to, { type });
  world.pass(6);

  assert.ok(socket.sent.length - pings > 8);
  assert.ok(Math.abs(world.clock.offset - 960) < 0.001);
});

test('a command is answered by its reference', async () => {
  const world = new World().open();
  const socket = world.connect();
  const one = world.link.command('pause');
  const two = world.link.command('seek', { position: 12.5, revision: 3 });
  const [pause, seek] = socket.sent.filter(({ type }) => type === 'command');
  assert.deepEqual(
    { action: seek.action, position: seek.position, revision: seek.revision },
    { action: 'seek', position: 12.5, revision: 3 },
  );

  socket.tell({ type: 'refused', ref: seek.ref, code: 'not_allowed', detail: 'no' });
  socket.tell({ type: 'accepted', ref: pause.ref, revision: 4 });
  assert.equal((await outcome(one)).revision, 4);
  assert.equal((await outcome(two)).code, 'not_allowed');
});

test('a command is not given twice: without a link it is refused', async () => {
  const world = new World().open();
  assert.equal((await outcome(world.link.command('play'))).code, 'link_lost');

  const socket = world.connect();
  const asked = world.link.command('play');
  socket.end();
  assert.equal((await outcome(asked)).code, 'link_lost');

  world.pass(1);
  assert.equal(world.connect().types().includes('command'), false);
});

test('what was said and not acknowledged is said again, with the same id', async () => {
  const world = new World().open();
  const first = world.connect();
  const acknowledged = world.link.say('id-1', 'one');
  const unheard = world.link.say('id-2', 'two');
  first.tell({ type: 'accepted', ref: first.sent.find(({ id }) => id === 'id-1')?.ref, seq: 1 });
  first.end();
  const meanwhile = world.link.say('id-3', 'three');
  world.pass(1);
  const second = world.connect();
  const said = second.sent.filter(({ type }) => type === 'say');
  assert.deepEqual(
    said.map(({ id, text }) => [id, text]),
    [
      ['id-2', 'two'],
      ['id-3', 'three'],
    ],
  );
  assert.equal(second.types().indexOf('hello') < second.types().indexOf('say'), true);

  for (const [i, { ref }] of said.entries()) {
    second.tell({ type: 'accepted', ref, seq: i + 2 });
  }
  assert.deepEqual(
    [(await outcome(acknowledged)).seq, (await outcome(unheard)).seq, (await outcome(meanwhile)).seq],
    [1, 2, 3],
  );
});

test('a report goes out at a change of state, else every five seconds', () => {
  const world = new World().open();
  const socket = world.connect();
  const reports = () => socket.types().filter((type) => type === 'report').length;
  for (let i = 0; i < 40; i += 1) {
    world.link.report({ state: 'playing', error: i });
    world.pass(0.25);
  }
  assert.equal(reports(), 2);

  world.link.report({ state: 'stalled' });
  world.link.report({ state: 'playing' });
  assert.equal(reports(), 4);
});

test('while the room waits for somebody a report goes out each second', () => {
  const world = new World().open();
  const socket = world.connect();
  for (let i = 0; i < 40; i += 1) {
    world.link.report({ state: 'paused' }, { waiting: true });
    world.pass(0.25);
  }

  assert.equal(socket.types().filter((type) => type === 'report').length, 10);
});

test('nothing is sent before the room has welcomed', async () => {
  const world = new World().open({ greeted: false });
  const socket = world.connect();
  world.link.say('id-1', 'early');
  world.link.report({ state: 'waiting' });
  assert.equal((await outcome(world.link.command('play'))).code, 'link_lost');

  assert.deepEqual([...new Set(socket.types())], ['ping']);
});

test('who leaves is gone for good', async () => {
  const world = new World().open();
  const socket = world.connect();
  const unsaid = world.link.say('id-1', 'bye');
  world.link.close();
  world.pass(60);

  assert.equal(socket.closed, true);
  assert.equal(world.sockets.length, 1);
  assert.equal((await outcome(unsaid)).code, 'link_lost');
  assert.deepEqual(world.states.at(-1), { state: 'closed', reason: 'left' });
});

test('after a sleep the time is asked for closely, and what was known of it holds', () => {
  const world = new World().open();
  world.connect();
  world.pass(60);
  const before = world.clock.offset;
  const { length } = world.sockets[0].sent;
  world.now += 40;
  world.pass(1.1);

  const pings = world.sockets[0].sent.slice(length).filter(({ type }) => type === 'ping');
  assert.ok(pings.length >= 8, `${pings.length} pings`);
  assert.equal(world.sockets.length, 1);
  assert.ok(Math.abs(world.clock.offset - before) < 0.01);
});

test('a clock that stood still in a sleep is set anew by the first answer', () => {
  const world = new World().open();
  world.connect();
  world.pass(60);
  const serve = world.serve;
  world.serve = (socket, message) =>
    message.type === 'ping'
      ? socket.tell({ type: 'pong', c0: message.c0, s1: world.now + 4500, s2: world.now + 4500 })
      : serve(socket, message);
  world.asleep = 3600;
  world.pass(1.5);

  assert.ok(Math.abs(world.clock.offset - 4500) < 0.01, `${world.clock.offset}`);
  assert.ok(world.clock.ready);
});
