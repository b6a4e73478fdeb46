// @ts-check
/**
 * The page's link to the room: it reconnects by itself, feeds the clock, and loses nothing.
 *
 * Opened as soon as there is an address, so that the burst of pings is over before anybody enters.
 * Dispatches an event for every message of the server, named by its type and with it as `detail`,
 * entries of the log once and in order; `state` with `{state, reason}`; and `restored` where the
 * room has a shorter log than it told of before: what the page has is of another one.
 */

import { linkLost, Outbox } from './outbox.js';
import { encode, inLog, PROTOCOL, parse } from './protocol.js';
import { ReconnectingSocket } from './reconnecting-socket.js';
import { Sequence } from './sequence.js';

/** @typedef {import('./protocol.js').Accepted} Accepted */
/** @typedef {import('./protocol.js').Refused} Refused */
/** @typedef {import('./protocol.js').ClientMessage} ClientMessage */

/** Between two reports of one state, s; and while somebody is waited for. */
const REPORT_EVERY_S = 5;
const REPORT_WHILE_WAITING_S = 1;

/** An entry that has not come for so long is asked for anew, s. */
const MAX_GAP_S = 2;

export class RoomLink extends EventTarget {
  #now;
  #socket;
  #outbox = new Outbox();

  /** @type {Sequence<any>} */
  #log = new Sequence();

  /** Whether the room has welcomed us on the present socket. */
  #welcomed = false;

  /** @type {{token?: string | undefined} | null} null: nobody to greet as, yet */
  #helloFields = null;

  /** @type {{state: string, at: number} | null} */
  #reported = null;

  /** @param {import('./reconnecting-socket.js').Parts} parts */
  constructor(parts) {
    super();
    this.#now = parts.now;
    this.#socket = new ReconnectingSocket(parts, {
      opened: () => this.#helloFields !== null && this.#sendHello(),
      received: (text, at) => this.#received(text, at),
      detached: () => this.#detached(),
      stateChanged: (state, reason) => this.#stateChanged(state, reason),
      ping: (c0) => this.send({ type: 'ping', c0 }),
    });
    this.#socket.connect();
  }

  /** @returns {import('./reconnecting-socket.js').LinkState} */
  get state() {
    return this.#socket.state;
  }

  /**
   * Say hello to the room: the person is a member now. Later sockets do it by themselves.
   *
   * @param {{token?: string}} [passport]  where the cookie was not there when the link was opened
   */
  hello({ token } = {}) {
    this.#helloFields = { token };
    this.#socket.wanted = true;
    if (this.state === 'open') {
      this.#sendHello();
    } else {
      this.#socket.connect();
    }
  }

  /**
   * @param {ClientMessage} message
   * @returns {boolean}  false where there is no link to send it on
   */
  send(message) {
    return this.#socket.send(encode(message));
  }

  /**
   * Ask the room to move the film. What was asked on a link that broke is not asked again.
   *
   * @param {import('./protocol.js').Action} action
   * @param {{position?: number, rate?: number, revision?: number}} [fields]
   * @returns {Promise<Accepted | Refused>}  refused as `link_lost` where no answer can come
   */
  command(action, fields = {}) {
    const ref = this.#outbox.nextRef;
    return this.#welcomed
      ? this.#ask({ type: 'command', ref, action, ...fields })
      : Promise.resolve(linkLost(ref));
  }

  /**
   * Say something. Until the room has acknowledged it, it is said again on every new link.
   *
   * @param {string} id  a UUID: said twice it is stored once
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
   * Tell the room how this viewer does: at a change of state, else every five seconds, each second
   * while the room waits for what somebody has buffered.
   *
   * @param {import('./protocol.js').ReportFields} fields
   * @param {{waiting?: boolean}} [room]
   */
  report(fields, { waiting = false } = {}) {
    const at = this.#now();
    const every = waiting ? REPORT_WHILE_WAITING_S : REPORT_EVERY_S;
    const fresh = this.#reported !== null && at - this.#reported.at < every;
    // An error that became unknown is reported at once too: others would go on seeing the last one.
    const state = `${fields.state} ${'error' in fields}`;
    if (this.#welcomed && !(fresh && this.#reported?.state === state)) {
      this.send({ type: 'report', ...fields });
      this.#reported = { state, at };
    }
  }

  /** Ask for the time anew, closely. */
  askTime() {
    this.#socket.burst();
  }

  /** Leave for good. */
  close() {
    this.#socket.end('left');
  }

  /** @param {import('./protocol.js').Command | import('./protocol.js').Say} message */
  #ask(message) {
    const answer = this.#outbox.put(message);
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

  /** Forget what belonged to the socket. */
  #detached() {
    this.#welcomed = false;
    this.#reported = null;
    this.#log.restart();
  }

  /**
   * @param {unknown} text
   * @param {number} at  client time, s
   */
  #received(text, at) {
    const message = parse(text);
    if (message === null) {
      return;
    }
    if (message.type === 'pong') {
      this.#socket.answered(message, at);
    } else if (inLog(message)) {
      this.#takeEntry(message);
    } else {
      this.#take(message);
      this.#emit(message.type, message);
    }
  }

  /**
   * Hand on what is next in the log; what lacks for too long is asked for on another socket.
   *
   * @param {any} entry
   */
  #takeEntry(entry) {
    const had = this.#log.gap;
    for (const next of this.#log.take(entry)) {
      this.#emit(next.type, next);
    }
    if (!this.#log.gap) {
      this.#socket.cancel('gap');
    } else if (!had) {
      this.#socket.after('gap', MAX_GAP_S, () => this.#socket.drop());
    }
  }

  /** @param {import('./protocol.js').ServerMessage} message */
  #take(message) {
    if (message.type === 'welcome') {
      this.#welcomed = true;
      this.#socket.resetAttempts();
      for (const unanswered of this.#outbox.messages) {
        this.send(unanswered);
      }
      if (this.#log.last !== null && message.seq < this.#log.last) {
        // A backup was put back: by the old place every new entry would count as had already.
        this.#log = new Sequence();
        this.#emit('restored', null);
      }
    } else if (message.type === 'accepted' || message.type === 'refused') {
      this.#outbox.settle(message);
    } else if (message.type === 'goodbye' || message.type === 'removed') {
      this.#socket.goodbyeReason = message.reason;
    }
  }

  /**
   * @param {import('./reconnecting-socket.js').LinkState} state
   * @param {string} [reason]
   */
  #stateChanged(state, reason) {
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
