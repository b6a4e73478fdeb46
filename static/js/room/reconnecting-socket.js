// @ts-check
/**
 * A WebSocket that reconnects. It watches its pings, drops a dead socket, and opens another one.
 *
 * Of the messages on it, it handles only pings and pongs.
 */

import { browserPage, byTimer } from './page-environment.js';
import { PingSchedule } from './ping-schedule.js';
import { finalReason, probesFirst, retryDelay } from './retry.js';
import { SleepDetector } from './sleep-detector.js';

/** @typedef {'connecting' | 'open' | 'lost' | 'closed'} LinkState */

/**
 * @typedef {object} Parts
 * @property {string} url  of the session's `socket`
 * @property {import('../sync/clock.js').ClockFilter} clock
 * @property {() => number} now  client time, s
 * @property {() => number} [wall]  the wall clock, s
 * @property {typeof globalThis.WebSocket} [WebSocket]
 * @property {import('./page-environment.js').PageEnvironment} [page]
 * @property {import('./page-environment.js').Schedule} [schedule]
 * @property {() => number} [random]  from 0 to 1
 */

/**
 * @typedef {object} Listener  The callbacks.
 * @property {() => void} opened
 * @property {(text: unknown, at: number) => void} received  at: client time, s
 * @property {() => void} detached  the socket is gone, for any reason
 * @property {(state: LinkState, reason?: string) => void} stateChanged
 * @property {(c0: number) => void} ping
 */

/** A socket that does not open within this is dropped, s. */
const OPEN_WITHIN_S = 10;

/** How often to check whether the socket is dead, s. */
const CHECK_EVERY_S = 1;

/** The socket ended without a close frame (RFC 6455, section 7.1.5). */
const ABNORMAL_CLOSURE = 1006;

export class ReconnectingSocket {
  #url;
  #clock;
  #now;
  #wall;
  #WebSocket;
  #page;
  #schedule;
  #random;
  #listener;
  #pings;
  #sleep = new SleepDetector();

  /** @type {WebSocket | null} */
  #socket = null;

  /** @type {Map<string, () => void>} what cancels a timer, by the timer's name */
  #timers = new Map();

  #attempt = 0;

  /** Whether to reconnect after every close, because hello was said or is about to be. */
  reconnects = false;

  /** The server's reason for ending the link. @type {string | null} */
  goodbyeReason = null;

  /** @type {LinkState} */
  state = 'connecting';

  /**
   * @param {Parts} parts
   * @param {Listener} listener
   */
  constructor(parts, listener) {
    this.#url = parts.url;
    this.#clock = parts.clock;
    this.#now = parts.now;
    this.#wall = parts.wall ?? (() => Date.now() / 1000);
    this.#WebSocket = parts.WebSocket ?? globalThis.WebSocket;
    this.#page = parts.page ?? browserPage;
    this.#schedule = parts.schedule ?? byTimer;
    this.#random = parts.random ?? Math.random;
    this.#listener = listener;
    this.#pings = new PingSchedule({
      clock: parts.clock,
      now: parts.now,
      send: listener.ping,
      after: (seconds, action) => this.after('ping', seconds, action),
    });
    this.#page.onWake(() => this.#wakeUp());
  }

  /** Open a socket if there is none. */
  connect() {
    // A timer, a page that wakes up and hello() may all call this at the same time.
    if (this.#socket !== null || this.state === 'closed') {
      return;
    }
    this.#forgetTimers();
    this.goodbyeReason = null;
    this.#setState('connecting');
    const socket = new this.#WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#onOpen();
    socket.onmessage = (event) => this.#listener.received(event.data, this.#now());
    socket.onclose = (event) => this.#onLost(socket, event.code);
    this.after('watch', OPEN_WITHIN_S, () => this.drop());
  }

  /**
   * @param {string} text
   * @returns {boolean}  false: there is no open socket
   */
  send(text) {
    if (this.state !== 'open' || this.#socket === null) {
      return false;
    }
    this.#socket.send(text);
    return true;
  }

  /** Begin a burst of pings. */
  burst() {
    if (this.state === 'open') {
      this.#pings.burst();
    }
  }

  /**
   * @param {import('./protocol.js').Pong} pong
   * @param {number} at  client time, s
   */
  answered(pong, at) {
    this.#pings.answered(pong, at);
  }

  /** Reset the retry counter. */
  resetAttempts() {
    this.#attempt = 0;
  }

  /** Drop the socket at once; on a dead line its `close` event would arrive late. */
  drop() {
    const socket = this.#socket;
    if (socket !== null) {
      this.#onLost(socket, ABNORMAL_CLOSURE);
      socket.close();
    }
  }

  /**
   * Close it for good.
   *
   * @param {string} reason
   */
  end(reason) {
    const socket = this.#socket;
    this.#detach();
    this.#setState('closed', reason);
    socket?.close();
  }

  /**
   * Call `action` later, unless the socket is gone by then.
   *
   * @param {string} name  a timer of the same name is cancelled
   * @param {number} seconds
   * @param {() => void} action
   */
  after(name, seconds, action) {
    this.cancel(name);
    this.#timers.set(name, this.#schedule(action, seconds));
  }

  /** @param {string} name */
  cancel(name) {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  #onOpen() {
    this.#setState('open');
    this.#pings.resetSilence();
    this.#pings.burst();
    this.#watch();
    this.#listener.opened();
  }

  /** Drop the socket if it is dead. */
  #watch() {
    this.#detectSleep();
    // Hidden pages have few timers, so late pings do not mean that the line is dead.
    if (this.#pings.silent && this.#page.visible()) {
      this.drop();
    } else {
      this.after('watch', CHECK_EVERY_S, () => this.#watch());
    }
  }

  /** Detect a sleep: the page could receive no answers, and its clock may have been stopped. */
  #detectSleep() {
    const result = this.#sleep.check(this.#now(), this.#wall());
    if (result === 'stopped') {
      this.#clock.doubt();
    }
    if (result !== 'awake') {
      this.#wakeUp();
    }
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  #onLost(socket, code) {
    // A socket that was dropped before closes later.
    if (socket !== this.#socket) {
      return;
    }
    const reason = this.reconnects ? finalReason(code, this.goodbyeReason) : null;
    if (reason !== null) {
      this.end(reason);
      return;
    }
    this.#detach();
    this.#setState('lost', this.goodbyeReason ?? undefined);
    // The server closes a link without a hello after a minute; hello() then opens the next one.
    if (this.reconnects || code === ABNORMAL_CLOSURE) {
      this.#retry(code);
    }
  }

  /** @param {number} code  how the last socket was closed */
  #retry(code) {
    const attempt = this.#attempt;
    const visible = this.#page.visible();
    const delay = retryDelay({ code, attempt, visible, random: this.#random() });
    this.#attempt += 1;
    this.after('connect', delay, () => (probesFirst(attempt) ? this.#probe() : this.connect()));
  }

  /** Open a socket if the server answers at all (ADR 0006). */
  async #probe() {
    const attempt = this.#attempt;
    const reached = await this.#page.reaches();
    // Meanwhile the page may have woken up and connected, or closed the link.
    if (this.state === 'lost' && this.#attempt === attempt) {
      if (reached) {
        this.connect();
      } else {
        this.#retry(ABNORMAL_CLOSURE);
      }
    }
  }

  /** The page is visible again, or the network is back: connect without the rest of the wait. */
  #wakeUp() {
    this.#pings.resetSilence();
    if (this.state === 'open') {
      this.#pings.burst();
    } else if (this.state === 'lost' && this.reconnects) {
      this.connect();
    }
  }

  /** Reset the state that belonged to the socket. */
  #detach() {
    this.#socket = null;
    this.#forgetTimers();
    this.#listener.detached();
  }

  #forgetTimers() {
    for (const cancel of this.#timers.values()) {
      cancel();
    }
    this.#timers.clear();
  }

  /**
   * @param {LinkState} state
   * @param {string} [reason]
   */
  #setState(state, reason) {
    this.state = state;
    this.#listener.stateChanged(state, reason);
  }
}
