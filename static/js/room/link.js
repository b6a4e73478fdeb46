// @ts-check
/**
 * The page's link to the room: it reconnects by itself, gives samples to the clock, and loses no entry.
 *
 * It opens as soon as its address is known, so that the burst of pings is over before the viewer enters.
 * It dispatches an event for every message of the server, named by the message's type and with the
 * message as `detail`; entries of the log come once and in order. It also dispatches `state` with
 * `{state, reason}`, and `restored` if the room's log is shorter than before: then the server was
 * restored from a backup, and the page has entries of another log.
 */

import { linkLost, Outbox } from './outbox.js';
import { encode, inLog, PROTOCOL, parse } from './protocol.js';
import { ReconnectingConnection } from './reconnecting-connection.js';
import { Sequence } from './sequence.js';

/** @typedef {import('./protocol.js').Accepted} Accepted */
/** @typedef {import('./protocol.js').Refused} Refused */
/** @typedef {import('./protocol.js').ClientMessage} ClientMessage */

/** Time between two reports of the same state, s; and the same while the room waits. */
const REPORT_EVERY_S = 5;
const REPORT_WHILE_WAITING_S = 1;

/** If an entry is missing for longer, it is requested again, s. */
const MAX_GAP_S = 2;

export class RoomLink extends EventTarget {
  #now;
  #connection;
  #outbox = new Outbox();

  /** @type {Sequence<any>} */
  #log = new Sequence();

  /** Whether `welcome` has arrived on the present connection. */
  #welcomed = false;

  /** @type {{token?: string | undefined} | null} null: do not say hello yet */
  #helloFields = null;

  /** @type {{state: string, at: number} | null} */
  #lastReport = null;

  /**
   * @param {import('./reconnecting-connection.js').Parts} parts
   * @param {number | null} [after]  the last entry of the show's log that the page has
   */
  constructor(parts, after = null) {
    super();
    this.#now = parts.now;
    this.#log.last = after;
    this.#connection = new ReconnectingConnection(parts, {
      opened: () => this.#helloFields !== null && this.#sendHello(),
      received: (text, at) => this.#onMessage(text, at),
      detached: () => this.#onDetach(),
      stateChanged: (state, reason) => this.#onState(state, reason),
      ping: (c0) => this.send({ type: 'ping', c0 }),
    });
    this.#connection.connect();
  }

  /** The last entry of the log that has arrived, by its `seq`; null: none. */
  get last() {
    return this.#log.last;
  }

  /** @returns {import('./reconnecting-connection.js').LinkState} */
  get state() {
    return this.#connection.state;
  }

  /**
   * Say hello to the room as a member, on this and every later connection.
   *
   * @param {{token?: string}} [passport]  if the connection was opened before there was a cookie
   */
  hello({ token } = {}) {
    this.#helloFields = { token };
    this.#connection.reconnects = true;
    if (this.state === 'open') {
      this.#sendHello();
    } else {
      this.#connection.connect();
    }
  }

  /**
   * @param {ClientMessage} message
   * @returns {boolean}  false: there is no open link
   */
  send(message) {
    return this.#connection.send(encode(message));
  }

  /**
   * Send a command to the room. It is not sent again on a new link, because the room may have carried
   * it out.
   *
   * @param {import('./protocol.js').Action} action
   * @param {{position?: number, rate?: number, revision?: number}} [fields]
   * @returns {Promise<Accepted | Refused>}  refused as `link_lost` if no answer can arrive
   */
  command(action, fields = {}) {
    const ref = this.#outbox.nextRef;
    return this.#welcomed
      ? this.#ask({ type: 'command', ref, action, ...fields })
      : Promise.resolve(linkLost(ref));
  }

  /**
   * Send a chat message. It is sent again on every new link until the room has acknowledged it.
   *
   * @param {string} id  a UUID, so that a message that is sent twice is stored once
   * @param {string} text
   * @returns {Promise<Accepted | Refused>}
   */
  say(id, text) {
    const ref = this.#outbox.nextRef;
    return this.state === 'closed'
      ? Promise.resolve(linkLost(ref))
      : this.#ask({ type: 'say', ref, id, text });
  }

  /**
   * Report this viewer's picture to the room: at a change of state, else every five seconds; every second
   * while the room waits, because how much viewers have buffered ends the wait.
   *
   * @param {import('./protocol.js').ReportFields} fields
   * @param {{waiting?: boolean}} [room]
   */
  report(fields, { waiting = false } = {}) {
    const at = this.#now();
    const every = waiting ? REPORT_WHILE_WAITING_S : REPORT_EVERY_S;
    const fresh = this.#lastReport !== null && at - this.#lastReport.at < every;
    // When the error becomes unknown, report this at once, or others would still see the last error.
    const state = `${fields.state} ${'error' in fields}`;
    if (this.#welcomed && !(fresh && this.#lastReport?.state === state)) {
      this.send({ type: 'report', ...fields });
      this.#lastReport = { state, at };
    }
  }

  /** Measure the clock again, in a burst. */
  askTime() {
    this.#connection.burst();
  }

  /** Close the link for good. */
  close() {
    this.#connection.end('left');
  }

  /** @param {import('./protocol.js').Command | import('./protocol.js').Say} message */
  #ask(message) {
    const answer = this.#outbox.put(message);
    // Before the welcome the room would refuse it; after the welcome, unanswered messages are sent.
    if (this.#welcomed) {
      this.send(message);
    }
    return answer;
  }

  #sendHello() {
    const { token } = this.#helloFields ?? {};
    const after = this.#log.last;
    this.send({
      type: 'hello',
      protocol: PROTOCOL,
      ...(after === null ? {} : { after }),
      ...(token === undefined ? {} : { token }),
    });
  }

  /** Reset the state that belonged to the connection. */
  #onDetach() {
    this.#welcomed = false;
    this.#lastReport = null;
    // After the next hello the missing entries are sent again.
    this.#log.restart();
  }

  /**
   * @param {unknown} text
   * @param {number} at  client time, s
   */
  #onMessage(text, at) {
    const message = parse(text);
    if (message === null) {
      return;
    }
    if (message.type === 'pong') {
      this.#connection.answered(message, at);
    } else if (inLog(message)) {
      this.#takeEntry(message);
    } else {
      this.#take(message);
      this.#emit(message.type, message);
    }
  }

  /**
   * Dispatch the entries that are next in the log. If an entry is missing for too long, drop the connection;
   * the hello on the next one requests all missing entries.
   *
   * @param {any} entry
   */
  #takeEntry(entry) {
    const had = this.#log.gap;
    for (const next of this.#log.take(entry)) {
      this.#emit(next.type, next);
    }
    if (!this.#log.gap) {
      this.#connection.cancel('gap');
    } else if (!had) {
      this.#connection.after('gap', MAX_GAP_S, () => this.#connection.drop());
    }
  }

  /** @param {import('./protocol.js').ServerMessage} message */
  #take(message) {
    if (message.type === 'welcome') {
      this.#welcomed = true;
      // Not when it opens, because a server that cannot read its store answers hello by closing (1013).
      this.#connection.resetAttempts();
      for (const unanswered of this.#outbox.messages) {
        this.send(unanswered);
      }
      if (this.#log.last !== null && message.seq < this.#log.last) {
        // A backup was restored: with the old `last`, every new entry would count as received before.
        this.#log = new Sequence();
        this.#emit('restored', null);
      }
    } else if (message.type === 'accepted' || message.type === 'refused') {
      this.#outbox.settle(message);
    } else if (message.type === 'goodbye' || message.type === 'removed') {
      this.#connection.goodbye = message;
    }
  }

  /**
   * @param {import('./reconnecting-connection.js').LinkState} state
   * @param {string} [reason]
   */
  #onState(state, reason) {
    if (state === 'lost') {
      this.#outbox.breakOff();
    }
    this.#emit('state', { state, reason });
    if (state === 'closed') {
      this.#outbox.close();
    }
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
