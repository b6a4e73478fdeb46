// @ts-check
/** Steering: keeps a moving picture in sync, by a seek if its error is large, else by its rate. */

import { UNSEEN } from './profiles.js';
import { IN_SYNC_S, MAX_ERROR_AFTER_SEEK_S, MAX_NUDGED_ERROR_S } from './thresholds.js';

/** Without a new frame for this long the picture stands still, even if its element reports no stall, s. */
const MAX_FRAME_AGE_S = 0.75;

/** @typedef {import('./moment.js').Moment} Moment */
/** @typedef {import('./orders.js').Orders} Orders */

export class Steering {
  #machine;
  #rateControl;
  #cueing;
  #profile;

  /** The newest frame, and when it was reported, client time, s. */
  #frame = { mediaTime: 0, at: -Infinity };

  /** Whether the position must be checked at once, by `currentTime`. */
  #checkDue = false;

  /** @param {import('./following.js').Parts} parts */
  constructor({ machine, rateControl, cueing, profile }) {
    this.#machine = machine;
    this.#rateControl = rateControl;
    this.#cueing = cueing;
    this.#profile = profile;
  }

  /** The picture was played: it is too soon to check its position. */
  begin() {
    this.#checkDue = false;
  }

  /**
   * Trust no earlier measurement: the page has slept, or its clock was wrong.
   *
   * @param {Moment} moment
   */
  doubt({ now }) {
    this.#checkDue = true;
    this.#rateControl.disturb(now);
  }

  /**
   * The page became visible or hidden.
   *
   * @param {Moment} moment
   */
  visibilityChanged({ visible, now }) {
    this.#checkDue ||= visible;
    // A hidden page gets no frames, so the age of the newest counts from here.
    this.#frame.at = now;
    this.#rateControl.steer(visible ? this.#profile : UNSEEN, now);
  }

  /**
   * A frame was shown.
   *
   * @param {Moment} moment
   * @param {number} mediaTime  s
   */
  frameShown({ now }, mediaTime) {
    this.#frame = { mediaTime, at: now };
  }

  /**
   * Picture less timeline as the viewer sees it, s; null right after a disturbance.
   *
   * @param {Moment} moment
   */
  error(moment) {
    return this.isStale(moment) ? this.#frame.mediaTime - moment.motion().position : this.#rateControl.error;
  }

  /**
   * Whether the newest frame is too old for a moving picture.
   *
   * @param {Moment} moment
   */
  isStale({ visible, now }) {
    return visible && now > this.#frame.at + MAX_FRAME_AGE_S;
  }

  /**
   * Keep a moving picture in sync: by a seek if its error is large, else by its rate.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   */
  steer(moment, orders) {
    const { visible, now, elementError } = moment;
    const rateControl = this.#rateControl;
    // A large error is acted on at once if four frames agree on it, or by `currentTime` after a gap
    // (ADR 0006). A hidden page gets no frames at all.
    const byCurrentTime = this.#checkDue || !visible;
    this.#checkDue = false;
    if (!visible) {
      rateControl.add(elementError, now);
    }
    const remedy = this.#remedy(
      now,
      byCurrentTime ? elementError : (rateControl.recentError ?? 0),
      MAX_NUDGED_ERROR_S,
    );
    if (remedy === 'seek') {
      this.#cueing.cue(moment, orders);
      return;
    }
    if (remedy === 'give up') {
      this.#cueing.giveUp(now);
    }
    if (visible) {
      this.#checkStart(moment);
    }
    rateControl.watch(elementError, now);
    const error = rateControl.steadyError(now);
    if (error === null) {
      this.#noteFinding(moment);
    } else {
      this.#correct(moment, orders, error);
    }
  }

  /**
   * Return what to do about an error.
   *
   * @param {number} now  client time, s
   * @param {number} error  s
   * @param {number} limit  an error up to this is left to nudges, s
   * @returns {'none' | ReturnType<import('./cueing.js').Cueing['remedy']>}
   */
  #remedy(now, error, limit) {
    return Math.abs(error) > limit ? this.#cueing.remedy(now) : 'none';
  }

  /**
   * Check a start right after it, and thereby the seek before it: an error that appears a second later
   * has another cause, and must not count as a failed seek (ADR 0008).
   *
   * @param {Moment} moment
   */
  #checkStart({ elementError, now }) {
    this.#rateControl.checkStart(elementError, now);
    const { startError } = this.#rateControl;
    if (startError !== null && Math.abs(startError) <= MAX_ERROR_AFTER_SEEK_S) {
      this.#cueing.resetRetries();
    }
  }

  /**
   * Correct a steady error.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {number} error  s
   */
  #correct(moment, orders, error) {
    const { now } = moment;
    const limit = this.#cueing.seekUnconfirmed ? MAX_ERROR_AFTER_SEEK_S : MAX_NUDGED_ERROR_S;
    const remedy = this.#remedy(now, error, limit);
    if (remedy === 'seek') {
      this.#cueing.cue(moment, orders);
      return;
    }
    if (remedy === 'give up') {
      this.#cueing.giveUp(now);
    }
    this.#cueing.resetRetries();
    this.#rateControl.correct(error, now);
    this.#noteFinding(moment);
  }

  /** @param {Moment} moment */
  #noteFinding(moment) {
    const found = this.#finding(moment);
    if (found !== null) {
      this.#machine.step(found);
    }
  }

  /**
   * Return the step for the measured condition of a moving picture; null right after a disturbance.
   *
   * @param {Moment} moment
   * @returns {'hide' | 'stall' | 'nudge' | 'sync' | null}
   */
  #finding(moment) {
    const { error, nudging } = this.#rateControl;
    if (!moment.visible) {
      return 'hide';
    }
    if (this.isStale(moment)) {
      return 'stall';
    }
    if (error === null) {
      return nudging ? 'nudge' : null;
    }
    return nudging || Math.abs(error) > IN_SYNC_S ? 'nudge' : 'sync';
  }
}
