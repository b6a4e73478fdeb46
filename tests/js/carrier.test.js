// @ts-check
/** A WebSocket as what carries the room's messages. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { WebSocketCarrier } from '../../static/js/room/carrier.js';

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
