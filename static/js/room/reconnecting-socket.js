// @ts-check
/**
 * A WebSocket that reconnects: opened, watched by its pings, given up, opened again.
 *
 * What is said on it is not its business, save the pings and their answers.
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
 * @typedef {object} Listener  Who is called.
 * @property {() => void} opened
 * @property {(text: unknown, at: number) => void} received  at: client time, s
 * @property {() => void} detached  from the socket, for whatever reason
 * @property {(state: LinkState, reason?: string) => void} stateChanged
 * @property {(c0: number) => void} ping
 */

/** A socket that has not opened by then is not going to, s. */
const OPEN_WITHIN_S = 10;

/** How often the link looks after itself, s. */
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

  /** @type {Map<string, () => void>} what takes back what is scheduled, by name */
  #timers = new Map();

  #attempt = 0;

  /** Whether it comes back whatever ended it: somebody has a room, or is about to. */
  wanted = false;

  /** Why the server said that it ends. @type {string | null} */
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

  /** Open a socket, where there is none. */
  connect() {
    if (this.#socket !== null || this.state === 'closed') {
      return;
    }
    this.#forgetTimers();
    this.goodbyeReason = null;
    this.#setState('connecting');
    const socket = new this.#WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#listener.received(event.data, this.#now());
    socket.onclose = (event) => this.#lost(socket, event.code);
    this.after('watch', OPEN_WITHIN_S, () => this.drop());
  }

  /**
   * @param {string} text
   * @returns {boolean}  false where there is no socket to send it on
   */
  send(text) {
    if (this.state !== 'open' || this.#socket === null) {
      return false;
    }
    this.#socket.send(text);
    return true;
  }

  /** Ask for the time, closely. */
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

  /** It does what it is for: the next loss is a first one. */
  resetAttempts() {
    this.#attempt = 0;
  }

  /** Give the socket up without waiting for it to notice. */
  drop() {
    const socket = this.#socket;
    if (socket !== null) {
      this.#lost(socket, ABNORMAL_CLOSURE);
      socket.close();
    }
  }

  /**
   * End it for good.
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
   * Do something later, unless the socket is gone by then.
   *
   * @param {string} name  what was scheduled by the same name is taken back
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

  #opened() {
    this.#setState('open');
    this.#pings.resetSilence();
    this.#pings.burst();
    this.#watch();
    this.#listener.opened();
  }

  /** Look whether it is dead. */
  #watch() {
    this.#detectSleep();
    if (this.#pings.silent && this.#page.visible()) {
      this.drop();
    } else {
      this.after('watch', CHECK_EVERY_S, () => this.#watch());
    }
  }

  /** Notice a sleep: nobody could have heard an answer, and the time may be another. */
  #detectSleep() {
    const found = this.#sleep.check(this.#now(), this.#wall());
    if (found === 'stopped') {
      this.#clock.doubt();
    }
    if (found !== 'awake') {
      this.#wakeUp();
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
    const reason = this.wanted ? finalReason(code, this.goodbyeReason) : null;
    if (reason !== null) {
      this.end(reason);
      return;
    }
    this.#detach();
    this.#setState('lost', this.goodbyeReason ?? undefined);
    if (this.wanted || code === ABNORMAL_CLOSURE) {
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

  /** Open a socket where the server is to be reached at all. */
  async #probe() {
    const attempt = this.#attempt;
    const reached = await this.#page.reaches();
    if (this.state === 'lost' && this.#attempt === attempt) {
      if (reached) {
        this.connect();
      } else {
        this.#retry(ABNORMAL_CLOSURE);
      }
    }
  }

  /** The page is seen again or the network is back: no time to lose. */
  #wakeUp() {
    this.#pings.resetSilence();
    if (this.state === 'open') {
      this.#pings.burst();
    } else if (this.state === 'lost' && this.wanted) {
      this.connect();
    }
  }

  /** Forget what belonged to the socket. */
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
