// @ts-check
/**
 * Keeps a live picture in sync with the timeline. The server follows every command by itself; what is left
 * is to show each frame when it is due, and to have the element play.
 *
 * Like the controller it is pure: it takes events and returns orders. Its states are those of sync-state.js,
 * but there are no steps between them: each is a condition of the moment.
 */

import { ErrorEstimator } from './error-estimator.js';
import { JitterControl } from './jitter-control.js';
import { displayTimeOf } from './rtp-time.js';
import { IN_SYNC_S, STREAM_EARLY_S } from './thresholds.js';

/** @typedef {import('./follower.js').Follower} Follower */
/** @typedef {import('./media.js').MediaEvent} MediaEvent */
/** @typedef {import('./media.js').MediaState} MediaState */
/** @typedef {import('./media.js').Order} Order */
/** @typedef {import('./sync-state.js').SyncState} SyncState */

/** Without a frame for longer the picture has stalled, s: even a paused one comes a few times a second. */
const MAX_FRAME_AGE_S = 1;

/**
 * How often the server repeats a picture that stands, s, and how exactly. While the film moves, such frames alone
 * mean that the server has not made the next one yet.
 */
const REPEAT_S = 0.2;
const REPEAT_GRAIN_S = 0.005;

/** An element that was told to play and does not is told again after this, s. */
const PLAY_AGAIN_S = 1;

/**
 * @typedef {object} Condition  What the state is found by.
 * @property {boolean} blocked  whether the browser requires a click
 * @property {boolean} clockReady
 * @property {boolean} shown  whether a frame was shown
 * @property {boolean} visible  whether the viewer can see the page
 * @property {number} age  how long ago the newest frame was shown, s
 * @property {number} standing  for how long the picture stands though the film moves, s
 * @property {number} countdown  until the film begins, s
 * @property {number} rate  of the film, 0 while it stands
 * @property {number | null} error  s
 */

/**
 * The states, each with its condition. The first one that holds is it.
 *
 * @type {readonly (readonly [SyncState, (condition: Condition) => boolean])[]}
 */
const STATES = [
  ['blocked', ({ blocked }) => blocked],
  ['clock', ({ clockReady }) => !clockReady],
  ['armed', ({ countdown }) => countdown > STREAM_EARLY_S],
  ['preroll', ({ shown }) => !shown],
  ['background', ({ visible }) => !visible],
  ['stalled', ({ age, standing }) => Math.max(age, standing) > MAX_FRAME_AGE_S],
  ['armed', ({ countdown }) => countdown > 0],
  ['paused', ({ rate }) => rate === 0],
  ['preroll', ({ error }) => error === null],
  ['locked', ({ error }) => Math.abs(error ?? 0) <= IN_SYNC_S],
];

/** @implements {Follower} */
export class LiveFollower {
  #clock;
  #timelines;
  #bias;
  #held;
  #control;
  #errors = new ErrorEstimator();

  #entered = false;
  #visible = true;
  #blocked = false;

  /** Client time of the newest event, s. */
  #now = 0;

  /** When the element was last told to play, client time, s. */
  #playedAt = -Infinity;

  /**
   * The newest frame: when it was shown, client time, and when it was due, server time, s.
   *
   * @type {{shownAt: number, due: number} | null}
   */
  #frame = null;

  /** When the picture last moved, or the film did not, client time, s. */
  #movedAt = 0;

  /** Revision of the timeline in force at the newest event. */
  #revision = 0;

  wake = Infinity;

  /** Nothing of it is slow: the server has each frame there in time. */
  figures = { latency: 0, seekCost: 0 };

  /** @type {readonly string[]} */
  illegalSteps = [];

  /**
   * @param {Pick<import('./follower.js').FollowerParts, 'clock' | 'timelines' | 'profile'>} parts
   * @param {() => number} held  for how long the jitter buffer holds frames so far, s
   */
  constructor({ clock, timelines, profile }, held) {
    this.#clock = clock;
    this.#timelines = timelines;
    this.#bias = profile.bias;
    this.#held = held;
    this.#control = new JitterControl(0);
  }

  /**
   * @param {MediaEvent} event
   * @param {MediaState} media  as it is at the event
   * @returns {Order[]}
   */
  handle(event, media) {
    this.#now = event.now;
    if (!this.#filmMoves) {
      this.#movedAt = event.now;
    }
    this.#note(event);
    this.#noteTimeline();
    const before = this.#frame;
    if (event.type === 'frame') {
      this.#take(event);
    }
    const begins = before === null && this.#frame !== null;
    return [...this.#playing(media), ...(begins ? this.#begin() : this.#steering())];
  }

  /** @returns {SyncState} */
  get state() {
    const condition = this.#condition();
    return STATES.find(([, holds]) => holds(condition))?.[0] ?? 'nudge';
  }

  /** @returns {'none' | 'rate'} */
  get method() {
    return this.#control.changing ? 'rate' : 'none';
  }

  /** Where in the film the picture is that is shown, s; where the film is while there is none. */
  get position() {
    const time = this.#frame === null ? this.#clock.serverTime(this.#now) : this.#frame.due;
    return this.#timelines.motion(time)?.position ?? 0;
  }

  /**
   * Picture less timeline, s; null while it is unknown.
   *
   * @param {number} now  client time, s
   */
  error(now) {
    const { shown, visible, age, standing, rate } = this.#condition(now);
    if (!shown || !visible || Math.max(age, standing) > MAX_FRAME_AGE_S) {
      return null;
    }
    // A frame that comes late shows an earlier position, and as much earlier as the film is fast.
    return rate === 0 ? this.#standingError(now) : this.#meanError(rate);
  }

  get #filmMoves() {
    return (this.#timelines.motion(this.#clock.serverTime(this.#now))?.rate ?? 0) > 0;
  }

  /** @param {number} rate */
  #meanError(rate) {
    const lateness = this.#errors.error;
    return lateness === null ? null : -lateness * rate;
  }

  /** @param {number} now  client time, s */
  #standingError(now) {
    return this.position - (this.#timelines.motion(this.#clock.serverTime(now))?.position ?? 0);
  }

  /**
   * @param {number} [now]  client time, s
   * @returns {Condition}
   */
  #condition(now = this.#now) {
    const motion = this.#timelines.motion(this.#clock.serverTime(now));
    return {
      blocked: this.#blocked,
      clockReady: this.#clock.ready,
      shown: this.#frame !== null,
      visible: this.#visible,
      age: now - (this.#frame?.shownAt ?? -Infinity),
      standing: now - this.#movedAt,
      countdown: motion?.countdown ?? 0,
      rate: motion?.rate ?? 0,
      error: this.#meanError(1),
    };
  }

  /** @param {MediaEvent} event */
  #note({ type, now }) {
    switch (type) {
      case 'enter':
      case 'leave':
        this.#entered = type === 'enter';
        this.#blocked = false;
        break;
      case 'refused':
        this.#blocked = true;
        break;
      case 'unblock':
        this.#blocked = false;
        this.#playedAt = -Infinity;
        break;
      case 'visible':
      case 'hidden':
        this.#visible = type === 'visible';
        this.#restart(now);
        break;
      case 'emptied':
        // The element has another stream: what was shown is gone, and it stands.
        this.#frame = null;
        this.#playedAt = -Infinity;
        this.#restart(now);
        break;
      case 'resync':
        this.#restart(now);
    }
  }

  /** After a move of the film frames may come in a burst, and say nothing about the line. */
  #noteTimeline() {
    const server = this.#clock.serverTime(this.#now);
    const upcoming = this.#timelines.upcoming(server);
    this.wake = upcoming === null ? Infinity : this.#now + upcoming.since - server;
    const revision = this.#timelines.inForce(server)?.revision ?? 0;
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#restart(this.#now);
    }
  }

  /** @param {number} now  client time, s */
  #restart(now) {
    this.#movedAt = now;
    this.#errors.disturb(now);
    this.#control.restart(now);
  }

  /**
   * A frame was shown.
   *
   * @param {MediaEvent} frame
   */
  #take({ now, rtpTimestamp, displayTime = now }) {
    const shownAt = this.#clock.serverTime(displayTime);
    if (rtpTimestamp === undefined) {
      return;
    }
    const due = displayTimeOf(rtpTimestamp, shownAt);
    const step = due - (this.#frame?.due ?? -Infinity);
    if (Math.abs(step - REPEAT_S) > REPEAT_GRAIN_S) {
      this.#movedAt = now;
    }
    this.#frame = { shownAt: now, due };
    // Without a clock a lateness means nothing.
    if (this.#clock.ready) {
      const lateness = shownAt - due - this.#bias;
      this.#errors.add(lateness, now);
      this.#control.add(lateness, now);
    }
  }

  /**
   * The order to play, where an element stands that should not. The browser may have paused it: in a hidden
   * tab, or by a media key.
   *
   * @param {MediaState} media
   * @returns {Order[]}
   */
  #playing({ paused }) {
    const due = this.#now > this.#playedAt + PLAY_AGAIN_S;
    if (!this.#entered || this.#blocked || !paused || !due) {
      return [];
    }
    this.#playedAt = this.#now;
    return [{ do: 'play' }];
  }

  /**
   * The first frame of a stream is shown at once; the next ones are held as was guessed.
   *
   * @returns {Order[]}
   */
  #begin() {
    this.#control = new JitterControl(this.#held());
    return [{ do: 'jitter', target: this.#control.target }];
  }

  /** @returns {Order[]} */
  #steering() {
    const target = this.#visible ? this.#control.decide(this.#now) : null;
    return target === null ? [] : [{ do: 'jitter', target }];
  }
}
