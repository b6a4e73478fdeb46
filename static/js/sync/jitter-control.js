// @ts-check
/**
 * Drives the jitter buffer of a live stream, so that frames are shown when they are due.
 *
 * All viewers of a room are sent the same frames at the same time, and their lines differ. A closed loop
 * holds each frame for as long as its line is faster than the time by which the server sends ahead.
 */

import { DEAD_ZONE_S } from './thresholds.js';

/** How often the target may be changed, s. */
const DECIDE_EVERY_S = 2;

/** Chromium approaches a larger target by so much each second (measured), s per s. */
const APPROACH_PER_S = 0.1;

/** A change is measured for so long at least, s. */
const MEASURE_S = 1;

/** The first change after a start comes sooner, and corrects nearly all: the first target was a guess. */
const FIRST_AFTER_S = 0.6;
const FIRST_GAIN = 0.9;

/** How many frames are measured for a decision, at most and at least. */
const WINDOW_FRAMES = 40;
const MIN_FRAMES = 8;

/** The share of a measured error that one change corrects. */
const GAIN = 0.6;

/** A change of which less than this share has come about is waited for, but not for ever. */
const OBEYED = 0.3;
const MAX_WAITS = 3;

/** The range of targets that browsers take, s (webrtc-extensions, "jitterBufferTarget"). */
const MAX_TARGET_S = 4;

/** A stream's first frames come in a burst, and their buffer is not yet steady, s. */
const SETTLING_S = 0.5;

/** How long a frame takes from the buffer to the screen, as a first guess, s. */
const DECODING_S = 0.03;

/** @param {number} seconds */
const clamp = (seconds) => Math.min(Math.max(seconds, 0), MAX_TARGET_S);

/** @param {readonly number[]} values  at least one */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/**
 * Return a target to begin with, s.
 *
 * @param {number} liveDelay  by how much the server sends ahead, s
 * @param {number} lineDelay  how long that takes on this viewer's line, s
 */
export function firstTarget(liveDelay, lineDelay) {
  return clamp(liveDelay - lineDelay - DECODING_S);
}

export class JitterControl {
  /** How late each frame since the last decision was, s. @type {number[]} */
  #lateness = [];

  /** Whether a frame has come. */
  #begun = false;

  #settledAt = -Infinity;
  #decideAt = Infinity;
  #gain = FIRST_GAIN;

  /** How late frames were at the last change, and by how much it changed the target, s. */
  #last = { at: 0, change: 0 };

  /** How often that change was waited for. */
  #waits = 0;

  /** Whether the last decision has changed the target. */
  changing = false;

  /** For how long the buffer is to hold frames, s. */
  target;

  /** @param {number} target  s */
  constructor(target) {
    this.target = clamp(target);
  }

  /**
   * Forget what was measured: the film was moved, or the picture was not seen.
   *
   * @param {number} now  client time, s
   */
  restart(now) {
    if (this.#begun) {
      this.#lateness = [];
      this.#settledAt = now + SETTLING_S;
      this.#decideAt = now + SETTLING_S + DECIDE_EVERY_S;
      this.#gain = GAIN;
    }
  }

  /**
   * A frame was shown.
   *
   * @param {number} lateness  how long after it was due, s; negative: before
   * @param {number} now  client time, s
   */
  add(lateness, now) {
    if (!this.#begun) {
      this.#begun = true;
      this.#settledAt = now + SETTLING_S;
      this.#decideAt = now + SETTLING_S + FIRST_AFTER_S;
    }
    if (now >= this.#settledAt) {
      this.#lateness.push(lateness);
      if (this.#lateness.length > WINDOW_FRAMES) {
        this.#lateness.shift();
      }
    }
  }

  /**
   * Change the target, if it is time to and the frames are off.
   *
   * @param {number} now  client time, s
   * @returns {number | null}  the new target, s; null: it stays
   */
  decide(now) {
    if (now < this.#decideAt || this.#lateness.length < MIN_FRAMES) {
      return null;
    }
    const late = median(this.#lateness);
    this.#lateness = [];
    const target = this.#targetFor(late);
    const change = target - this.target;
    // On its way to a larger target the buffer says nothing about it.
    this.#settledAt = now + Math.max(change, 0) / APPROACH_PER_S;
    this.#decideAt = Math.max(now + DECIDE_EVERY_S, this.#settledAt + MEASURE_S);
    this.changing = change !== 0;
    this.target = target;
    return this.changing ? target : null;
  }

  /**
   * Return the target that frames which are so late ask for.
   *
   * @param {number} late  s
   */
  #targetFor(late) {
    const { at, change } = this.#last;
    // After a burst Chromium does not obey for seconds, and then at once: more of the same would add up.
    const waits = change * late < 0 && (late - at) * change < OBEYED * change ** 2;
    this.#waits = waits ? this.#waits + 1 : 0;
    if (Math.abs(late) <= DEAD_ZONE_S || (waits && this.#waits <= MAX_WAITS)) {
      return this.target;
    }
    const target = clamp(this.target - this.#gain * late);
    this.#gain = GAIN;
    this.#last = { at: late, change: target - this.target };
    return target;
  }
}
