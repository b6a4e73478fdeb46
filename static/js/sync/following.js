// @ts-check
/** Following: a playing picture is measured frame by frame, nudged by its rate, and cued again if that fails. */

import { HAVE_FUTURE_DATA } from './media.js';
import { Steering } from './steering.js';
import { MAX_ERROR_AFTER_SEEK_S, MAX_NUDGED_ERROR_S } from './thresholds.js';
import { at } from './timeline.js';

/** Times nearer than this count as equal, because the clock's offset may change by that much, s. */
const CLOCK_GRAIN_S = 0.02;

/** A picture that does not move within this after `play()` has not started, s. */
const MAX_START_S = 1;

/** A picture without data for longer is cued where the film is by then, s. */
const MAX_STALL_S = 3;

/** @typedef {import('./moment.js').Moment} Moment */
/** @typedef {import('./orders.js').Orders} Orders */

/**
 * @typedef {'misplaced' | 'ended' | 'starting' | 'not started' | 'moving' | 'starved' | 'stalled'
 *   | 'recovered misplaced' | 'recovered'} Condition  The condition of a picture that should move.
 */

/**
 * @typedef {object} Parts
 * @property {import('./sync-state.js').SyncMachine} machine
 * @property {import('./rate-control.js').RateControl} rateControl
 * @property {import('./cueing.js').Cueing} cueing  moves the picture by a seek
 * @property {import('./profiles.js').Profile} profile
 */

export class Following {
  #machine;
  #rateControl;
  #cueing;
  #steering;

  /** Whether the picture has been seen to move since it was played. */
  #moving = false;

  /** When `play()` was called, and when the picture has to move; until then the film may be elsewhere. */
  #playedAt = -Infinity;
  #startsAt = -Infinity;

  #stalledAt = Infinity;

  /** Revision of the timeline that the picture follows. */
  #revision = 0;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#machine = parts.machine;
    this.#rateControl = parts.rateControl;
    this.#cueing = parts.cueing;
    this.#steering = new Steering(parts);
  }

  /**
   * A cued picture was played.
   *
   * @param {Moment} moment
   * @param {import('./cueing.js').Start} start
   */
  begin(moment, { at: startsAt, lateBy, kind }) {
    const { now } = moment;
    // A little after the start, so that a small change of the clock does not give the rate before it.
    this.#rateControl.restart(moment.rateAt(moment.serverAt(startsAt) + CLOCK_GRAIN_S), now);
    this.#rateControl.started({ lateBy, kind }, now);
    this.#moving = false;
    this.#steering.begin();
    this.#stalledAt = Infinity;
    this.#playedAt = now;
    this.#startsAt = startsAt;
  }

  /**
   * Trust no earlier measurement: the page has slept, or its clock was wrong.
   *
   * @param {Moment} moment
   */
  doubt(moment) {
    this.#steering.doubt(moment);
  }

  /**
   * The page became visible or hidden.
   *
   * @param {Moment} moment
   */
  visibilityChanged(moment) {
    this.#steering.visibilityChanged(moment);
  }

  /**
   * The element has run out of data. It also reports this while it seeks and at the film's end.
   *
   * @param {Moment} moment
   */
  dataRanOut({ media, now }) {
    if (!media.seeking && !media.ended) {
      this.#stalledAt = Math.min(this.#stalledAt, now);
    }
  }

  /** The element reports that the picture moves. */
  moves() {
    this.#moving = true;
  }

  /**
   * A frame was shown.
   *
   * @param {Moment} moment
   * @param {number} mediaTime  s
   * @param {number} displayTime  client time, s
   */
  frameShown(moment, mediaTime, displayTime) {
    const { now, visible } = moment;
    const { position, rate } = moment.motion(displayTime);
    this.#moving = true;
    this.#steering.frameShown(moment, mediaTime);
    // Until the start the film may be elsewhere. A hidden page is measured by `currentTime` instead.
    if (rate > 0 && visible && now > this.#startsAt + CLOCK_GRAIN_S) {
      this.#rateControl.add(mediaTime - position, now);
    }
  }

  /**
   * Picture less timeline as the viewer sees it, s; null right after a disturbance.
   *
   * @param {Moment} moment
   */
  error(moment) {
    return this.#moving ? this.#steering.error(moment) : this.#rateControl.error;
  }

  /**
   * Give the orders that a playing picture needs at this moment.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   */
  follow(moment, orders) {
    const { position, rate } = moment.motion();
    // It was played ahead of time, so the timeline that it follows may not be in force yet.
    if (moment.now < this.#startsAt + CLOCK_GRAIN_S) {
      orders.askAt(this.#startsAt + CLOCK_GRAIN_S);
      return;
    }
    if (rate === 0) {
      this.#stop(moment, orders, position);
      return;
    }
    orders.askAtServer(this.#cueing.jumpBegins(moment));
    if (this.#cueing.jumpIsDue(moment)) {
      this.#cueing.cueAfresh(moment, orders);
      return;
    }
    const sameTimeline = this.#followsTimeline(moment);
    if (!sameTimeline) {
      this.#takeTimeline(moment);
    }
    this.#handle(moment, orders, this.#condition(moment, sameTimeline));
  }

  /**
   * The film stands still: seek to the exact frame, except at the film's end, which the picture reaches by
   * itself.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {number} position  s
   */
  #stop(moment, orders, position) {
    const { timelines, server, media, now } = moment;
    const line = timelines.inForce(server);
    const over = line !== null && line.rate > 0 ? at(line, server) - timelines.duration : -1;
    if (over >= 0 && media.ended) {
      this.#cueing.rest(moment, position);
    } else if (over >= 0 && over < MAX_NUDGED_ERROR_S) {
      // A picture that is a little behind still has to show the last frames.
      orders.askAt(now + MAX_NUDGED_ERROR_S);
    } else {
      // Seek however near it seems: a picture within 2 ms that was left alone once showed the next frame.
      this.#cueing.cueAfresh(moment, orders);
    }
  }

  /**
   * Whether the timeline in force is the one that the picture follows.
   *
   * @param {Moment} moment
   */
  #followsTimeline({ timelines, server }) {
    const line = timelines.inForce(server);
    return line === null || (line.revision === this.#revision && line.rate === this.#rateControl.base);
  }

  /**
   * Follow the timeline in force from now on.
   *
   * @param {Moment} moment
   */
  #takeTimeline(moment) {
    const { timelines, server, now } = moment;
    const line = timelines.inForce(server);
    this.#revision = line?.revision ?? this.#revision;
    if (line !== null && line.rate !== this.#rateControl.base) {
      this.#rateControl.restart(moment.rateAt(server), now);
    }
  }

  /**
   * Return the condition of the picture.
   *
   * @param {Moment} moment
   * @param {boolean} sameTimeline  whether it followed the timeline in force before
   * @returns {Condition}
   */
  #condition({ media, visible, now, elementError }, sameTimeline) {
    if (!sameTimeline && this.#moving && Math.abs(elementError) > MAX_NUDGED_ERROR_S) {
      return 'misplaced';
    }
    if (media.ended) {
      return elementError > MAX_NUDGED_ERROR_S ? 'misplaced' : 'ended';
    }
    // In a hidden page some browsers pause a film without sound, and none reports frames.
    if (visible && (media.paused || !this.#moving)) {
      return now - this.#playedAt > MAX_START_S ? 'not started' : 'starting';
    }
    if (!this.#moving) {
      return 'starting';
    }
    if (this.#stalledAt === Infinity) {
      return 'moving';
    }
    if (media.readyState >= HAVE_FUTURE_DATA) {
      return Math.abs(elementError) > MAX_ERROR_AFTER_SEEK_S ? 'recovered misplaced' : 'recovered';
    }
    return now - this.#stalledAt > MAX_STALL_S ? 'starved' : 'stalled';
  }

  /**
   * Give the orders that a condition needs.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {Condition} condition
   */
  #handle(moment, orders, condition) {
    switch (condition) {
      case 'misplaced':
      case 'recovered misplaced':
        this.#cueing.cueAfresh(moment, orders);
        break;
      case 'starved':
        // The cost of this seek depends on the line, so it is not typical.
        this.#cueing.cueAfresh(moment, orders, { calibrates: false });
        break;
      case 'not started':
        this.#cueing.cue(moment, orders);
        break;
      case 'stalled':
        this.#machine.step('stall');
        break;
      case 'recovered':
        this.#stalledAt = Infinity;
        // Errors measured before the stall are stale.
        this.#rateControl.restart(null, moment.now);
        this.#steering.steer(moment, orders);
        break;
      case 'moving':
        this.#steering.steer(moment, orders);
        break;
      case 'ended':
      case 'starting':
        break;
    }
  }
}
