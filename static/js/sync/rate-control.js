// @ts-check
/**
 * Keeps a playing picture in sync by small changes of its playback rate, in a closed loop.
 *
 * A steady error is corrected by a nudge. The nudge ends when the picture is measured to cross the
 * timeline, not after a computed time, because the delay of a change of rate differs.
 */

import { ErrorEstimator } from './error-estimator.js';
import { StartCheck } from './start-check.js';

/** @typedef {import('./profiles.js').Profile} Profile */

/** If an error grows by more than this during a nudge, it has another cause, s. */
const SLIP_S = 0.04;

/** How many frames measure the error during a nudge, and how many are enough for a large error. */
const NUDGE_FRAMES = 6;
const LARGE_ERROR_FRAMES = 4;

/** The change of rate of a nudge right after a start (ADR 0008). */
const EARLY_STEP = 0.02;

/** A larger error of a start is left to the measurement by frames, s (ADR 0008). */
const MAX_EARLY_ERROR_S = 0.06;

/** How many nudges for small errors follow a start: each ends a few ms off (ADR 0008). */
const FINE_NUDGES_PER_START = 3;

/** A larger error of a start has another cause than its latency, s. */
const MAX_LATENCY_ERROR_S = 0.3;

export class RateControl {
  #profile;
  #calibration;
  #estimator = new ErrorEstimator();
  #base = 1;
  #nudgeEndedAt = -Infinity;

  /** How many nudges for small errors are left. */
  #fineNudges = 0;

  /** @type {{direction: number, size: number, until: number, early: boolean} | null} early: see #begin */
  #nudge = null;

  /** Whether frames have yet to be compared with `currentTime` after the last change of rate (ADR 0008). */
  #leadDue = true;

  /** @type {StartCheck | null} */
  #startCheck = null;

  /**
   * What the next steady error will calibrate.
   *
   * @type {{of: 'start', lateBy: number, kind: import('./calibration.js').StartKind}
   *   | {of: 'nudge', error: number, direction: number} | null}
   */
  #awaitedError = null;

  /** The rate that the element should have. */
  rate = 1;

  /** The error of the start, if {@link checkStart} has just measured it, s. @type {number | null} */
  startError = null;

  /**
   * @param {Profile} profile
   * @param {import('./calibration.js').Calibration} calibration
   */
  constructor(profile, calibration) {
    this.#profile = profile;
    this.#calibration = calibration;
  }

  /** The best estimate of the error, s; null right after a disturbance. */
  get error() {
    return this.#estimator.error;
  }

  /** The error of the newest frames, steady or not, s; null if there are too few. */
  get recentError() {
    return this.#estimator.newest(LARGE_ERROR_FRAMES);
  }

  /** Whether a nudge is in progress. */
  get nudging() {
    return this.#nudge !== null;
  }

  /** The rate of the timeline that the picture follows. */
  get base() {
    return this.#base;
  }

  /** Whether the pitch is preserved: not during a nudge, because that would cost 17–47 ms. */
  get keepsPitch() {
    return this.#base !== 1;
  }

  /**
   * Use another profile from now on.
   *
   * @param {Profile} profile
   * @param {number} now  client time, s
   */
  steer(profile, now) {
    this.#profile = profile;
    this.#end(now);
  }

  /**
   * Take the timeline's rate, and start to measure anew.
   *
   * @param {number | null} rate  null: as before
   * @param {number} now  client time, s
   */
  restart(rate, now) {
    this.#base = rate ?? this.#base;
    this.#end(now);
  }

  /**
   * The picture was played, and is expected to move `lateBy` s late.
   *
   * @param {{lateBy: number, kind: import('./calibration.js').StartKind}} start
   * @param {number} now  client time, s
   */
  started({ lateBy, kind }, now) {
    this.#end(now);
    this.#awaitedError = { of: 'start', lateBy, kind };
    this.#fineNudges = FINE_NUDGES_PER_START;
    // After a start, a small nudge may begin without a rest.
    this.#nudgeEndedAt = -Infinity;
    this.#startCheck = this.#profile.early ? new StartCheck(now) : null;
  }

  /**
   * Forget what was measured: the picture has been disturbed.
   *
   * @param {number} now  client time, s
   */
  disturb(now) {
    this.#estimator.disturb(now);
  }

  /**
   * A frame was shown.
   *
   * @param {number} error  its mediaTime less the timeline, s
   * @param {number} now  client time, s
   */
  add(error, now) {
    this.#estimator.add(error + this.#profile.bias * this.#base, now);
  }

  /**
   * Right after a start, use the element's `currentTime`: measure the error of the start, and end the
   * nudge that corrects it. Frames show it only later (ADR 0008).
   *
   * @param {number} elementError  the element's position less the timeline, s
   * @param {number} now  client time, s
   */
  checkStart(elementError, now) {
    // The frame must be in sync, and it is ahead of `currentTime` by the lead.
    const frameError = elementError + this.#calibration.lead;
    this.startError = null;
    if (this.#nudge?.early) {
      if (this.#nudge.direction * frameError >= 0 || now >= this.#nudge.until) {
        this.#end(now);
      }
      return;
    }
    this.#startCheck?.add(frameError, now);
    const error = this.#startCheck?.error ?? null;
    if (error !== null) {
      this.startError = error;
      this.#startCheck = null;
      this.#calibrate(error);
      const size = Math.abs(error);
      if (this.#profile.fine < size && size < MAX_EARLY_ERROR_S) {
        this.#begin(error, EARLY_STEP, now, { early: true });
      }
    }
  }

  /**
   * The error if it is steady enough to act on, s; else null.
   *
   * @param {number} now  client time, s
   */
  steadyError(now) {
    return this.#nudge === null && this.#estimator.steady(now) ? this.#estimator.error : null;
  }

  /**
   * End a nudge that has done its work; without a nudge, calibrate by a steady error.
   *
   * @param {number} elementError  the element's position less the timeline, s
   * @param {number} now  client time, s
   */
  watch(elementError, now) {
    if (this.#nudge !== null) {
      if (!this.#nudge.early) {
        this.#watchNudge(this.#nudge, now);
      }
      return;
    }
    const error = this.steadyError(now);
    if (error === null) {
      return;
    }
    this.#calibrate(error);
    if (this.#leadDue && this.#profile.early) {
      this.#leadDue = false;
      this.#calibration.recordFrameLead(error - elementError);
    }
  }

  /**
   * Begin a nudge against an error, if it is large enough.
   *
   * @param {number} error  s
   * @param {number} now  client time, s
   */
  correct(error, now) {
    const { fine, deadZone, rest, steps } = this.#profile;
    const size = Math.abs(error);
    const index = steps.findIndex(([limit]) => size < limit);
    const [, step] = steps[index] ?? [0, 0];
    const tooSoon = index === 0 && now < this.#nudgeEndedAt + rest;
    if (size <= fine) {
      this.#fineNudges = 0;
    }
    if (size <= (this.#fineNudges > 0 ? fine : deadZone) || step === 0 || tooSoon) {
      return;
    }
    this.#fineNudges -= 1;
    this.#begin(error, step, now, { early: false });
  }

  /**
   * @param {number} error  s
   * @param {number} step  by how much the rate is changed
   * @param {number} now  client time, s
   * @param {{early: boolean}} about  whether `currentTime` ends it
   */
  #begin(error, step, now, { early }) {
    const direction = -Math.sign(error);
    const size = Math.abs(error);
    this.#startCheck = null;
    this.rate = this.#base * (1 + direction * step);
    // Without frames it must end too: after twice its computed time and 2 s.
    this.#nudge = { direction, size, until: now + 2 * (size / step) + 2, early };
    this.#estimator.disturb(now);
  }

  /**
   * @param {{direction: number, size: number, until: number}} nudge
   * @param {number} now
   */
  #watchNudge({ direction, size, until }, now) {
    const error = this.#estimator.newest(NUDGE_FRAMES);
    const crossed = error !== null && direction * error + this.#calibration.overshoot >= 0;
    const overtaken = error !== null && -direction * error > size + SLIP_S;
    if (crossed || overtaken || now >= until) {
      this.#end(now);
      this.#nudgeEndedAt = now;
      this.#awaitedError = crossed ? { of: 'nudge', error, direction } : null;
    }
  }

  /** @param {number} now */
  #end(now) {
    this.#nudge = null;
    this.#awaitedError = null;
    this.#startCheck = null;
    this.#leadDue = true;
    this.rate = this.#base;
    this.#estimator.disturb(now);
  }

  /** @param {number} error  s */
  #calibrate(error) {
    const awaited = this.#awaitedError;
    this.#awaitedError = null;
    if (awaited?.of === 'start' && Math.abs(error) < MAX_LATENCY_ERROR_S) {
      this.#calibration.recordStart(awaited.kind, error + awaited.lateBy);
    } else if (awaited?.of === 'nudge') {
      this.#calibration.recordOvershoot(awaited.direction * (error - awaited.error));
    }
  }
}
