// @ts-check
/**
 * Keeps a picture in sync with the timeline: a state machine that takes events and returns orders.
 *
 * It has no clock, timer or element of its own: every event brings the client's time and the state
 * of the media element. A picture is either cued (paused at a position, to play when the film gets
 * there, or to stay) or followed (measured frame by frame, nudged by changes of rate, and cued again
 * if that cannot help). Late joining, seeks and every recovery are one procedure: seek to where the
 * film will be once the seek is over, and play when the film is there.
 *
 * For each event the controller makes a read-only {@link Moment}, and {@link Orders} to which its parts
 * append. The states of the picture and the steps between them are in sync-state.js.
 */

import { Calibration } from './calibration.js';
import { Cueing } from './cueing.js';
import { Following } from './following.js';
import { HAVE_METADATA, NO_MEDIA } from './media.js';
import { Moment } from './moment.js';
import { Orders } from './orders.js';
import { FRAMES } from './profiles.js';
import { RateControl } from './rate-control.js';
import { SyncMachine } from './sync-state.js';

/** @typedef {import('./follower.js').Follower} Follower */
/** @typedef {import('./sync-state.js').SyncState} SyncState */
/** @typedef {import('./media.js').MediaState} MediaState */
/** @typedef {import('./media.js').MediaEvent} MediaEvent */
/** @typedef {import('./media.js').Order} Order */

/** If the offset changes by more than this at once, a clock was stopped or set, s. */
const CLOCK_JUMP_S = 0.1;

/** A visible page has four events a second. After a gap longer than this it has slept, s. */
const SLEEP_GAP_S = 0.5;

/** @implements {Follower} */
export class Controller {
  #clock;
  #timelines;
  #rateControl;
  #cueing;
  #following;
  #machine = new SyncMachine();

  /** @type {import('./moment.js').Viewer} */
  #viewer = { entered: false, visible: true };

  /** The moment of the newest event. */
  #moment;

  /** The clock's offset at that event, s. */
  #offset = 0;

  /** The rate that the element was ordered to have; NaN where others have set it. */
  #orderedRate = 1;

  /** When the next tick is needed, client time, s; Infinity: at the next event. */
  wake = Infinity;

  /**
   * @param {object} parts
   * @param {import('./clock.js').ClockFilter} parts.clock
   * @param {import('./timeline.js').Timelines} parts.timelines
   * @param {Calibration} [parts.calibration]
   * @param {import('./profiles.js').Profile} [parts.profile]
   */
  constructor({ clock, timelines, calibration = new Calibration(), profile = FRAMES }) {
    const machine = this.#machine;
    const rateControl = new RateControl(profile, calibration);
    this.#clock = clock;
    this.#timelines = timelines;
    this.calibration = calibration;
    this.#rateControl = rateControl;
    this.#cueing = new Cueing({
      machine,
      rateControl,
      calibration,
      profile,
      started: (moment, start) => this.#following.begin(moment, start),
    });
    this.#following = new Following({ machine, rateControl, cueing: this.#cueing, profile });
    this.#moment = this.#momentAt(0, NO_MEDIA);
  }

  /**
   * Handle an event and return the orders for the media element, in order.
   *
   * @param {MediaEvent} event
   * @param {MediaState} media  as it is at the event
   * @returns {Order[]}
   */
  handle(event, media) {
    // Hidden pages have few timers, so a gap does not mean that they slept.
    const slept = this.#viewer.visible && event.now > this.#moment.now + SLEEP_GAP_S;
    this.#noteViewer(event.type);
    const moment = this.#momentAt(event.now, media);
    const orders = new Orders(moment);
    this.#moment = moment;
    if (slept || Math.abs(this.#clock.offset - this.#offset) > CLOCK_JUMP_S) {
      this.#following.doubt(moment);
    }
    this.#offset = this.#clock.offset;
    this.#note(event, moment, orders);
    // An element cannot seek before it has metadata.
    if (media.readyState >= HAVE_METADATA && this.#timelines.newest !== null) {
      this.#follow(moment, orders);
    }
    this.wake = orders.wake;
    return orders.list;
  }

  /** @returns {SyncState} */
  get state() {
    return this.#machine.shown(this.#clock.ready);
  }

  /** Steps that are not in the table of states: each is a bug of the page. */
  get illegalSteps() {
    return this.#machine.illegal;
  }

  /** How the picture is being brought to the timeline. @returns {'none' | 'rate' | 'seek'} */
  get method() {
    if (this.#machine.cued && this.#cueing.seeking) {
      return 'seek';
    }
    return this.#rateControl.nudging ? 'rate' : 'none';
  }

  /** The expected latency of a start and cost of a seek on this device, s. */
  get figures() {
    const at = this.#machine.cued ? this.#moment.now : undefined;
    const kind = this.#cueing.startKindAt(this.#moment, at);
    return { latency: this.calibration.latency(kind), seekCost: this.calibration.seekCost };
  }

  /**
   * Picture less timeline, s; null while it is unknown.
   *
   * @param {number} now  client time, s
   * @param {MediaState} media
   */
  error(now, media) {
    const moment = this.#momentAt(now, media);
    if (this.state === 'paused' || this.state === 'background') {
      return moment.elementError;
    }
    return this.#machine.playing ? this.#following.error(moment) : null;
  }

  /**
   * @param {number} now  client time, s
   * @param {MediaState} media
   */
  #momentAt(now, media) {
    const viewer = this.#viewer;
    return new Moment({ now, media, viewer, clock: this.#clock, timelines: this.#timelines });
  }

  /** @param {MediaEvent['type']} type */
  #noteViewer(type) {
    if (type === 'enter' || type === 'leave') {
      this.#viewer.entered = type === 'enter';
    } else if (type === 'visible' || type === 'hidden') {
      this.#viewer.visible = type === 'visible';
    }
  }

  /**
   * Handle what an event says about the picture, or what the viewer asks for.
   *
   * @param {MediaEvent} event
   * @param {Moment} moment
   * @param {Orders} orders
   */
  #note({ type, mediaTime = 0, displayTime }, moment, orders) {
    const { state, playing } = this.#machine;
    switch (type) {
      case 'enter':
        this.#cueing.resetRetries();
        break;
      case 'leave':
        this.#startOver('release', moment, orders);
        break;
      case 'refused':
        // A viewer who watches on their own presses play again, and that is the click that is needed.
        if (state !== 'own') {
          this.#startOver('block', moment, orders);
        }
        break;
      case 'unblock':
        if (state === 'blocked') {
          this.#startOver('release', moment, orders);
        }
        break;
      // The element loads another film, or the same one again: its position and frames are lost.
      case 'emptied':
      case 'resync':
        if (state !== 'own') {
          this.#startOver('release', moment, orders);
        }
        break;
      case 'own':
        this.#startOver('detach', moment, orders);
        break;
      case 'back':
        // The viewer may have set another rate.
        this.#orderedRate = Number.NaN;
        this.#startOver('release', moment, orders);
        break;
      case 'visible':
      case 'hidden':
        this.#following.visibilityChanged(moment);
        break;
      case 'waiting':
        if (playing) {
          this.#following.dataRanOut(moment);
        }
        break;
      case 'playing':
        if (playing) {
          this.#following.moves();
        }
        break;
      case 'frame':
        if (playing) {
          this.#following.frameShown(moment, mediaTime, displayTime ?? moment.now);
        } else {
          this.#cueing.frameShown(mediaTime, displayTime ?? moment.now);
        }
    }
  }

  /**
   * Stop everything that was being done with the picture.
   *
   * @param {'release' | 'block' | 'detach'} step
   * @param {Moment} moment
   * @param {Orders} orders
   */
  #startOver(step, moment, orders) {
    this.#machine.step(step);
    this.#cueing.release(moment, orders);
    this.#rateControl.restart(null, moment.now);
    this.#orderRate(orders);
  }

  /**
   * Give the orders that the state of the picture and the moment need.
   *
   * @param {Moment} moment
   * @param {Orders} orders
   */
  #follow(moment, orders) {
    if (this.#machine.state === 'idle' && this.#clock.hasEstimate) {
      this.#cueing.cue(moment, orders);
    }
    if (this.#machine.cued) {
      this.#cueing.follow(moment, orders);
    } else if (this.#machine.playing) {
      this.#following.follow(moment, orders);
    } else {
      return;
    }
    const upcoming = this.#timelines.upcoming(moment.server);
    if (upcoming !== null) {
      orders.askAtServer(upcoming.since);
    }
    this.#orderRate(orders);
  }

  /** @param {Orders} orders */
  #orderRate(orders) {
    const { rate, keepsPitch } = this.#rateControl;
    if (rate !== this.#orderedRate) {
      this.#orderedRate = rate;
      orders.setRate(rate, keepsPitch);
    }
  }
}
