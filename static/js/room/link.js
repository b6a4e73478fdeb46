// @ts-check
/**
 * The page's link to the room: it comes back by itself, tells the clock, and loses nothing.
 *
 * Opened as soon as there is an address, so that the burst of pings is over before anybody enters.
 * Dispatches an event for every message of the server, named by its type and with it as `detail`,
 * entries of the log once and in order; and `state` with `{state, reason}`.
 */

import { DetailEvent } from './detail.js';
import { Lifeline } from './reconnecting-socket.js';
import { Outbox, linkLost } from './outbox.js';
import { PROTOCOL, encode, inLog, parse } from './protocol.js';
import { Sequence } from './sequence.js';

/** @typedef {import('./protocol.js').Accepted} Accepted */
/** @typedef {import('./protocol.js').Refused} Refused */
/** @typedef {import('./protocol.js').ClientMessage} ClientMessage */

/** Between two reports of one state, s; and while somebody is waited for. */
const REPORT = 5;
const WAITED_FOR = 1;

/** An entry that has not come for so long is asked for anew, s. */
const GAP = 2;

export class RoomLink extends EventTarget {
  #now;
  #life;
  #outbox = new Outbox();

  /** @type {Sequence<any>} */
  #log = new Sequence();

  /** Whether the room has welcomed us on the present socket. */
  #welcomed = false;

  /** @type {{token?: string | undefined} | null} null: nobody to greet as, yet */
  #greeting = null;

  /** @type {{state: string, at: number} | null} */
  #reported = null;

  /** @param {import('./reconnecting-socket.js').Parts} parts */
  constructor(parts) {
    super();
    this.#now = parts.now;
    this.#life = new Lifeline(parts, {
      opened: () => this.#greeting !== null && this.#greet(),
      received: (text, at) => this.#received(text, at),
      parted: () => this.#parted(),
      became: (state, reason) => this.#became(state, reason),
      ping: (c0) => this.send({ type: 'ping', c0 }),
    });
    this.#life.connect();
  }

  /** @returns {import('./reconnecting-socket.js').LinkState} */
  get state() {
    return this.#life.state;
  }

  /**
   * Take a seat in the room: the person is a member now. Later links greet by themselves.
   *
   * @param {{token?: string}} [passport]  where the cookie was not there when the link was opened
   */
  hello({ token } = {}) {
    this.#greeting = { token };
    this.#life.wanted = true;
    if (this.state === 'open') {
      this.#greet();
    } else {
      this.#life.connect();
    }
  }

  /**
   * @param {ClientMessage} message
   * @returns {boolean}  false where there is no link to send it on
   */
  send(message) {
    return this.#life.send(encode(message));
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
    const every = waiting ? WAITED_FOR : REPORT;
    const fresh = this.#reported !== null && at - this.#reported.at < every;
    // Whose error is not known any more is told at once too: the last one would stand beside them.
    const state = `${fields.state} ${'error' in fields}`;
    if (this.#welcomed && !(fresh && this.#reported?.state === state)) {
      this.send({ type: 'report', ...fields });
      this.#reported = { state, at };
    }
  }

  /** Ask for the time anew, closely. */
  askTime() {
    this.#life.burst();
  }

  /** Leave for good. */
  close() {
    this.#life.end('left');
  }

  /** @param {import('./protocol.js').Command | import('./protocol.js').Say} message */
  #ask(message) {
    const answer = this.#outbox.put(message);
    if (this.#welcomed) {
      this.send(message);
    }
    return answer;
  }

  #greet() {
    const { token } = this.#greeting ?? {};
    const after = this.#log.last;
    this.send({
      type: 'hello',
      protocol: PROTOCOL,
      ...(after === null ? {} : { after }),
      ...(token === undefined ? {} : { token }),
    });
  }

  /** Forget what belonged to the socket. */
  #parted() {
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
      this.#life.answered(message, at);
    } else if (inLog(message)) {
      this.#enter(message);
    } else {
      this.#take(message);
      this.#tell(message.type, message);
    }
  }

  /**
   * Hand on what is next in the log; what lacks for too long is asked for on another socket.
   *
   * @param {any} entry
   */
  #enter(entry) {
    const had = this.#log.gap;
    this.#log.take(entry).forEach((next) => this.#tell(next.type, next));
    if (!this.#log.gap) {
      this.#life.takeBack('gap');
    } else if (!had) {
      this.#life.after('gap', GAP, () => this.#life.drop());
    }
  }

  /** @param {import('./protocol.js').ServerMessage} message */
  #take(message) {
    if (message.type === 'welcome') {
      this.#welcomed = true;
      this.#life.works();
      this.#outbox.messages.forEach((unanswered) => this.send(unanswered));
    } else if (message.type === 'accepted' || message.type === 'refused') {
      this.#outbox.settle(message);
    } else if (message.type === 'goodbye' || message.type === 'removed') {
      this.#life.farewell = message.reason;
    }
  }

  /**
   * @param {import('./reconnecting-socket.js').LinkState} state
   * @param {string} [reason]
   */
  #became(state, reason) {
    if (state === 'lost') {
      this.#outbox.breakOff();
    }
    this.#tell('state', { state, reason });
    if (state === 'closed') {
      this.#outbox.close();
    }
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new DetailEvent(type, detail));
  }
}
