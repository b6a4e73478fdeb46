// @ts-check
/**
 * What carries the room's messages: a WebSocket, or a data channel of a live picture's connection.
 *
 * Anything that sends text in order will do. Where both are there, one carries on when the other breaks.
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

/** The code of a connection that broke (RFC 6455, section 7.4.1). */
const BROKEN = 1006;

/**
 * The WebSocket first; a data channel where the WebSocket broke, and the other way round.
 *
 * @implements {Carrier}
 */
export class EitherCarrier {
  #socket;
  #openChannel;

  /** Whether the WebSocket was the last to break. */
  #socketBroke = false;

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
    const channel = this.#socketBroke ? this.#openChannel() : null;
    if (channel !== null) {
      this.#socketBroke = false;
      return new ChannelConnection(channel, events);
    }
    // A connection that the page drops does not tell that it broke.
    this.#socketBroke = true;
    return this.#socket.open({
      ...events,
      closed: (code) => {
        // One that the server closed has not.
        this.#socketBroke = code === undefined || code === BROKEN;
        events.closed(code);
      },
    });
  }
}
