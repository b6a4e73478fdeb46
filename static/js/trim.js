// @ts-check
/**
 * Keeps a running picture in step by small changes of its rate, in a closed loop.
 *
 * An error that is steady for long enough is nudged away, and the nudge is taken back when the
 * picture crosses the timeline, not when it should have: what a change of rate costs differs.
 */

import { Gauge } from './gauge.js';

/**
 * @typedef {object} Profile  How well a browser can be steered.
 * @property {number} fine  error that is left alone after a start, s
 * @property {number} deadZone  error that is left alone from then on, s
 * @property {number} bias  how late a frame is on the average by no fault of the clock, s
 * @property {readonly (readonly [number, number])[]} steps  up to this error (s) a nudge of that much
 * @property {number} rest  least time from a nudge to one of the smallest step, s
 */

/**
 * Frame by frame. A frame is shown at the first refresh of the screen after it is due.
 *
 * @type {Profile}
 */
export const FRAMES = {
  fine: 0.004,
  deadZone: 0.008,
  bias: 1 / 120,
  steps: [[0.02, 0.01], [0.12, 0.02], [Infinity, 0.04]],
  rest: 5,
};

/** @type {Profile} By the element's own word ten times a second. */
export const SAMPLES = { ...FRAMES, fine: 0.025, deadZone: 0.025, bias: 0 };

/** @type {Profile} Safari stutters at every change of the rate: few of them, each worth it. */
export const SAFARI = { ...FRAMES, fine: 0.15, deadZone: 0.15, steps: [[Infinity, 0.05]], rest: 30 };

/** @type {Profile} Nobody sees a picture in the background, and timers are rare there. */
export const UNSEEN = { ...SAMPLES, fine: 0.2, deadZone: 0.2, steps: [[Infinity, 0.04]], rest: 0 };

/**
 * Return by which rules a browser's picture can be steered.
 *
 * @param {HTMLVideoElement} video
 * @param {string} userAgent
 * @returns {Profile}
 */
export function profileOf(video, userAgent) {
  if (/Safari\//.test(userAgent) && !/(Chrome|Chromium|Android)\b/.test(userAgent)) {
    return SAFARI;
  }
  return 'requestVideoFrameCallback' in video ? FRAMES : SAMPLES;
}

/** A picture that got worse by this under a nudge was moved by something else, s. */
const SLIPPED = 0.04;

/** Frames by which a running nudge is judged, and fewer by which a large error is. */
const GLANCE = 6;
const FEW = 4;

/** No start is so far out for its latency alone, s. */
const BEYOND_LATENCY = 0.3;

export class Trim {
  #profile;
  #learned;
  #gauge = new Gauge();
  #base = 1;
  #restedFrom = -Infinity;

  /** Whether it was started, and not nudged since. */
  #started = false;

  /** @type {{direction: number, size: number, until: number} | null} */
  #nudge = null;

  /**
   * What the next steady error will teach.
   *
   * @type {{of: 'start', late: number, kind: import('./learned.js').StartKind}
   *   | {of: 'nudge', error: number, direction: number} | null}
   */
  #lesson = null;

  /** The rate that the element should have. */
  rate = 1;

  /**
   * @param {Profile} profile
   * @param {import('./learned.js').Learned} learned
   */
  constructor(profile, learned) {
    this.#profile = profile;
    this.#learned = learned;
  }

  /** The error as well as it is known, s; null right after a disturbance. */
  get error() {
    return this.#gauge.error;
  }

  /** The error by the newest frames, steady or not, s; null where there are too few. */
  get glance() {
    return this.#gauge.newest(FEW);
  }

  /** Whether a nudge is going on. */
  get nudging() {
    return this.#nudge !== null;
  }

  /** Whether the pitch is to be kept: at another rate than the usual; a nudge loses time by it. */
  get keepsPitch() {
    return this.#base !== 1;
  }

  /**
   * Steer by other rules from now on.
   *
   * @param {Profile} profile
   * @param {number} now  client time, s
   */
  steer(profile, now) {
    this.#profile = profile;
    this.#end(now);
  }

  /**
   * Take the timeline's rate, and measure anew.
   *
   * @param {number} rate
   * @param {number} now  client time, s
   */
  restart(rate, now) {
    this.#base = rate;
    this.#end(now);
  }

  /**
   * The picture has been let go, `late` by so much for its learned latency.
   *
   * @param {{late: number, kind: import('./learned.js').StartKind}} start
   * @param {number} now  client time, s
   */
  started({ late, kind }, now) {
    this.#end(now);
    this.#lesson = { of: 'start', late, kind };
    this.#started = true;
    this.#restedFrom = -Infinity;
  }

  /**
   * Forget what was measured: the picture has been disturbed.
   *
   * @param {number} now  client time, s
   */
  disturb(now) {
    this.#gauge.disturb(now);
  }

  /**
   * A frame was shown.
   *
   * @param {number} error  its mediaTime less the timeline, s
   * @param {number} now  client time, s
   */
  add(error, now) {
    this.#gauge.add(error + this.#profile.bias * this.#base, now);
  }

  /**
   * Return the error where it is steady enough to act on, s; watches over a nudge.
   *
   * @param {number} now  client time, s
   * @returns {number | null}
   */
  judge(now) {
    if (this.#nudge !== null) {
      this.#watch(this.#nudge, now);
      return null;
    }
    const { error } = this.#gauge;
    if (!this.#gauge.steady(now) || error === null) {
      return null;
    }
    this.#learn(error);
    return error;
  }

  /**
   * Begin to nudge an error away, where it is worth it.
   *
   * @param {number} error  s
   * @param {number} now  client time, s
   */
  correct(error, now) {
    const { fine, deadZone, rest, steps } = this.#profile;
    const size = Math.abs(error);
    const index = steps.findIndex(([limit]) => size < limit);
    const [, step] = steps[index] ?? [0, 0];
    const tooSoon = index === 0 && now < this.#restedFrom + rest;
    if (size <= (this.#started ? fine : deadZone) || step === 0 || tooSoon) {
      return;
    }
    this.#started = false;
    const direction = -Math.sign(error);
    this.rate = this.#base * (1 + direction * step);
    this.#nudge = { direction, size, until: now + 2 * (size / step) + 2 };
    this.#gauge.disturb(now);
  }

  /**
   * @param {{direction: number, size: number, until: number}} nudge
   * @param {number} now
   */
  #watch({ direction, size, until }, now) {
    const error = this.#gauge.newest(GLANCE);
    const crossed = error !== null && direction * error + this.#learned.overshoot >= 0;
    const overtaken = error !== null && -direction * error > size + SLIPPED;
    if (crossed || overtaken || now >= until) {
      this.#end(now);
      this.#restedFrom = now;
      this.#lesson = crossed ? { of: 'nudge', error, direction } : null;
    }
  }

  /** @param {number} now */
  #end(now) {
    this.#nudge = null;
    this.#lesson = null;
    this.rate = this.#base;
    this.#gauge.disturb(now);
  }

  /** @param {number} error  s */
  #learn(error) {
    const lesson = this.#lesson;
    this.#lesson = null;
    if (lesson?.of === 'start' && Math.abs(error) < BEYOND_LATENCY) {
      this.#learned.started(lesson.kind, error + lesson.late);
    } else if (lesson?.of === 'nudge') {
      this.#learned.nudgeEnded(lesson.direction * (error - lesson.error));
    }
  }
}
