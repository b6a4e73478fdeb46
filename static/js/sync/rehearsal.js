// @ts-check
/**
 * A rehearsed start, neither seen nor heard, that measures what the real one will take (ADR 0005).
 *
 * A cued picture is played for a second, hidden and almost silent, and put back. Its frames show when
 * the film really began to move; and the sound device is awake for the start that counts.
 */

import { middleMean } from './error-estimator.js';

/** No rehearsal earlier than this before a start: the device would fall asleep again, s. */
const EARLIEST_S = 8;

/** And none later than this: it takes time to play and to be put back, s. */
const NEEDED_S = 3;

/** Where the film begins within this after all, the picture is put back at once, s. */
const ABORT_BEFORE_S = 1.2;

/** The media clock takes this long to be steady, s. */
const SETTLING_S = 0.4;

/** So many frames after that are enough. */
const MIN_FRAMES = 12;

/** A rehearsal that takes longer calibrates nothing, s. */
const MAX_LENGTH_S = 1.6;

export class Rehearsal {
  #position;
  #beganAt;
  #kind;

  /** @type {number[]} what the start took, according to each frame, s */
  #delays = [];

  /**
   * @param {number} position  where the picture is cued, s
   * @param {number} now  client time, s
   * @param {import('./calibration.js').StartKind} kind
   */
  constructor(position, now, kind) {
    this.#position = position;
    this.#beganAt = now;
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
    if (displayTime - this.#beganAt > SETTLING_S) {
      this.#delays.push(displayTime - this.#beganAt - (mediaTime - this.#position) / rate);
    }
  }

  /**
   * Whether it has measured enough, or its time is up.
   *
   * @param {number} now  client time, s
   * @param {number} left  until the film begins, s
   */
  isOver(now, left) {
    return left < ABORT_BEFORE_S || this.#delays.length >= MIN_FRAMES || now - this.#beganAt > MAX_LENGTH_S;
  }

  /**
   * Hand on what was measured.
   *
   * @param {import('./calibration.js').Calibration} calibration
   * @param {number} bias  how late a frame is on the average because it waits for a refresh, s
   */
  calibrate(calibration, bias) {
    if (this.#delays.length >= MIN_FRAMES) {
      const latency = middleMean(this.#delays) - bias;
      calibration.recordStart(this.#kind, calibration.latency(this.#kind) - latency);
    }
  }
}
