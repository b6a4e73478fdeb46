/**
 * A media element, a clock and a room that behave as badly as wished, in simulated time.
 *
 * The element's clock starts late after play(), seeks take their time, changes of rate slip, data
 * runs out; all by parameters and a seeded random source, so that every run can be repeated.
 */

import { ClockFilter, pingInterval } from '../../static/js/sync/clock.js';
import { Controller } from '../../static/js/sync/controller.js';
import { Timelines } from '../../static/js/sync/timeline.js';
import { seeded } from './random.js';

/** @typedef {import('../../static/js/sync/media.js').Order} Order */
/** @typedef {Omit<import('../../static/js/sync/media.js').MediaEvent, 'now'>} Happening */
/** @typedef {import('../../static/js/sync/timeline.js').Timeline} Timeline */

/**
 * @typedef {object} About
 * @property {number} [seed]
 * @property {Partial<typeof TRAITS>} [traits]
 * @property {Timeline} timeline
 * @property {number} [duration]
 * @property {number} [offset]
 * @property {number} [drift]
 * @property {number} [delay]
 */

const STEP = 0.002;
const VSYNC = 1 / 60;

export const SERVER = 1_800_000_000;

class Element {
  paused = true;
  seeking = false;
  ended = false;
  silenced = false;

  /** Whether it can be played unheard. */
  canSilence = true;

  /** Whether no frame is drawn, and how far the frames that are lie behind the sound, s. */
  blind = false;
  lag = 0;
  ahead = 0;

  readyState = 0;
  rate = 1;
  position = 0;

  /** @type {string | null} the event that comes with the first movement */
  announce = null;
  vsync = 0;

  /**
   * @param {typeof TRAITS} traits
   * @param {() => number} random
   * @param {number} duration  s
   */
  constructor(traits, random, duration) {
    this.traits = traits;
    this.random = random;
    this.duration = duration;
    this.movesFrom = Infinity;
    this.movedAt = -Infinity;
    this.seekUntil = Infinity;
    this.shown = -1;
    this.dry = false;
  }

  get state() {
    const { paused, seeking, ended, readyState, canSilence } = this;
    return { currentTime: this.position, paused, seeking, ended, readyState, silent: false, canSilence };
  }

  /**
   * Carry out an order at `now`.
   *
   * @param {Order} order
   * @param {number} now  client time, s
   */
  obey(order, now) {
    if (order.do === 'play') {
      this.paused = false;
      const { latency, asleepLatency, latencyJitter, gulp } = this.traits;
      const asleep = now - this.movedAt > ASLEEP && this.movedAt > -Infinity;
      const able = now + (asleep ? asleepLatency : latency) + this.random() * latencyJitter;
      this.movesFrom = gulp ? Math.ceil(able / gulp) * gulp : able;
      this.choosePattern();
      this.announce = 'playing';
    } else if (order.do === 'pause') {
      this.movedAt = this.paused ? this.movedAt : now;
      this.paused = true;
      this.movesFrom = Infinity;
    } else if (order.do === 'rate') {
      this.rate = order.rate;
      this.position -= this.traits.slip * this.random();
      this.choosePattern();
    } else if (order.do === 'silence') {
      this.silenced = order.on;
    } else if (order.do === 'seek') {
      this.position = Math.min(order.position, this.duration);
      this.seeking = true;
      this.ended = false;
      this.lag = 0;
      this.readyState = 1;
      this.movesFrom = this.paused ? Infinity : this.movesFrom;
      this.seekUntil = now + this.traits.seekCost * (1 + this.random() * this.traits.seekJitter);
    }
  }

  /** The frames take another pattern of refreshes, and are ahead of the sound by as much, or behind. */
  choosePattern() {
    this.ahead = this.traits.pattern ? (2 * this.random() - 1) * this.traits.pattern : 0;
  }

  /**
   * Let time pass and return what the page hears of it.
   *
   * @param {number} now  client time, s
   */
  advance(now) {
    /** @type {Happening[]} */
    const heard = [];
    if (this.seeking && now >= this.seekUntil && !this.dry) {
      this.seeking = false;
      this.readyState = 4;
      this.ended = this.position >= this.duration;
      heard.push({ type: 'seeked' }, { type: 'canplay' });
    }
    const dry = this.dry && !this.seeking;
    if (dry && this.readyState > 2 && !this.paused) {
      this.readyState = 2;
      heard.push({ type: 'waiting' });
    } else if (!this.dry && this.readyState === 2) {
      this.readyState = 4;
      heard.push({ type: 'canplay' }, { type: 'playing' });
    }
    if (!this.paused && !this.seeking && this.readyState > 2 && now >= this.movesFrom && !this.ended) {
      if (this.announce) {
        heard.push({ type: /** @type {'playing'} */ (this.announce) });
        this.announce = null;
      }
      this.position = Math.min(this.position + STEP * this.rate * (1 + this.traits.drift), this.duration);
      if (this.position >= this.duration) {
        this.ended = true;
        this.paused = true;
        heard.push({ type: 'pause' }, { type: 'ended' });
      }
      const frame = Math.floor((this.position + this.ahead) * 25);
      if (frame !== this.shown && !this.blind && now - this.vsync >= VSYNC) {
        this.vsync = now - (now % VSYNC);
        this.shown = frame;
        heard.push({ type: 'frame', mediaTime: frame / 25 - this.lag, displayTime: this.vsync + VSYNC });
      }
    }
    return heard;
  }
}

/** A sound's device that was not used for longer starts otherwise, s. */
const ASLEEP = 10;

export const TRAITS = {
  latency: 0.08,
  asleepLatency: 0.03,
  latencyJitter: 0.01,
  seekCost: 0.2,
  seekJitter: 0.5,
  slip: 0,
  drift: 0,
  gulp: 0,
  pattern: 0,
};

export class Simulation {
  /** @param {About} about */
  constructor({ seed = 1, traits = {}, timeline, duration = 120, offset = 0, drift = 0, delay = 0.02 }) {
    this.random = seeded(seed);
    this.now = 500 + offset;
    this.begun = this.now;
    this.drift = drift;
    this.delay = delay;
    this.element = new Element({ ...TRAITS, ...traits }, this.random, duration);
    this.clock = new ClockFilter();
    this.timelines = new Timelines(duration);
    this.controller = new Controller({ clock: this.clock, timelines: this.timelines });
    this.timelines.apply({ timeline, next: null });
    /** @type {(Order & {at: number, rate?: number, position?: number})[]} `at`: server time, Unix s */
    this.orders = [];
    this.pings = 0;
    this.pingAt = this.now;
    this.tickAt = this.now;

    /** Whether nobody sees the page: its timers come once a second then. */
    this.hidden = false;
    /** @type {{at: number, news: {timeline: Timeline, next: Timeline}}[]} */
    this.later = [];
  }

  /** The server's true time. */
  get server() {
    return SERVER + (this.now - this.begun) * (1 + this.drift);
  }

  /** Where the film is, by the server's true time. */
  get film() {
    return this.timelines.motion(this.server)?.position ?? NaN;
  }

  /** This picture less the film, s. */
  get error() {
    return this.element.position - this.film;
  }

  /** @param {Happening} event */
  tell(event) {
    this.hidden = event.type === 'hidden' || (this.hidden && event.type !== 'visible');
    for (const order of this.controller.handle({ now: this.now, ...event }, this.element.state)) {
      this.orders.push({ ...order, at: this.server });
      this.element.obey(order, this.now);
    }
  }

  /** The film's data is there. */
  load() {
    this.element.readyState = 4;
    this.tell({ type: 'canplay' });
  }

  enter() {
    this.tell({ type: 'enter' });
  }

  /** The room orders `timeline`, heard after the line's delay. @param {Timeline} timeline */
  order(timeline) {
    this.later.push({
      at: this.now + this.delay,
      news: { timeline: this.timelines.inForce(this.server) ?? timeline, next: timeline },
    });
  }

  ping() {
    const there = this.delay * (0.5 + this.random());
    const back = this.delay * (0.5 + this.random());
    const arrived = this.server + there;
    this.clock.sample(this.now, arrived, arrived, this.now + there + back);
    this.pings += 1;
    this.pingAt = this.now + pingInterval(this.now - this.begun, this.pings);
  }

  /**
   * Let `seconds` pass.
   *
   * @param {number} seconds
   * @param {(simulation: Simulation) => void} [watch]  called at every step
   */
  run(seconds, watch = () => {}) {
    const until = this.now + seconds;
    while (this.now < until) {
      this.now += STEP;
      if (this.now >= this.pingAt) {
        this.ping();
      }
      for (const { news } of this.later.filter(({ at }) => at <= this.now)) {
        this.timelines.apply(news);
        this.tell({ type: 'timelines' });
      }
      this.later = this.later.filter(({ at }) => at > this.now);
      for (const event of this.element.advance(this.now)) {
        this.tell(event);
      }
      if (this.now >= Math.min(this.tickAt, this.controller.wake)) {
        this.tickAt = this.now + (this.hidden ? 1 : 0.25);
        this.tell({ type: 'tick' });
      }
      watch(this);
    }
  }
}

/**
 * @param {number} revision
 * @param {number} position
 * @param {number} rate
 * @param {number} instant
 * @returns {Timeline}
 */
export const line = (revision, position, rate, instant) => ({
  revision,
  position,
  rate,
  instant,
  by: null,
  reason: 'play',
});
