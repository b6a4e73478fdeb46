// @ts-check
/** Cueing: a paused picture is moved by a seek to where the film will be, and plays when the film is there. */

import { startKind } from './calibration.js';
import { CuePoint } from './cue-point.js';
import { Rehearsal } from './rehearsal.js';

/** A picture that would start later than this is cued again, s. */
const MAX_LATE_S = 0.08;

/** Allowance for a seek that takes longer than expected, s. */
const SEEK_MARGIN_S = 0.08;

/** After a seek that took longer than expected, the expected cost of the next grows by this factor. */
const SEEK_GROWTH = 1.2;

/** How long after the first pong the clock is ready for a start, s (ADR 0006). */
const CLOCK_NEEDS_S = 0.55;

/** After this many seeks in a row, the picture is not moved for this long, s. */
const MAX_SEEKS = 4;
const GIVE_UP_S = 5;

/** A seek aims this far into the frame, because browsers may round its start into the frame before, s. */
const INTO_FRAME_S = 10e-6;

/** A cued picture waits for the film if the film gets there within this, s. */
const WAIT_FOR_CUE_S = 1;

/** A smaller jump is left to nudges, s. */
const MIN_JUMP_S = 0.1;

/** The resolution of Unix seconds in a double, rounded up, s. */
const TIME_GRAIN_S = 1e-6;

/** @typedef {import('./moment.js').Moment} Moment */
/** @typedef {import('./orders.js').Orders} Orders */

/**
 * @typedef {object} Start
 * @property {number} at  when the picture is to move, client time, s
 * @property {number} lateBy  by how much later it is expected to move, from the latency of earlier starts, s
 * @property {import('./calibration.js').StartKind} kind
 */

/**
 * @typedef {object} Parts
 * @property {import('./sync-state.js').SyncMachine} machine
 * @property {import('./rate-control.js').RateControl} rateControl
 * @property {import('./calibration.js').Calibration} calibration
 * @property {import('./profiles.js').Profile} profile
 * @property {(moment: Moment, start: Start) => void} started  called when a cued picture starts to play
 */

export class Cueing {
  #machine;
  #rateControl;
  #calibration;
  #profile;
  #started;

  /** @type {CuePoint | null} */
  #cue = null;

  /** @type {Rehearsal | null} */
  #rehearsal = null;
  #rehearsalDone = false;

  /** Seeks since the picture was last found at the right position. */
  #seeks = 0;
  #noRetryBefore = -Infinity;

  /** When the picture last moved, client time, s; -Infinity: never. */
  #movedAt = -Infinity;

  /** @param {Parts} parts */
  constructor({ machine, rateControl, calibration, profile, started }) {
    this.#machine = machine;
    this.#rateControl = rateControl;
    this.#calibration = calibration;
    this.#profile = profile;
    this.#started = started;
  }

  /** Whether the picture is on its way to its cue point. */
  get seeking() {
    return this.#cue?.seeking ?? false;
  }

  /** Whether no measurement has confirmed the last seek yet, and another one is allowed. */
  get seekUnconfirmed() {
    return this.#seeks > 0 && this.#seeks < MAX_SEEKS;
  }

  /**
   * What to do about a large error: seek; give up for a while, because seeks did not help; or wait until
   * that while is over.
   *
   * @param {number} now  client time, s
   * @returns {'seek' | 'give up' | 'wait'}
   */
  remedy(now) {
    if (now < this.#noRetryBefore) {
      return 'wait';
    }
    return this.#seeks >= MAX_SEEKS ? 'give up' : 'seek';
  }

  /**
   * When to begin the seek for an upcoming jump of the film, server time, Unix s; Infinity: there is no
   * jump, or it leads to where the picture is cued.
   *
   * @param {Moment} moment
   */
  jumpBegins({ timelines, server }) {
    const jump = timelines.nextJump(server, this.#cue?.position ?? null, MIN_JUMP_S);
    return jump === null ? Infinity : jump - this.#calibration.seekCost - SEEK_MARGIN_S;
  }

  /**
   * Whether it is time to begin that seek.
   *
   * @param {Moment} moment
   */
  jumpIsDue(moment) {
    return moment.server >= this.jumpBegins(moment) - TIME_GRAIN_S;
  }

  /**
   * Return the kind of a start.
   *
   * @param {Moment} moment
   * @param {number} [time]  of the start, client time, s; default: when the picture last moved
   */
  startKindAt({ media }, time = this.#movedAt) {
    return startKind(media.silent, time - this.#movedAt);
  }

  /** The picture was found at the right position: count its seeks from 0. */
  resetRetries() {
    this.#seeks = 0;
  }

  /**
   * Do not seek for a while, because it did not help.
   *
   * @param {number} now  client time, s
   */
  giveUp(now) {
    this.#noRetryBefore = now + GIVE_UP_S;
  }

  /**
   * Do nothing more with the picture.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   */
  release(moment, orders) {
    this.#endRehearsal(moment, orders);
    this.#cue = null;
    this.#seeks = 0;
  }

  /**
   * Leave the picture where it stands, at the film's end.
   *
   * @param {Moment} moment
   * @param {number} position  s
   */
  rest({ now }, position) {
    this.#cue = new CuePoint(position, { since: now, seeking: false });
    this.#machine.step('rest');
  }

  /**
   * Seek to where the film will be when the seek is over.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {{calibrates?: boolean}} [about]  whether the cost of this seek is typical
   */
  cue(moment, orders, { calibrates = true } = {}) {
    const { now, timelines } = moment;
    this.#endRehearsal(moment, orders);
    const then = now + this.#cost(moment);
    const { position } = moment.motion(then);
    this.#pause(moment, orders);
    this.#rateControl.restart(moment.rateAt(moment.serverAt(then)), now);
    orders.seek(Math.min(position + INTO_FRAME_S, timelines.duration));
    this.#seeks += 1;
    this.#cue = new CuePoint(position, { since: now, calibrates });
    this.#rehearsalDone = false;
    this.#machine.step('cue');
  }

  /**
   * Cue the picture, and count its seeks from 0.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {{calibrates?: boolean}} [about]
   */
  cueAfresh(moment, orders, about) {
    this.#seeks = 0;
    this.cue(moment, orders, about);
  }

  /**
   * Give the orders that a cued picture needs at this moment.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   */
  follow(moment, orders) {
    const cue = this.#cue;
    const { server, timelines, media } = moment;
    if (cue === null) {
      return;
    }
    const patience = Math.max(this.#cost(moment), WAIT_FOR_CUE_S);
    const { plays, stands, wanted } = cue.prospect(timelines, server, patience);
    if (!wanted) {
      this.cueAfresh(moment, orders);
      return;
    }
    orders.askAtServer(this.jumpBegins(moment));
    if (this.jumpIsDue(moment)) {
      this.cueAfresh(moment, orders);
      return;
    }
    const left = plays === null ? null : plays - server;
    if (this.#rehearsal !== null) {
      this.#followRehearsal(this.#rehearsal, moment, orders, left);
      return;
    }
    if (left !== null && this.#mayRehearse(moment)) {
      orders.askAt(moment.now + Rehearsal.waits(left));
      if (Rehearsal.fits(left)) {
        this.#beginRehearsal(cue, moment, orders);
        return;
      }
    }
    const ready = cue.hasData(media, left !== null);
    if (ready) {
      this.#arrive(cue, moment.now);
    }
    this.#standBy(moment, orders, { left, stands, settled: ready && !cue.seeking });
  }

  /**
   * A frame was shown.
   *
   * @param {number} mediaTime  s
   * @param {number} displayTime  client time, s
   */
  frameShown(mediaTime, displayTime) {
    this.#rehearsal?.add({ mediaTime, displayTime, rate: this.#rateControl.base });
  }

  /**
   * The expected cost of a seek, s: more after every one that took too long.
   *
   * @param {Moment} moment
   */
  #cost({ clockReady }) {
    const growth = SEEK_GROWTH ** Math.min(this.#seeks, MAX_SEEKS);
    const cost = this.#calibration.seekCost * growth + SEEK_MARGIN_S;
    // A start waits for the eighth pong, and the film must not have passed the cue point then (ADR 0006).
    return clockReady ? cost : Math.max(cost, CLOCK_NEEDS_S);
  }

  /**
   * @param {Moment} moment
   * @param {Orders} orders
   */
  #pause({ media, now }, orders) {
    if (!media.paused) {
      orders.pause();
      this.#movedAt = now;
    }
  }

  /**
   * The picture has arrived: record the cost of the seek. Not at the event that ordered the seek,
   * because the element does not report it yet.
   *
   * @param {CuePoint} cue
   * @param {number} now  client time, s
   */
  #arrive(cue, now) {
    if (cue.seeking && now > cue.since) {
      cue.seeking = false;
      if (cue.calibrates) {
        this.#calibration.recordSeek(now - cue.since);
      }
    }
  }

  /**
   * Wait at the cue point, or play from it.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {{left: number | null, stands: boolean, settled: boolean}} about  `left`: time until it has to
   *   move, s; null: it stays
   */
  #standBy(moment, orders, { left, stands, settled }) {
    const { entered, clockReady } = moment;
    // Nothing plays before the viewer has entered, because that click allows sound.
    if (left === null || !entered) {
      this.#machine.step(settled && stands && entered ? 'rest' : 'wait');
    } else if (settled && clockReady) {
      this.#machine.step('arm');
      this.#playInTime(moment, orders, left);
    } else {
      this.#machine.step('wait');
    }
  }

  /**
   * Play the picture early enough to move in time (ADR 0005); cue it again if it is too late for that.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {number} left  time until it has to move, s
   */
  #playInTime(moment, orders, left) {
    const { now } = moment;
    const kind = this.startKindAt(moment, now + left);
    const lateBy = this.#calibration.latency(kind) - left;
    if (lateBy < 0) {
      orders.askAt(now - lateBy);
    } else if (lateBy > MAX_LATE_S && this.#seeks < MAX_SEEKS) {
      this.cue(moment, orders);
    } else {
      // After too many seeks it plays late, and nudges correct it.
      orders.play();
      this.#cue = null;
      this.#machine.step('start');
      this.#started(moment, { at: Math.max(now + left, now), lateBy, kind });
    }
  }

  /**
   * Whether a start may be rehearsed now (ADR 0005): once for each cue, and only if it can be neither seen
   * nor heard. On iPhone and iPad the volume cannot be set, so it would be heard.
   *
   * @param {Moment} moment
   */
  #mayRehearse({ entered, visible, media }) {
    const ready = this.#machine.state === 'armed' && media.paused && !this.#rehearsalDone;
    return ready && entered && visible && media.canSilence;
  }

  /**
   * @param {CuePoint} cue
   * @param {Moment} moment
   * @param {Orders} orders
   */
  #beginRehearsal(cue, moment, orders) {
    const { now } = moment;
    this.#rehearsal = new Rehearsal(cue.position, now, this.startKindAt(moment, now));
    this.#rehearsalDone = true;
    // Silence first, so that no sound of the rehearsal is heard.
    orders.silence(true);
    orders.play();
  }

  /**
   * @param {Rehearsal} rehearsal
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {number | null} left  time until the picture has to move, s; null: it stays
   */
  #followRehearsal(rehearsal, moment, orders, left) {
    // A hidden page gets no frames, so it cannot measure the start.
    if (left === null || !moment.visible || rehearsal.isOver(moment.now, left)) {
      rehearsal.calibrate(this.#calibration, this.#profile.bias);
      this.#endRehearsal(moment, orders);
    }
  }

  /**
   * Move the picture back to its cue point after a rehearsal.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   */
  #endRehearsal({ now }, orders) {
    if (this.#rehearsal === null || this.#cue === null) {
      return;
    }
    const { position } = this.#cue;
    this.#rehearsal = null;
    // This seek goes back by a second, to loaded data, so it is shorter than others.
    this.#cue = new CuePoint(position, { since: now, calibrates: false });
    this.#movedAt = now;
    orders.pause();
    orders.seek(position + INTO_FRAME_S);
    // Last, once it is paused.
    orders.silence(false);
  }
}
