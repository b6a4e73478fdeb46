// @ts-check
/** What carries the room's messages: a WebSocket here; anything that sends text in order will do. */

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
