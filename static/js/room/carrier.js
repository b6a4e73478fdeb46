// @ts-check
/**
 * What carries the room's messages: a WebSocket, or a data channel of a live picture's connection.
 *
 * Anything that sends text in order will do. Where both are there, the first one that opens carries.
 */

/**
 * @typedef {object} ConnectionEvents  What a connection tells of itself, never before `open` has returned.
 * @property {() => void} opened
 * @property {(text: unknown) => void} received
 * @property {(code?: number) => void} closed  as RFC 6455, section 7.4, numbers the causes, where it can say
 */

/**
 * @typedef {object} Connection  One connection, from its opening to its end.
 * @property {(text: string) => void} send
 * @property {() => void} close
 */

/**
 * @typedef {object} Carrier
 * @property {(events: ConnectionEvents) => Connection} open  a new connection
 */

/** @implements {Carrier} */
export class WebSocketCarrier {
  #url;

  /** @param {string} url  of the session's `socket` */
  constructor(url) {
    this.#url = url;
  }

  /**
   * @param {ConnectionEvents} events
   * @returns {Connection}
   */
  open({ opened, received, closed }) {
    const socket = new WebSocket(this.#url);
    socket.onopen = opened;
    socket.onmessage = ({ data }) => received(data);
    socket.onclose = ({ code }) => closed(code);
    return socket;
  }
}

/** A data channel of WebRTC (RFC 8831), ordered and reliable. @implements {Connection} */
class ChannelConnection {
  #channel;

  /**
   * @param {RTCDataChannel} channel
   * @param {ConnectionEvents} events
   */
  constructor(channel, { opened, received, closed }) {
    this.#channel = channel;
    channel.onopen = () => opened();
    channel.onmessage = ({ data }) => received(data);
    // It has no codes: the server's goodbye says why.
    channel.onclose = () => closed();
  }

  /** @param {string} text */
  send(text) {
    // A channel that is closing throws, and tells in a moment that it is closed.
    if (this.#channel.readyState === 'open') {
      this.#channel.send(text);
    }
  }

  close() {
    this.#channel.close();
  }
}

/**
 * A WebSocket and a data channel that are opened at once: the first one that opens carries, and the other
 * is closed. Neither tells by itself how long it would take, or that it never will.
 *
 * @implements {Connection}
 */
class RacingConnection {
  /** @type {Connection | null} */
  #carrying = null;

  /** @type {Set<Connection>} */
  #racing = new Set();
  #events;

  /** @param {ConnectionEvents} events */
  constructor(events) {
    this.#events = events;
  }

  /** @param {(events: ConnectionEvents) => Connection} open */
  add(open) {
    const connection = open({
      opened: () => this.#onOpen(connection),
      received: (text) => connection === this.#carrying && this.#events.received(text),
      closed: (code) => this.#onClose(connection, code),
    });
    this.#racing.add(connection);
  }

  /** @param {string} text */
  send(text) {
    this.#carrying?.send(text);
  }

  close() {
    for (const connection of this.#racing) {
      connection.close();
    }
  }

  /** @param {Connection} connection */
  #onOpen(connection) {
    if (this.#carrying !== null) {
      return;
    }
    this.#carrying = connection;
    for (const other of this.#racing) {
      if (other !== connection) {
        other.close();
      }
    }
    this.#events.opened();
  }

  /**
   * @param {Connection} connection
   * @param {number} [code]
   */
  #onClose(connection, code) {
    this.#racing.delete(connection);
    if (connection === this.#carrying || (this.#carrying === null && this.#racing.size === 0)) {
      this.#events.closed(code);
    }
  }
}

/** A WebSocket, or a data channel where there is a connection for one. @implements {Carrier} */
export class EitherCarrier {
  #socket;
  #openChannel;

  /**
   * @param {Carrier} socket
   * @param {() => RTCDataChannel | null} openChannel  null: there is no connection for one
   */
  constructor(socket, openChannel) {
    this.#socket = socket;
    this.#openChannel = openChannel;
  }

  /**
   * @param {ConnectionEvents} events
   * @returns {Connection}
   */
  open(events) {
    const channel = this.#openChannel();
    if (channel === null) {
      return this.#socket.open(events);
    }
    const both = new RacingConnection(events);
    both.add((own) => this.#socket.open(own));
    both.add((own) => new ChannelConnection(channel, own));
    return both;
  }
}
