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

/** Both carriers, and what a link heard of the connections that it opened. */
class Both {
  /** @type {string[]} */
  opened = [];

  /** @type {unknown[]} */
  heard = [];

  /** @type {(code?: number) => void} */
  endSocket = () => {};

  /** @type {any} */
  channel = null;

  /** Whether there is a connection for a channel. */
  live = true;

  carrier = new EitherCarrier(
    {
      open: ({ closed }) => {
        this.opened.push('socket');
        this.endSocket = closed;
        return { send() {}, close() {} };
      },
    },
    () => {
      if (!this.live) {
        return null;
      }
      this.opened.push('channel');
      this.channel = {
        readyState: 'open',
        sent: [],
        send: (/** @type {string} */ text) => this.channel.sent.push(text),
        close() {},
      };
      return this.channel;
    },
  );

  open() {
    return this.carrier.open({
      opened: () => this.heard.push('opened'),
      received: (text) => this.heard.push(text),
      closed: (code) => this.heard.push(code),
    });
  }
}

test('a channel carries on where the WebSocket broke, and the other way round', () => {
  const both = new Both();
  both.open();
  both.endSocket(1006);
  const connection = both.open();
  both.channel.onopen();
  both.channel.onmessage({ data: '{}' });
  connection.send('hello');
  both.channel.readyState = 'closing';
  connection.send('lost');
  both.channel.onclose();
  both.open();

  assert.deepEqual(both.opened, ['socket', 'channel', 'socket']);
  assert.deepEqual(both.heard, [1006, 'opened', '{}', undefined]);
  assert.deepEqual(both.channel.sent, ['hello']);
});

test('a WebSocket that the page dropped broke as well', () => {
  const both = new Both();
  both.open().close();
  both.open().close();

  assert.deepEqual(both.opened, ['socket', 'channel']);
});

test('a WebSocket that the server closed is opened again', () => {
  const both = new Both();
  both.open();
  both.endSocket(1001);
  both.open();

  assert.deepEqual(both.opened, ['socket', 'socket']);
});

test('without a live picture there is the WebSocket alone', () => {
  const both = new Both();
  both.live = false;
  both.open();
  both.endSocket(1006);
  both.open();

  assert.deepEqual(both.opened, ['socket', 'socket']);
});
