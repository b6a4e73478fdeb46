// @ts-check
/** Steering: keeps a picture that moves in sync, by a seek where it is far off, else by its rate. */

import { UNSEEN } from './profiles.js';
import { IN_SYNC_S, MAX_ERROR_AFTER_SEEK_S, MAX_NUDGED_ERROR_S } from './thresholds.js';

/** A picture without a new frame for so long stands still, also where its element reports no stall, s. */
const MAX_FRAME_AGE_S = 0.75;

/** @typedef {import('./moment.js').Moment} Moment */
/** @typedef {import('./orders.js').Orders} Orders */

export class Steering {
  #machine;
  #rateControl;
  #cueing;
  #profile;

  /** The frame that is shown, and when it came, client time, s. */
  #frame = { mediaTime: 0, at: -Infinity };

  /** Whether its place is to be checked at once, by `currentTime`. */
  #checkDue = false;

  /** @param {import('./following.js').Parts} parts */
  constructor({ machine, rateControl, cueing, profile }) {
    this.#machine = machine;
    this.#rateControl = rateControl;
    this.#cueing = cueing;
    this.#profile = profile;
  }

  /** It was played: a check of its place would come too soon. */
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
    // A hidden page is shown no frames: their age counts from here.
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
   * Picture less timeline as one sees it, s; null right after a disturbance.
   *
   * @param {Moment} moment
   */
  error(moment) {
    return this.isStale(moment) ? this.#frame.mediaTime - moment.motion().position : this.#rateControl.error;
  }

  /**
   * Whether the frame that is shown is older than it should be.
   *
   * @param {Moment} moment
   */
  isStale({ visible, now }) {
    return visible && now > this.#frame.at + MAX_FRAME_AGE_S;
  }

  /**
   * Keep a moving picture in sync: by a seek where it is far off, else by its rate.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   */
  steer(moment, orders) {
    const { visible, now, elementError } = moment;
    const rateControl = this.#rateControl;
    // A large error is believed at once where four frames agree on it, or by `currentTime` after a
    // gap (ADR 0006). A hidden page is shown no frames at all.
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
   * What is to be done about an error.
   *
   * @param {number} now  client time, s
   * @param {number} error  s
   * @param {number} limit  up to which it is nudged away, s
   * @returns {'none' | ReturnType<import('./cueing.js').Cueing['remedy']>}
   */
  #remedy(now, error, limit) {
    return Math.abs(error) > limit ? this.#cueing.remedy(now) : 'none';
  }

  /**
   * Judge the start right after it, and with it the seek before it: an error that appears a second
   * later has another cause, and must not count as a failed seek (ADR 0008).
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
   * Correct an error that is steady.
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
   * What is found of a picture that moves; null right after a disturbance.
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
