// @ts-check
/**
 * A rehearsed start, unseen and silent, that measures what the real one will take.
 *
 * A held picture is played for a second behind the curtain, without a sound, and put back. Its
 * frames say when the film really began to move; and the sound's device is awake when it matters.
 */

import { middleMean } from './error-estimator.js';

/** A picture that is due within this is rehearsed: a device that was opened earlier sleeps again, s. */
const EARLIEST_S = 8;

/** And not later than this before it is due: to play, to be put back, and to hold still, s. */
const NEEDED_S = 3;

/** Where the film is to begin sooner after all, it is put back at once, s. */
const ABORT_BEFORE_S = 1.2;

/** The media clock needs this long to be steady, s. */
const SETTLING_S = 0.4;

/** Frames after that which make a judgement. */
const MIN_FRAMES = 12;

/** A rehearsal that takes longer calibrates nothing, s. */
const MAX_LENGTH_S = 1.6;

export class Rehearsal {
  #position;
  #begun;
  #kind;

  /** @type {number[]} what the start took, by each frame, s */
  #delays = [];

  /**
   * @param {number} position  where the film is held, s
   * @param {number} now  client time, s
   * @param {import('./calibration.js').StartKind} kind
   */
  constructor(position, now, kind) {
    this.#position = position;
    this.#begun = now;
    this.#kind = kind;
  }

  /**
   * Whether there is time for one before a picture is due in `left` s, and none too early.
   *
   * @param {number} left
   */
  static fits(left) {
    return NEEDED_S <= left && left <= EARLIEST_S;
  }

  /**
   * When to ask again whether there is, for a picture that is due in `left` s; Infinity: never.
   *
   * @param {number} left
   */
  static waits(left) {
    return left > EARLIEST_S ? left - EARLIEST_S : Infinity;
  }

  /**
   * A frame was shown.
   *
   * @param {{mediaTime: number, displayTime: number, rate: number}} frame  s, client time, s
   */
  add({ mediaTime, displayTime, rate }) {
    if (displayTime - this.#begun > SETTLING_S) {
      this.#delays.push(displayTime - this.#begun - (mediaTime - this.#position) / rate);
    }
  }

  /**
   * Whether it has taught what it can, or its time is up.
   *
   * @param {number} now  client time, s
   * @param {number} left  until the film begins, s
   */
  isOver(now, left) {
    return left < ABORT_BEFORE_S || this.#delays.length >= MIN_FRAMES || now - this.#begun > MAX_LENGTH_S;
  }

  /**
   * Say what was learned.
   *
   * @param {import('./calibration.js').Calibration} calibration
   * @param {number} bias  how late a frame is on the average by no fault of the clock, s
   */
  calibrate(calibration, bias) {
    if (this.#delays.length >= MIN_FRAMES) {
      const latency = middleMean(this.#delays) - bias;
      calibration.recordStart(this.#kind, calibration.latency(this.#kind) - latency);
    }
  }
}
