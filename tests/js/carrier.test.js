// @ts-check
/** What carries the room's messages: a WebSocket, a data channel, or either. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EitherCarrier, WebSocketCarrier } from '../../static/js/room/carrier.js';

test('each connection is a WebSocket of its own', () => {
  /** @type {FakeSocket[]} */
  const sockets = [];
  class FakeSocket {
    /** @type {string[]} */
    calls = [];
    onopen = () => {};
    onmessage = (/** @type {{data: string}} */ _) => {};
    onclose = (/** @type {{code: number}} */ _) => {};

    /** @param {string} url */
    constructor(url) {
      this.calls.push(url);
      sockets.push(this);
    }

    /** @param {string} text */
    send(text) {
      this.calls.push(text);
    }

    close() {
      this.calls.push('close');
    }
  }
  Object.assign(globalThis, { WebSocket: FakeSocket });
  /** @type {unknown[]} */
  const heard = [];
  const carrier = new WebSocketCarrier('wss://seans.test/socket');
  const open = () =>
    carrier.open({
      opened: () => heard.push('opened'),
      received: (text) => heard.push(text),
      closed: (code) => heard.push(code),
    });
  const first = open();
  open();
  sockets[0]?.onopen();
  sockets[0]?.onmessage({ data: '{}' });
  first.send('hello');
  first.close();
  sockets[0]?.onclose({ code: 4403 });

  assert.deepEqual(heard, ['opened', '{}', 4403]);
  assert.deepEqual(sockets[0]?.calls, ['wss://seans.test/socket', 'hello', 'close']);
  assert.deepEqual(sockets[1]?.calls, ['wss://seans.test/socket']);
});

/** A WebSocket and a data channel whose other ends the test plays, and what a link heard of them. */
class Both {
  /** @type {string[]} what was opened, sent and closed */
  done = [];

  /** @type {unknown[]} */
  heard = [];

  /** @type {import('../../static/js/room/carrier.js').ConnectionEvents | null} */
  socket = null;

  /** @type {any} */
  channel = null;

  /** Whether there is a connection for a channel. */
  live = true;

  carrier = new EitherCarrier(
    {
      open: (events) => {
        this.done.push('socket');
        this.socket = events;
        return {
          send: (text) => this.done.push(`socket ${text}`),
          close: () => this.done.push('socket closed'),
        };
      },
    },
    () => {
      if (this.live) {
        this.done.push('channel');
        this.channel = {
          readyState: 'open',
          send: (/** @type {string} */ text) => this.done.push(`channel ${text}`),
          close: () => this.done.push('channel closed'),
        };
      }
      return this.live ? this.channel : null;
    },
  );

  connection = this.carrier.open({
    opened: () => this.heard.push('opened'),
    received: (text) => this.heard.push(text),
    closed: (code) => this.heard.push(code),
  });
}

test('of a WebSocket and a channel the one that opens first carries', () => {
  const both = new Both();
  both.channel.onopen();
  both.channel.onmessage({ data: '{}' });
  both.connection.send('hello');
  both.socket?.opened();
  both.socket?.received('late');
  both.socket?.closed(1006);
  both.channel.readyState = 'closing';
  both.connection.send('lost');
  both.channel.onclose();

  assert.deepEqual(both.done, ['channel', 'socket', 'socket closed', 'channel hello']);
  assert.deepEqual(both.heard, ['opened', '{}', undefined]);
});

test('a channel that never opens does not hold up the WebSocket', () => {
  const both = new Both();
  both.socket?.opened();
  both.connection.send('hello');
  both.channel.onclose();
  both.socket?.closed(4403);

  assert.deepEqual(both.done, ['channel', 'socket', 'channel closed', 'socket hello']);
  assert.deepEqual(both.heard, ['opened', 4403]);
});

test('both have failed once the second one has', () => {
  const both = new Both();
  both.socket?.closed(1006);
  assert.deepEqual(both.heard, []);
  both.channel.onclose();
  assert.deepEqual(both.heard, [undefined]);
});

test('a connection that is closed before it opens is closed on both', () => {
  const both = new Both();
  both.connection.close();

  assert.deepEqual(both.done.slice(2), ['socket closed', 'channel closed']);
});

test('without a live picture there is the WebSocket alone', () => {
  const both = new Both();
  both.live = false;
  both.carrier.open({ opened() {}, received() {}, closed() {} }).close();

  assert.deepEqual(both.done.slice(2), ['socket', 'socket closed']);
});
