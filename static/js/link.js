// @ts-check
/**
 * The page's link to the room: it comes back by itself, tells the clock, and loses nothing.
 *
 * Opened as soon as there is an address, so that the burst of pings is over before anybody enters.
 * Dispatches an event for every message of the server, named by its type and with it as `detail`,
 * entries of the log once and in order; and `state` with `{state, reason}`.
 */

import { pingInterval } from './clock.js';
import { PROTOCOL, encode, inLog, parse } from './protocol.js';
import { finalReason, retryDelay } from './retry.js';
import { Sequence } from './sequence.js';

/** @typedef {import('./protocol.js').Accepted} Accepted */
/** @typedef {import('./protocol.js').Refused} Refused */
/** @typedef {import('./protocol.js').ClientMessage} ClientMessage */
/** @typedef {import('./protocol.js').ServerMessage} ServerMessage */
/** @typedef {import('./protocol.js').ReportFields} ReportFields */
/** @typedef {import('./protocol.js').Action} Action */
/** @typedef {'connecting' | 'open' | 'lost' | 'closed'} LinkState */

/**
 * @typedef {object} Page  What the link needs to know of the page around it.
 * @property {() => boolean} visible
 * @property {(callback: () => void) => void} onWake  the page is seen again, or the network is back
 */

/** Between two reports of one state, s. */
const REPORT = 5;

/** A link whose pings stay unanswered for so long is dead, s. */
const SILENCE = 6;

/** An entry that has not come for so long is asked for anew, s. */
const GAP = 2;

/** How often the link looks after itself, s. */
const WATCH = 1;

/** @type {Page} */
export const browserPage = {
  visible: () => document.visibilityState !== 'hidden',
  onWake: (callback) => {
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'hidden') {
        callback();
      }
    });
    addEventListener('online', callback);
  },
};

/**
 * Call back after so many seconds; returns what takes it back.
 *
 * @typedef {(callback: () => void, seconds: number) => () => void} Schedule
 */

/** @type {Schedule} */
const byTimer = (callback, seconds) => {
  const timer = setTimeout(callback, seconds * 1000);
  return () => clearTimeout(timer);
};

/** An event that carries what the room said. */
class RoomEvent extends Event {
  /**
   * @param {string} type
   * @param {unknown} detail
   */
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}

/** @type {Refused} */
const LINK_LOST = { type: 'refused', code: 'link_lost' };

export class RoomLink extends EventTarget {
  #url;
  #clock;
  #now;
  #WebSocket;
  #page;
  #random;
  #schedule;

  /** @type {WebSocket | null} */
  #socket = null;

  /** Whether the room has welcomed us on the present socket. */
  #welcomed = false;

  /** @type {{token?: string | undefined} | null} null: nobody to greet as, yet */
  #greeting = null;

  /** @type {Sequence<any>} */
  #log = new Sequence();

  /** @type {Map<string, {message: ClientMessage & {ref: string}, resolve: (answer: Accepted | Refused) => void}>} */
  #pending = new Map();

  /** @type {Map<string, () => void>} what takes back what is scheduled, by name */
  #timers = new Map();

  #attempt = 0;
  #refs = 0;
  #burstAt = 0;
  #pings = 0;
  #unanswered = Infinity;
  #gapSince = Infinity;

  /** @type {string | null} */
  #farewell = null;

  /** @type {{state: string, at: number} | null} */
  #reported = null;

  /** @type {LinkState} */
  state = 'connecting';

  /**
   * @param {object} parts
   * @param {string} parts.url  of the session's `socket`
   * @param {import('./clock.js').ClockFilter} parts.clock
   * @param {() => number} parts.now  client time, s
   * @param {typeof globalThis.WebSocket} [parts.WebSocket]
   * @param {Page} [parts.page]
   * @param {Schedule} [parts.schedule]
   * @param {() => number} [parts.random]  from 0 to 1
   */
  constructor({
    url,
    clock,
    now,
    WebSocket = globalThis.WebSocket,
    page = browserPage,
    schedule = byTimer,
    random = Math.random,
  }) {
    super();
    this.#url = url;
    this.#clock = clock;
    this.#now = now;
    this.#WebSocket = WebSocket;
    this.#page = page;
    this.#schedule = schedule;
    this.#random = random;
    page.onWake(() => this.#woken());
    this.#connect();
  }

  /**
   * Take a seat in the room: the person is a member now. Later links greet by themselves.
   *
   * @param {{token?: string}} [passport]  where the cookie was not there when the link was opened
   */
  hello({ token } = {}) {
    this.#greeting = { token };
    if (this.state === 'open') {
      this.#greet();
    } else if (this.#socket === null && this.state !== 'closed') {
      this.#connect();
    }
  }

  /**
   * @param {ClientMessage} message
   * @returns {boolean}  false where there is no link to send it on
   */
  send(message) {
    if (this.state !== 'open' || this.#socket === null) {
      return false;
    }
    this.#socket.send(encode(message));
    return true;
  }

  /**
   * Ask the room to move the film. What was asked on a link that broke is not asked again.
   *
   * @param {Action} action
   * @param {{position?: number, rate?: number, revision?: number}} [fields]
   * @returns {Promise<Accepted | Refused>}  refused as `link_lost` where no answer can come
   */
  command(action, fields = {}) {
    const message = /** @type {const} */ ({ type: 'command', ref: this.#ref(), action, ...fields });
    return this.#welcomed ? this.#ask(message) : Promise.resolve({ ...LINK_LOST, ref: message.ref });
  }

  /**
   * Say something. Until the room has acknowledged it, it is said again on every new link.
   *
   * @param {string} id  a UUID: said twice it is stored once
   * @param {string} text
   * @returns {Promise<Accepted | Refused>}
   */
  say(id, text) {
    return this.#ask({ type: 'say', ref: this.#ref(), id, text });
  }

  /**
   * Tell the room how this viewer does: at a change of state, else every five seconds.
   *
   * @param {ReportFields} fields
   */
  report(fields) {
    const at = this.#now();
    const fresh = this.#reported !== null && at - this.#reported.at < REPORT;
    if (this.#welcomed && !(fresh && this.#reported?.state === fields.state)) {
      this.send({ type: 'report', ...fields });
      this.#reported = { state: fields.state, at };
    }
  }

  /** Ask for the time again, closely: it may have been lost. */
  burst() {
    this.#burstAt = this.#now();
    this.#pings = 0;
    if (this.state === 'open') {
      this.#ping();
    }
  }

  /** Leave for good. */
  close() {
    this.#end('left');
  }

  #ref() {
    this.#refs += 1;
    return String(this.#refs);
  }

  /**
   * @param {ClientMessage & {ref: string}} message
   * @returns {Promise<Accepted | Refused>}
   */
  #ask(message) {
    return new Promise((resolve) => {
      if (this.state === 'closed') {
        resolve({ ...LINK_LOST, ref: message.ref });
        return;
      }
      this.#pending.set(message.ref, { message, resolve });
      if (this.#welcomed) {
        this.send(message);
      }
    });
  }

  /**
   * @param {string} name
   * @param {number} seconds
   * @param {() => void} action
   */
  #after(name, seconds, action) {
    this.#timers.get(name)?.();
    this.#timers.set(name, this.#schedule(action, seconds));
  }

  #connect() {
    this.#forgetTimers();
    this.#farewell = null;
    this.#become('connecting');
    const socket = new this.#WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data, this.#now());
    socket.onclose = (event) => this.#lost(socket, event.code);
  }

  #opened() {
    this.#become('open');
    this.#unanswered = Infinity;
    this.burst();
    this.#watch();
    if (this.#greeting !== null) {
      this.#greet();
    }
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

  #ping() {
    const c0 = this.#now();
    this.#unanswered = Math.min(this.#unanswered, c0);
    this.send({ type: 'ping', c0 });
    this.#pings += 1;
    this.#after('ping', pingInterval(c0 - this.#burstAt, this.#pings), () => this.#ping());
  }

  /** Look whether the link is dead, or holds something back. */
  #watch() {
    const now = this.#now();
    const silent = now - this.#unanswered > SILENCE && this.#page.visible();
    const stuck = now - this.#gapSince > GAP;
    if (silent || stuck) {
      this.#drop();
    } else {
      this.#after('watch', WATCH, () => this.#watch());
    }
  }

  /** Give the socket up without waiting for it to notice. */
  #drop() {
    const socket = this.#socket;
    if (socket !== null) {
      this.#lost(socket, 1006);
      socket.close();
    }
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  #lost(socket, code) {
    if (socket !== this.#socket) {
      return;
    }
    this.#socket = null;
    this.#welcomed = false;
    this.#reported = null;
    this.#gapSince = Infinity;
    this.#log.restart();
    this.#forgetTimers();
    this.#refuseCommands();
    const reason = this.#greeting === null ? null : finalReason(code, this.#farewell);
    if (reason !== null) {
      this.#end(reason);
      return;
    }
    this.#become('lost', this.#farewell ?? undefined);
    if (this.#greeting !== null || code === 1006) {
      const visible = this.#page.visible();
      const delay = retryDelay({ code, attempt: this.#attempt, visible, random: this.#random() });
      this.#attempt += 1;
      this.#after('connect', delay, () => this.#connect());
    }
  }

  #refuseCommands() {
    for (const [ref, { message, resolve }] of this.#pending) {
      if (message.type !== 'say') {
        this.#pending.delete(ref);
        resolve({ ...LINK_LOST, ref });
      }
    }
  }

  /** The page is seen again or the network is back: no time to lose. */
  #woken() {
    this.#unanswered = Infinity;
    if (this.state === 'open') {
      this.burst();
    } else if (this.state === 'lost' && this.#greeting !== null) {
      this.#connect();
    }
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
      this.#ponged(message, at);
    } else if (inLog(message)) {
      this.#log.take(message).forEach((entry) => this.#tell(entry.type, entry));
      this.#gapSince = this.#log.gap ? Math.min(this.#gapSince, at) : Infinity;
    } else {
      this.#settle(message);
      this.#tell(message.type, message);
    }
  }

  /**
   * @param {import('./protocol.js').Pong} pong
   * @param {number} at  client time, s
   */
  #ponged({ c0, s1, s2 }, at) {
    this.#unanswered = Infinity;
    if (!this.#clock.sample(c0, s1, s2, at)) {
      this.burst();
    }
  }

  /** @param {ServerMessage} message */
  #settle(message) {
    if (message.type === 'welcome') {
      this.#welcomed = true;
      this.#attempt = 0;
      this.#pending.forEach(({ message: unheard }) => this.send(unheard));
    } else if (message.type === 'accepted' || message.type === 'refused') {
      const ref = message.ref ?? '';
      this.#pending.get(ref)?.resolve(message);
      this.#pending.delete(ref);
    } else if (message.type === 'goodbye' || message.type === 'removed') {
      this.#farewell = message.reason;
    }
  }

  /** @param {string} reason */
  #end(reason) {
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomed = false;
    this.#forgetTimers();
    this.#become('closed', reason);
    for (const [ref, { resolve }] of this.#pending) {
      resolve({ ...LINK_LOST, ref });
    }
    this.#pending.clear();
    socket?.close();
  }

  #forgetTimers() {
    this.#timers.forEach((takeBack) => takeBack());
    this.#timers.clear();
  }

  /**
   * @param {LinkState} state
   * @param {string} [reason]
   */
  #become(state, reason) {
    this.state = state;
    this.#tell('state', { state, reason });
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new RoomEvent(type, detail));
  }
}
