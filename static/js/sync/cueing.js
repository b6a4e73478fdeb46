// @ts-check
/** Cueing: a paused picture is brought (by a seek) to where the film will be, and played when it is there. */

import { CuePoint } from './cue-point.js';
import { Rehearsal } from './rehearsal.js';

/** Beyond this a picture that was to be let go is too late, and is brought again, s. */
const MAX_LATE_S = 0.08;

/** Room for a seek to take longer than foreseen, s. */
const SEEK_MARGIN_S = 0.08;

/** From the first word of the clock on, it is known well enough to start by within this, s. */
const CLOCK_NEEDS_S = 0.55;

/** How often a picture is brought before it is let go where it is, and for how long then, s. */
const MAX_SEEKS = 4;
const GIVE_UP_S = 5;

/** A seek goes this far into the frame: its first moment may be rounded into the one before, s. */
const INTO_FRAME_S = 10e-6;

/** A held picture that is due within this is waited for, s. */
const WAIT_FOR_CUE_S = 1;

/** A jump of less is left to the nudges, s. */
const MIN_JUMP_S = 0.1;

/** Unix seconds in a double are no finer than this, s. */
const TIME_GRAIN_S = 1e-6;

/** @typedef {{at: number, late: number, kind: import('./calibration.js').StartKind}} Start */

export class Cueing {
  #moment;

  /** @type {CuePoint | null} */
  #cue = null;

  /** @type {Rehearsal | null} */
  #rehearsal = null;
  #rehearsed = false;

  #seeks = 0;
  #notBefore = -Infinity;

  /** How the held picture does. @type {'preroll' | 'armed' | 'paused'} */
  state = 'preroll';

  /** @param {import('./moment.js').Moment} moment */
  constructor(moment) {
    this.#moment = moment;
  }

  /** Whether there is a held picture. */
  get holds() {
    return this.#cue !== null;
  }

  /** Whether it is on its way to its cue point. */
  get seeking() {
    return this.#cue?.seeking ?? false;
  }

  /** Whether it was brought a moment ago, and could be brought once more. */
  get fresh() {
    return this.#seeks > 0 && this.#seeks < MAX_SEEKS;
  }

  /** There is nothing to answer for any more. */
  resetRetries() {
    this.#seeks = 0;
  }

  /** Hold it no longer. */
  release() {
    this.#endRehearsal();
    this.#cue = null;
    this.#seeks = 0;
  }

  /**
   * Hold it where it stands, at the film's end.
   *
   * @param {number} position  s
   */
  rest(position) {
    this.#cue = new CuePoint(position, { since: this.#moment.now, seeking: false });
    this.state = 'paused';
  }

  /** Hold it where the film will be when a seek is over. */
  bring({ calibrates = true } = {}) {
    const moment = this.#moment;
    this.#endRehearsal();
    const then = moment.now + this.#cost;
    const { position } = moment.course(then);
    moment.stop();
    moment.takeRate(moment.serverAt(then));
    moment.order({ do: 'seek', position: Math.min(position + INTO_FRAME_S, moment.timelines.duration) });
    this.#seeks += 1;
    this.#cue = new CuePoint(position, { since: moment.now, calibrates });
    this.#rehearsed = false;
    this.state = 'preroll';
  }

  /** Bring a picture that has no earlier tries to answer for. */
  bringAfresh({ calibrates = true } = {}) {
    this.#seeks = 0;
    this.bring({ calibrates });
  }

  /**
   * Bring it where it is far off, but not for ever where that does not help.
   *
   * @param {boolean} far
   */
  bringIf(far) {
    const { now } = this.#moment;
    if (!far || now < this.#notBefore) {
      return false;
    }
    if (this.#seeks >= MAX_SEEKS) {
      this.#notBefore = now + GIVE_UP_S;
      return false;
    }
    this.bring();
    return true;
  }

  /** Whether it is time to make for a place that the film is going to jump to. */
  mustJump() {
    const { calibration, server, timelines } = this.#moment;
    const leaps = timelines.nextJump(server, this.#cue?.position ?? null, MIN_JUMP_S);
    const begins = leaps === null ? Infinity : leaps - calibration.seekCost - SEEK_MARGIN_S;
    this.#moment.askAtServer(begins);
    return server >= begins - TIME_GRAIN_S;
  }

  /**
   * Do with the held picture what the moment asks for.
   *
   * @returns {Start | null}  where it was let go: when it is due, and how late it was for that
   */
  follow() {
    const cue = this.#cue;
    const { server, timelines, entered } = this.#moment;
    if (cue === null) {
      return null;
    }
    const { passes, stands, wanted } = cue.prospect(timelines, server, Math.max(this.#cost, WAIT_FOR_CUE_S));
    if (!wanted || this.mustJump()) {
      this.bringAfresh();
      return null;
    }
    const left = passes === null ? null : passes - server;
    if (this.#rehearses(cue, left)) {
      return null;
    }
    const settled = this.#settles(cue, left !== null);
    if (left === null || !entered) {
      this.state = settled && stands && entered ? 'paused' : 'preroll';
      return null;
    }
    const ready = settled && this.#moment.timed;
    this.state = ready ? 'armed' : 'preroll';
    return ready ? this.#letGo(left) : null;
  }

  /**
   * A frame was shown.
   *
   * @param {number} mediaTime  s
   * @param {number} displayTime  client time, s
   */
  saw(mediaTime, displayTime) {
    this.#rehearsal?.add({ mediaTime, displayTime, rate: this.#moment.base });
  }

  /** What it takes to bring it, s: after every try that was too short, a bit more. */
  get #cost() {
    const cost = this.#moment.calibration.seekCost * 1.2 ** Math.min(this.#seeks, MAX_SEEKS) + SEEK_MARGIN_S;
    return this.#moment.timed ? cost : Math.max(cost, CLOCK_NEEDS_S);
  }

  /**
   * @param {CuePoint} cue
   * @param {boolean} toMove
   */
  #settles(cue, toMove) {
    const { media, now, calibration } = this.#moment;
    return cue.settles(media, now, { toMove, calibration });
  }

  /**
   * Rehearse a start that is far enough ahead; returns whether that is going on.
   *
   * @param {CuePoint} cue
   * @param {number | null} left  time until it is due, s; null: it is not to move
   */
  #rehearses(cue, left) {
    const { now, visible, entered, media, calibration, profile } = this.#moment;
    if (this.#rehearsal !== null) {
      if (left === null || !visible || this.#rehearsal.over(now, left)) {
        this.#rehearsal.calibrate(calibration, profile.bias);
        this.#endRehearsal();
      }
      return true;
    }
    const can = entered && visible && this.state === 'armed' && media.paused;
    if (!can || this.#rehearsed || left === null) {
      return false;
    }
    this.#moment.askAt(now + Rehearsal.waits(left));
    if (!Rehearsal.fits(left)) {
      return false;
    }
    this.#rehearsal = new Rehearsal(cue.position, now, this.#moment.kindAt(now));
    this.#rehearsed = true;
    this.#moment.order({ do: 'silence', on: true }, { do: 'play' });
    return true;
  }

  /** Put a picture that was rehearsed back to where it is cue. */
  #endRehearsal() {
    const { now } = this.#moment;
    if (this.#rehearsal === null || this.#cue === null) {
      return;
    }
    const { position } = this.#cue;
    this.#rehearsal = null;
    this.#cue = new CuePoint(position, { since: now, calibrates: false });
    this.#moment.movedAt = now;
    this.#moment.order(
      { do: 'pause' },
      { do: 'seek', position: position + INTO_FRAME_S },
      { do: 'silence', on: false },
    );
  }

  /**
   * Play it so that it moves at its moment.
   *
   * @param {number} left  time until then, s
   * @returns {Start | null}
   */
  #letGo(left) {
    const moment = this.#moment;
    const start = moment.now + left;
    const kind = moment.kindAt(start);
    const late = moment.calibration.latency(kind) - left;
    if (late < 0) {
      moment.askAt(moment.now - late);
      return null;
    }
    if (late > MAX_LATE_S && this.#seeks < MAX_SEEKS) {
      this.bring();
      return null;
    }
    moment.order({ do: 'play' });
    this.#cue = null;
    return { at: Math.max(start, moment.now), late, kind };
  }
}
