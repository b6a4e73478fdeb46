// @ts-check
/** Following: a playing picture is watched frame by frame, nudged by its rate, cued again if that fails. */

import { HAVE_FUTURE_DATA } from './media.js';
import { Steering } from './steering.js';
import { MAX_ERROR_AFTER_SEEK_S, MAX_NUDGED_ERROR_S } from './thresholds.js';
import { at } from './timeline.js';

/** Moments nearer than this count as one: the clock's offset may still change by that much, s. */
const CLOCK_GRAIN_S = 0.02;

/** A picture that does not move so long after `play()` was not started, s. */
const MAX_START_S = 1;

/** A picture that lacks data for longer is cued where the film is by then, s. */
const MAX_STALL_S = 3;

/** @typedef {import('./moment.js').Moment} Moment */
/** @typedef {import('./orders.js').Orders} Orders */

/**
 * @typedef {'misplaced' | 'ended' | 'starting' | 'not started' | 'moving' | 'starved' | 'stalled'
 *   | 'recovered misplaced' | 'recovered'} Condition  How a picture does that is to move.
 */

/**
 * @typedef {object} Parts
 * @property {import('./sync-state.js').SyncMachine} machine
 * @property {import('./rate-control.js').RateControl} rateControl
 * @property {import('./cueing.js').Cueing} cueing  brings it to another place
 * @property {import('./profiles.js').Profile} profile
 */

export class Following {
  #machine;
  #rateControl;
  #cueing;
  #steering;

  /** Whether it has been seen to move. */
  #moving = false;

  /** When it was played, and when it is to move: until then the film may be elsewhere. */
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
   * It was played.
   *
   * @param {Moment} moment
   * @param {import('./cueing.js').Start} start
   */
  begin(moment, { at: startsAt, lateBy, kind }) {
    const { now } = moment;
    // A little later than the start: a small change of the clock must not give the rate before it.
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
   * It can be seen from now on, or no longer.
   *
   * @param {Moment} moment
   */
  visibilityChanged(moment) {
    this.#steering.visibilityChanged(moment);
  }

  /**
   * Its data has run out. Elements say so while they seek and at their end as well.
   *
   * @param {Moment} moment
   */
  dataRanOut({ media, now }) {
    if (!media.seeking && !media.ended) {
      this.#stalledAt = Math.min(this.#stalledAt, now);
    }
  }

  /** The element says that it moves. */
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
    // Until the start the film may be elsewhere; a hidden page is judged by `currentTime` instead.
    if (rate > 0 && visible && now > this.#startsAt + CLOCK_GRAIN_S) {
      this.#rateControl.add(mediaTime - position, now);
    }
  }

  /**
   * Picture less timeline as one sees it, s; null right after a disturbance.
   *
   * @param {Moment} moment
   */
  error(moment) {
    return this.#moving ? this.#steering.error(moment) : this.#rateControl.error;
  }

  /**
   * Do with the playing picture what the moment asks for.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   */
  follow(moment, orders) {
    const { position, rate } = moment.motion();
    // It was played ahead of its moment, so the timeline of that moment may not be in force yet.
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
    this.#tend(moment, orders, this.#condition(moment, sameTimeline));
  }

  /**
   * The film stands still: show exactly where, save at its end, which comes by itself.
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
      // A picture that is a little behind shows the last frames, too.
      orders.askAt(now + MAX_NUDGED_ERROR_S);
    } else {
      // However near it seems: where a place within 2 ms was left alone, the next frame was once shown.
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
   * How it does.
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
    // In a hidden page some browsers pause a film without sound, and none shows frames.
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
   * Do what its condition asks for.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   * @param {Condition} condition
   */
  #tend(moment, orders, condition) {
    switch (condition) {
      case 'misplaced':
      case 'recovered misplaced':
        this.#cueing.cueAfresh(moment, orders);
        break;
      case 'starved':
        // How long this seek takes depends on the line, so it says nothing of other seeks.
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
        // Errors from before the stall no longer hold.
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
