// @ts-check
/** A held picture: brought to where the film will be, rehearsed, and let go when it is there. */

import { Hold } from './cue-point.js';
import { Rehearsal } from './rehearsal.js';

/** Beyond this a picture that was to be let go is too late, and is brought again, s. */
const LATE = 0.08;

/** Room for a seek to take longer than foreseen, s. */
const MARGIN = 0.08;

/** From the first word of the clock on, it is known well enough to start by within this, s. */
const TIMED = 0.55;

/** How often a picture is brought before it is let go where it is, and for how long then, s. */
const TRIES = 4;
const PATIENCE = 5;

/** A seek goes this far into the frame: its first moment may be rounded into the one before, s. */
const INSIDE = 10e-6;

/** A held picture that is due within this is waited for, s. */
const SOON = 1;

/** A jump of less is left to the nudges, s. */
const JUMP = 0.1;

/** Unix seconds in a double are no finer than this, s. */
const GRAIN = 1e-6;

/** @typedef {{at: number, late: number, kind: import('./calibration.js').StartKind}} Start */

export class Holding {
  #picture;

  /** @type {Hold | null} */
  #held = null;

  /** @type {Rehearsal | null} */
  #rehearsal = null;
  #rehearsed = false;

  #tries = 0;
  #notBefore = -Infinity;

  /** How the held picture does. @type {'preroll' | 'armed' | 'paused'} */
  state = 'preroll';

  /** @param {import('./moment.js').Picture} picture */
  constructor(picture) {
    this.#picture = picture;
  }

  /** Whether there is a held picture. */
  get holds() {
    return this.#held !== null;
  }

  /** Whether it is on its way to where it is held. */
  get seeking() {
    return this.#held !== null && this.#held.seeking;
  }

  /** Whether it was brought a moment ago, and could be brought once more. */
  get fresh() {
    return this.#tries > 0 && this.#tries < TRIES;
  }

  /** There is nothing to answer for any more. */
  forgive() {
    this.#tries = 0;
  }

  /** Hold it no longer. */
  release() {
    this.#endRehearsal();
    this.#held = null;
    this.#tries = 0;
  }

  /**
   * Hold it where it stands, at the film's end.
   *
   * @param {number} position  s
   */
  rest(position) {
    this.#held = new Hold(position, { since: this.#picture.now, seeking: false });
    this.state = 'paused';
  }

  /** Hold it where the film will be when a seek is over. */
  bring({ teaches = true } = {}) {
    const picture = this.#picture;
    this.#endRehearsal();
    const then = picture.now + this.#cost;
    const { position } = picture.course(then);
    picture.stop();
    picture.takeRate(picture.serverAt(then));
    picture.order({ do: 'seek', position: Math.min(position + INSIDE, picture.timelines.duration) });
    this.#tries += 1;
    this.#held = new Hold(position, { since: picture.now, teaches });
    this.#rehearsed = false;
    this.state = 'preroll';
  }

  /** Bring a picture that has no earlier tries to answer for. */
  bringAfresh({ teaches = true } = {}) {
    this.#tries = 0;
    this.bring({ teaches });
  }

  /**
   * Bring it where it is far off, but not for ever where that does not help.
   *
   * @param {boolean} far
   */
  bringIf(far) {
    const { now } = this.#picture;
    if (!far || now < this.#notBefore) {
      return false;
    }
    if (this.#tries >= TRIES) {
      this.#notBefore = now + PATIENCE;
      return false;
    }
    this.bring();
    return true;
  }

  /** Whether it is time to make for a place that the film is going to jump to. */
  mustLeap() {
    const { learned, server, timelines } = this.#picture;
    const leaps = timelines.leaps(server, this.#held?.position ?? null, JUMP);
    const begins = leaps === null ? Infinity : leaps - learned.seekCost - MARGIN;
    this.#picture.askAtServer(begins);
    return server >= begins - GRAIN;
  }

  /**
   * Do with the held picture what the moment asks for.
   *
   * @returns {Start | null}  where it was let go: when it is due, and how late it was for that
   */
  follow() {
    const held = this.#held;
    const { server, timelines, entered } = this.#picture;
    if (held === null) {
      return null;
    }
    const { passes, stands, wanted } = held.prospect(timelines, server, Math.max(this.#cost, SOON));
    if (!wanted || this.mustLeap()) {
      this.bringAfresh();
      return null;
    }
    const left = passes === null ? null : passes - server;
    if (this.#rehearses(held, left)) {
      return null;
    }
    const settled = this.#settles(held, left !== null);
    if (left === null || !entered) {
      this.state = settled && stands && entered ? 'paused' : 'preroll';
      return null;
    }
    const ready = settled && this.#picture.timed;
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
    this.#rehearsal?.add({ mediaTime, displayTime, rate: this.#picture.base });
  }

  /** What it takes to bring it, s: after every try that was too short, a bit more. */
  get #cost() {
    const cost = this.#picture.learned.seekCost * 1.2 ** Math.min(this.#tries, TRIES) + MARGIN;
    return this.#picture.timed ? cost : Math.max(cost, TIMED);
  }

  /**
   * @param {Hold} held
   * @param {boolean} toMove
   */
  #settles(held, toMove) {
    const { media, now, learned } = this.#picture;
    return held.settles(media, now, { toMove, learned });
  }

  /**
   * Rehearse a start that is far enough ahead; returns whether that is going on.
   *
   * @param {Hold} held
   * @param {number | null} left  time until it is due, s; null: it is not to move
   */
  #rehearses(held, left) {
    const { now, visible, entered, media, learned, profile } = this.#picture;
    if (this.#rehearsal !== null) {
      if (left === null || !visible || this.#rehearsal.over(now, left)) {
        this.#rehearsal.teach(learned, profile.bias);
        this.#endRehearsal();
      }
      return true;
    }
    const can = entered && visible && this.state === 'armed' && media.paused;
    if (!can || this.#rehearsed || left === null) {
      return false;
    }
    this.#picture.askAt(now + Rehearsal.waits(left));
    if (!Rehearsal.fits(left)) {
      return false;
    }
    this.#rehearsal = new Rehearsal(held.position, now, this.#picture.kindAt(now));
    this.#rehearsed = true;
    this.#picture.order({ do: 'hush', on: true }, { do: 'play' });
    return true;
  }

  /** Put a picture that was rehearsed back to where it is held. */
  #endRehearsal() {
    const { now } = this.#picture;
    if (this.#rehearsal === null || this.#held === null) {
      return;
    }
    const { position } = this.#held;
    this.#rehearsal = null;
    this.#held = new Hold(position, { since: now, teaches: false });
    this.#picture.movedAt = now;
    this.#picture.order({ do: 'pause' }, { do: 'seek', position: position + INSIDE }, { do: 'hush', on: false });
  }

  /**
   * Play it so that it moves at its moment.
   *
   * @param {number} left  time until then, s
   * @returns {Start | null}
   */
  #letGo(left) {
    const picture = this.#picture;
    const start = picture.now + left;
    const kind = picture.kindAt(start);
    const late = picture.learned.latency(kind) - left;
    if (late < 0) {
      picture.askAt(picture.now - late);
      return null;
    }
    if (late > LATE && this.#tries < TRIES) {
      this.bring();
      return null;
    }
    picture.order({ do: 'play' });
    this.#held = null;
    return { at: Math.max(start, picture.now), late, kind };
  }
}
