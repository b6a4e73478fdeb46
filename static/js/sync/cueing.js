// @ts-check
/** Cueing: a paused picture is brought (by a seek) to where the film will be, and played when it is there. */

import { startKind } from './calibration.js';
import { CuePoint } from './cue-point.js';
import { Rehearsal } from './rehearsal.js';

/** A picture that would start later than this is cued again, s. */
const MAX_LATE_S = 0.08;

/** By so much a seek may take longer than expected, s. */
const SEEK_MARGIN_S = 0.08;

/** After a seek that took longer than expected the next one is given more time, by this factor. */
const SEEK_GROWTH = 1.2;

/** From the first pong on, the clock is known well enough to start by within this, s (ADR 0006). */
const CLOCK_NEEDS_S = 0.55;

/** A picture is cued so often, then left where it is for so long, s. */
const MAX_SEEKS = 4;
const GIVE_UP_S = 5;

/** A seek goes this far into the frame: browsers may round its first moment into the one before, s. */
const INTO_FRAME_S = 10e-6;

/** A cued picture that is due within this is waited for, s. */
const WAIT_FOR_CUE_S = 1;

/** A jump of less is left to the nudges, s. */
const MIN_JUMP_S = 0.1;

/** Unix seconds in a double are no finer than this, s. */
const TIME_GRAIN_S = 1e-6;

/** @typedef {import('./moment.js').Moment} Moment */
/** @typedef {import('./orders.js').Orders} Orders */

/**
 * @typedef {object} Start
 * @property {number} at  when the picture is to move, client time, s
 * @property {number} lateBy  how much later than that it will, by what starts have taken here, s
 * @property {import('./calibration.js').StartKind} kind
 */

/**
 * @typedef {object} Parts
 * @property {import('./sync-state.js').SyncMachine} machine
 * @property {import('./rate-control.js').RateControl} rateControl
 * @property {import('./calibration.js').Calibration} calibration
 * @property {import('./profiles.js').Profile} profile
 * @property {(moment: Moment, start: Start) => void} started  called when a cued picture was played
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

  /** Seeks since the picture was last found in its place. */
  #seeks = 0;
  #noRetryBefore = -Infinity;

  /** When the picture moved last, client time, s; -Infinity: never. */
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

  /** Whether it was cued and not found in its place since, and may be cued once more. */
  get seekUnconfirmed() {
    return this.#seeks > 0 && this.#seeks < MAX_SEEKS;
  }

  /**
   * What may be done about a picture that is far off: seek, seek no more for a while because seeks
   * did not help, or nothing because that while is not over.
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
   * When to begin the seek to a place that the film is going to jump to, server time, Unix s;
   * Infinity: it does not jump, or to where the picture is anyway.
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
   * What kind of start one would be.
   *
   * @param {Moment} moment
   * @param {number} [time]  of the start, client time, s; left out: when the picture moved last
   */
  startKindAt({ media }, time = this.#movedAt) {
    return startKind(media.silent, time - this.#movedAt);
  }

  /** The picture was found in its place: count its seeks from 0. */
  resetRetries() {
    this.#seeks = 0;
  }

  /**
   * Seek no more for a while: it did not help.
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
   * Leave it where it stands, at the film's end.
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
   * @param {{calibrates?: boolean}} [about]  whether other seeks are expected to take as long
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
   * Cue it, and count its seeks from 0.
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
   * Do with the cued picture what the moment asks for.
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
   * What a seek takes, s: after every one that was too short, a bit more.
   *
   * @param {Moment} moment
   */
  #cost({ clockReady }) {
    const growth = SEEK_GROWTH ** Math.min(this.#seeks, MAX_SEEKS);
    const cost = this.#calibration.seekCost * growth + SEEK_MARGIN_S;
    // A start waits for the eighth pong, and the place must still lie ahead then (ADR 0006).
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
   * The picture is there: note what the seek took. Not at the event that ordered the seek, because the
   * element does not report it yet.
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
   * Wait at the cue point, or play.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {{left: number | null, stands: boolean, settled: boolean}} about  `left`: until it is to
   *   move, s; null: it stays
   */
  #standBy(moment, orders, { left, stands, settled }) {
    const { entered, clockReady } = moment;
    // Nothing plays before the viewer has entered: that click is what allows sound.
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
   * Play it early enough to move at its moment (ADR 0005); cue it again where it is too late for that.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {number} left  time until it is to move, s
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
      // After too many seeks it is played late: nudges bring it nearer.
      orders.play();
      this.#cue = null;
      this.#machine.step('start');
      this.#started(moment, { at: Math.max(now + left, now), lateBy, kind });
    }
  }

  /**
   * Whether a start may be rehearsed now (ADR 0005): once for each cue, and neither seen nor heard. An
   * element whose volume cannot be set, as on iPhone and iPad, would be heard.
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
    // First of all: no sound of the rehearsal is to be heard.
    orders.silence(true);
    orders.play();
  }

  /**
   * @param {Rehearsal} rehearsal
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {number | null} left  time until the picture is to move, s; null: it is not to move
   */
  #followRehearsal(rehearsal, moment, orders, left) {
    // A hidden page is shown no frames, by which the start is measured.
    if (left === null || !moment.visible || rehearsal.isOver(moment.now, left)) {
      rehearsal.calibrate(this.#calibration, this.#profile.bias);
      this.#endRehearsal(moment, orders);
    }
  }

  /**
   * Put a picture that was rehearsed back to its cue point.
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
    // This seek leads a second back, to what is loaded: others take longer.
    this.#cue = new CuePoint(position, { since: now, calibrates: false });
    this.#movedAt = now;
    orders.pause();
    orders.seek(position + INTO_FRAME_S);
    // Last of all, once it is paused.
    orders.silence(false);
  }
}
