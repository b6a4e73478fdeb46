// @ts-check
/**
 * The page's link to the room: it comes back by itself, tells the clock, and loses nothing.
 *
 * Opened as soon as there is an address, so that the burst of pings is over before anybody enters.
 * Dispatches an event for every message of the server, named by its type and with it as `detail`,
 * entries of the log once and in order; and `state` with `{state, reason}`.
 */

import { DetailEvent } from './detail.js';
import { Outbox, linkLost } from './outbox.js';
import { PROTOCOL, encode, inLog, parse } from './protocol.js';
import { Pulse } from './pulse.js';
import { asksFirst, finalReason, retryDelay } from './retry.js';
import { Sequence } from './sequence.js';
import { Vigil } from './vigil.js';

/** @typedef {import('./protocol.js').Accepted} Accepted */
/** @typedef {import('./protocol.js').Refused} Refused */
/** @typedef {import('./protocol.js').ClientMessage} ClientMessage */
/** @typedef {'connecting' | 'open' | 'lost' | 'closed'} LinkState */

/**
 * @typedef {object} Page  What the link needs to know of the page around it.
 * @property {() => boolean} visible
 * @property {(callback: () => void) => void} onWake  the page is seen again, or the network is back
 * @property {() => Promise<boolean>} reaches  whether the server gives a sign of life
 */

/**
 * Call back after so many seconds; returns what takes it back.
 *
 * @typedef {(callback: () => void, seconds: number) => () => void} Schedule
 */

/** Between two reports of one state, s; and while somebody is waited for. */
const REPORT = 5;
const WAITED_FOR = 1;

/** An entry that has not come for so long is asked for anew, s. */
const GAP = 2;

/** A socket that has not opened by then is not going to, s. */
const OPENING = 10;

/** A server that gives no sign of life by then does not, s. */
const SIGN_WITHIN = 4;

/** How often the link looks after itself, s. */
const WATCH = 1;

/** The socket ended without a close frame (RFC 6455, section 7.1.5). */
const ABNORMAL = 1006;

/** @type {Page} */
const browserPage = {
  visible: () => document.visibilityState !== 'hidden',
  onWake: (callback) => {
    document.addEventListener('visibilitychange', () => browserPage.visible() && callback());
    addEventListener('online', callback);
  },
  reaches: () =>
    fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(SIGN_WITHIN * 1000) }).then(
      ({ ok }) => ok,
      () => false,
    ),
};

/** @type {Schedule} */
const byTimer = (callback, seconds) => {
  const timer = setTimeout(callback, seconds * 1000);
  return () => clearTimeout(timer);
};

export class RoomLink extends EventTarget {
  #url;
  #clock;
  #now;
  #wall;
  #WebSocket;
  #page;
  #random;
  #schedule;
  #pulse;
  #vigil = new Vigil();
  #outbox = new Outbox();

  /** @type {Sequence<any>} */
  #log = new Sequence();

  /** @type {WebSocket | null} */
  #socket = null;

  /** Whether the room has welcomed us on the present socket. */
  #welcomed = false;

  /** @type {{token?: string | undefined} | null} null: nobody to greet as, yet */
  #greeting = null;

  /** @type {Map<string, () => void>} what takes back what is scheduled, by name */
  #timers = new Map();

  #attempt = 0;
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
   * @param {() => number} [parts.wall]  the wall clock, s
   * @param {typeof globalThis.WebSocket} [parts.WebSocket]
   * @param {Page} [parts.page]
   * @param {Schedule} [parts.schedule]
   * @param {() => number} [parts.random]  from 0 to 1
   */
  constructor({
    url,
    clock,
    now,
    wall = () => Date.now() / 1000,
    WebSocket = globalThis.WebSocket,
    page = browserPage,
    schedule = byTimer,
    random = Math.random,
  }) {
    super();
    this.#url = url;
    this.#clock = clock;
    this.#now = now;
    this.#wall = wall;
    this.#WebSocket = WebSocket;
    this.#page = page;
    this.#schedule = schedule;
    this.#random = random;
    this.#pulse = new Pulse({
      clock,
      now,
      send: (c0) => this.send({ type: 'ping', c0 }),
      after: (seconds, action) => this.#after('ping', seconds, action),
    });
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
    if (this.#welcomed && !(fresh && this.#reported?.state === fields.state)) {
      this.send({ type: 'report', ...fields });
      this.#reported = { state: fields.state, at };
    }
  }

  /** Ask for the time anew, closely. */
  askTime() {
    if (this.state === 'open') {
      this.#pulse.burst();
    }
  }

  /** Leave for good. */
  close() {
    this.#end('left');
  }

  /** @param {import('./protocol.js').Command | import('./protocol.js').Say} message */
  #ask(message) {
    const answer = this.#outbox.put(message);
    if (this.#welcomed) {
      this.send(message);
    }
    return answer;
  }

  /**
   * @param {string} name  what was scheduled by the same name is taken back
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
    this.#after('watch', OPENING, () => this.#drop());
  }

  #opened() {
    this.#become('open');
    this.#pulse.forgive();
    this.#pulse.burst();
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

  /** Look whether the link is dead, or holds something back. */
  #watch() {
    this.#notice();
    const dead = this.#pulse.silent && this.#page.visible();
    const stuck = this.#now() - this.#gapSince > GAP;
    if (dead || stuck) {
      this.#drop();
    } else {
      this.#after('watch', WATCH, () => this.#watch());
    }
  }

  /** Notice a sleep: nobody could have heard an answer, and the time may be another. */
  #notice() {
    const found = this.#vigil.look(this.#now(), this.#wall());
    if (found === 'stopped') {
      this.#clock.doubt();
    }
    if (found !== 'awake') {
      this.#woken();
    }
  }

  /** Give the socket up without waiting for it to notice. */
  #drop() {
    const socket = this.#socket;
    if (socket !== null) {
      this.#lost(socket, ABNORMAL);
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
    this.#letGo();
    const reason = this.#greeting === null ? null : finalReason(code, this.#farewell);
    if (reason !== null) {
      this.#end(reason);
      return;
    }
    this.#outbox.breakOff();
    this.#become('lost', this.#farewell ?? undefined);
    if (this.#greeting !== null || code === ABNORMAL) {
      this.#retry(code);
    }
  }

  /** @param {number} code  how the last socket was closed */
  #retry(code) {
    const attempt = this.#attempt;
    const visible = this.#page.visible();
    const delay = retryDelay({ code, attempt, visible, random: this.#random() });
    this.#attempt += 1;
    this.#after('connect', delay, () => (asksFirst(attempt) ? this.#askFirst() : this.#connect()));
  }

  /** Open a socket where the server is to be reached at all. */
  async #askFirst() {
    const reached = await this.#page.reaches();
    if (this.state === 'lost') {
      if (reached) this.#connect();
      else this.#retry(ABNORMAL);
    }
  }

  /** Forget what belonged to the socket. */
  #letGo() {
    this.#socket = null;
    this.#welcomed = false;
    this.#reported = null;
    this.#gapSince = Infinity;
    this.#log.restart();
    this.#forgetTimers();
  }

  /** The page is seen again or the network is back: no time to lose. */
  #woken() {
    this.#pulse.forgive();
    if (this.state === 'open') {
      this.#pulse.burst();
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
      this.#pulse.answered(message, at);
    } else if (inLog(message)) {
      this.#log.take(message).forEach((entry) => this.#tell(entry.type, entry));
      this.#gapSince = this.#log.gap ? Math.min(this.#gapSince, at) : Infinity;
    } else {
      this.#take(message);
      this.#tell(message.type, message);
    }
  }

  /** @param {import('./protocol.js').ServerMessage} message */
  #take(message) {
    if (message.type === 'welcome') {
      this.#welcomed = true;
      this.#attempt = 0;
      this.#outbox.messages.forEach((unanswered) => this.send(unanswered));
    } else if (message.type === 'accepted' || message.type === 'refused') {
      this.#outbox.settle(message);
    } else if (message.type === 'goodbye' || message.type === 'removed') {
      this.#farewell = message.reason;
    }
  }

  /** @param {string} reason */
  #end(reason) {
    const socket = this.#socket;
    this.#letGo();
    this.#become('closed', reason);
    this.#outbox.close();
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
    this.dispatchEvent(new DetailEvent(type, detail));
  }
}
