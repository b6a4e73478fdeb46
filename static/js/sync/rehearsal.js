// @ts-check
/**
 * A rehearsed start, neither seen nor heard, that measures the latency of the real one (ADR 0005).
 *
 * A cued picture plays for a second, hidden and almost silent, and then seeks back. Its frames show when
 * the film really began to move. It also wakes the sound device for the real start.
 */

import { middleMean } from './error-estimator.js';

/** No rehearsal earlier than this before a start, because the device would fall asleep again, s. */
const EARLIEST_S = 8;

/** No rehearsal later than this, because it takes time to play and to seek back, s. */
const NEEDED_S = 3;

/** If the film turns out to begin within this, the picture seeks back at once, s. */
const ABORT_BEFORE_S = 1.2;

/** How long the media clock takes to become steady, s. */
const SETTLING_S = 0.4;

/** How many frames after that are enough. */
const MIN_FRAMES = 12;

/** A rehearsal that takes longer calibrates nothing, s. */
const MAX_LENGTH_S = 1.6;

export class Rehearsal {
  #position;
  #beganAt;
  #kind;

  /** @type {number[]} the latency of the start by each frame, s */
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
   * Whether a picture that is due in `left` s leaves time for a rehearsal, and it is not too early.
   *
   * @param {number} left
   */
  static fits(left) {
    return NEEDED_S <= left && left <= EARLIEST_S;
  }

  /**
   * In how many seconds to ask again, for a picture that is due in `left` s; Infinity: never.
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
   * Whether the rehearsal has measured enough, or must end.
   *
   * @param {number} now  client time, s
   * @param {number} left  until the film begins, s
   */
  isOver(now, left) {
    return left < ABORT_BEFORE_S || this.#delays.length >= MIN_FRAMES || now - this.#beganAt > MAX_LENGTH_S;
  }

  /**
   * Record what was measured.
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
