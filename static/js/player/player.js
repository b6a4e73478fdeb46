// @ts-check
/**
 * The player: a `<video>` kept in sync with the timeline.
 *
 * It chooses where the picture comes from, feeds the source's follower with what happens to the
 * element, and has its orders carried out. Dispatches `sync` at every change of state and a few times
 * a second, and `doubt` where the clock is to be measured again.
 */

import { Calibration } from '../sync/calibration.js';
import { ELEMENT_EVENTS } from '../sync/media.js';
import { profileOf } from '../sync/profiles.js';
import { snapshotOf } from '../sync/snapshot.js';
import { Alarm } from './alarm.js';
import { CalibrationStore } from './calibration-store.js';
import { FilmElement } from './element.js';
import { watchFrames } from './frames.js';
import { History } from './history.js';
import { ownOrders } from './own-picture.js';
import { KINDS, LIVE } from './picture-source.js';
import { SourceChooser } from './source-chooser.js';
import { situationOf } from './source-situation.js';

/** @typedef {import('../sync/follower.js').MediaEvent} MediaEvent */
/** @typedef {import('./picture-source.js').Fault} Fault */
/** @typedef {import('./picture-source.js').SourceEntry} SourceEntry */

/** How often the follower gets a `tick`, and `sync` is dispatched, s. */
const TICK_S = 0.25;

/** By how much servers send live frames ahead, where they do not say it, s. */
const LIVE_DELAY_S = 0.25;

/** A picture in these states can be left to its viewer: it is where the film is. */
const SETTLED = ['locked', 'nudge', 'paused'];

export class SyncedPlayer extends EventTarget {
  #video;
  #clock;
  #timelines;
  #now;
  #element;
  #store;
  #chooser;
  #alarm;
  #calibration;
  #entered = false;

  /** Whether the viewer wishes to watch on their own. */
  #wantsOwn = false;

  /** By how much the server sends live frames ahead, s. */
  liveDelay = LIVE_DELAY_S;

  /** @type {import('./picture-source.js').PictureSource | null} */
  #source = null;

  /** @type {import('../sync/follower.js').Follower | null} */
  #follower = null;

  #abortController = new AbortController();

  /** The last minutes. */
  history = new History();

  /** @type {import('../sync/sync-state.js').SyncState} */
  #lastState = 'clock';

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {import('../sync/clock.js').ClockFilter} parts.clock
   * @param {import('../sync/timeline.js').Timelines} parts.timelines
   * @param {() => number} [parts.now]  client time, s
   * @param {Storage} [parts.storage]  keeps what was measured of this device
   * @param {readonly import('./picture-source.js').SourceClass[]} [parts.kinds]  of sources
   * @param {import('./picture-source.js').LiveKind} [parts.liveKind]
   */
  constructor({
    video,
    clock,
    timelines,
    now = () => performance.now() / 1000,
    storage,
    kinds = KINDS,
    liveKind = LIVE,
  }) {
    super();
    this.#video = video;
    this.#clock = clock;
    this.#timelines = timelines;
    this.#now = now;
    this.#alarm = new Alarm({ now, ring: () => this.#feed('tick'), within: TICK_S });
    this.#store = new CalibrationStore(storage);
    this.#element = new FilmElement(video, {
      refused: () => this.#feed('refused'),
      signal: this.#abortController.signal,
    });
    const known = this.#store.load();
    clock.adjustment = typeof known.adjustment === 'number' ? known.adjustment : 0;
    this.#calibration = new Calibration(known);
    this.#chooser = new SourceChooser({
      canPlayType: (type) => video.canPlayType(type),
      kinds,
      liveKind,
      delays: () => ({ live: this.liveDelay, line: Math.min(clock.bound, this.liveDelay) }),
    });
    this.#chooser.addEventListener('current', () => this.#show());
    this.#chooser.addEventListener('change', () => this.dispatchEvent(new Event('source')));
    this.#listen();
  }

  /**
   * Load the film from one of its sources, and hold it at the place where it will be entered.
   *
   * @param {readonly SourceEntry[]} entries
   */
  load(entries) {
    this.#chooser.load(entries);
  }

  /**
   * Load another film in place of the one shown; its timelines are known already.
   *
   * @param {readonly SourceEntry[]} entries
   */
  change(entries) {
    // Whatever the follower was about to do, it was of the film before.
    this.#source?.detach();
    this.#source = null;
    this.load(entries);
    this.#feed('timelines');
  }

  /** The film's sources: what is shown, and what the viewer wishes. */
  get sources() {
    return this.#chooser;
  }

  /** What is wrong with the film; null while all is well. @returns {Fault | null} */
  get fault() {
    return this.#chooser.fault;
  }

  /** The figures of a live stream; null where another source is shown. */
  get streamFigures() {
    return this.#source?.streamFigures ?? null;
  }

  /** Go in. Called inside the click, because that is the gesture that allows sound. */
  enter() {
    this.#entered = true;
    this.#choose();
    this.#feed('enter');
  }

  /** The room has refused: pause the picture again. */
  leave() {
    this.#entered = false;
    this.#feed('leave');
  }

  /** Play now, inside the click that allows it. */
  unblock() {
    this.#feed('unblock');
  }

  /** The timelines have changed. */
  timelinesChanged() {
    this.#choose();
    this.#feed('timelines');
  }

  /** Bring the picture to the timeline now, however near it seems. */
  syncNow() {
    this.dispatchEvent(new Event('doubt'));
    this.#feed('resync');
  }

  /** Whether the viewer watches on their own. */
  get own() {
    return this.#follower?.state === 'own';
  }

  /**
   * Watch on one's own, or go back to where the room is.
   *
   * @param {boolean} on
   */
  watchOwn(on) {
    if (on === this.#wantsOwn) {
      return;
    }
    this.#wantsOwn = on;
    if (on && this.#source?.canSeek) {
      this.#feed('own');
    } else if (!on && this.own) {
      this.#feed('back');
    }
    // A live picture is left for the file, and taken up again after it.
    this.#chooser.own = on;
  }

  /**
   * Move the picture of a viewer who watches on their own.
   *
   * @param {'play' | 'pause' | 'seek' | 'rate'} action
   * @param {number} [value]  position, s; or film seconds per second
   */
  drive(action, value = 0) {
    const about = { source: this.#source, duration: this.#timelines.duration };
    for (const order of this.own ? ownOrders(action, value, about) : []) {
      this.#element.obey(order);
    }
  }

  /**
   * What this viewer adds to the offset of their clock, s: no measurement shows a line that is slower
   * in one direction.
   */
  get adjustment() {
    return this.#clock.adjustment;
  }

  set adjustment(seconds) {
    this.#clock.adjustment = seconds;
    this.#keepCalibration();
    this.#feed('timelines');
  }

  /** Pause the element, and do nothing more with it. */
  stop() {
    this.#abortController.abort();
    this.#alarm.clear();
    this.#chooser.close();
    this.#video.pause();
  }

  /** How well the picture keeps in sync now. */
  get snapshot() {
    const now = this.#now();
    return snapshotOf({
      now,
      media: this.#media(now),
      clock: this.#clock,
      timelines: this.#timelines,
      follower: this.#follower,
      dropped: this.#source?.figures.dropped ?? 0,
      history: this.history,
    });
  }

  /** How much is loaded ahead of the picture, s; null where it is a stream. */
  get buffered() {
    return this.#source === null ? 0 : this.#source.figures.buffered;
  }

  #listen() {
    const { signal } = this.#abortController;
    const video = this.#video;
    for (const type of ELEMENT_EVENTS) {
      video.addEventListener(type, () => this.#feed(type), { signal });
    }
    document.addEventListener(
      'visibilitychange',
      () => this.#feed(document.visibilityState === 'hidden' ? 'hidden' : 'visible'),
      { signal },
    );
    const ticking = setInterval(() => this.#tick(), TICK_S * 1000);
    signal.addEventListener('abort', () => clearInterval(ticking));
    const frameShown = (/** @type {Partial<MediaEvent>} */ frame) =>
      this.#feed('frame', { ...frame, rtpTimestamp: frame.rtpTimestamp ?? this.#source?.rtpTimestamp });
    watchFrames(video, this.#now, frameShown, signal);
  }

  /** Show the source that was chosen. */
  #show() {
    const source = this.#chooser.current;
    if (source === null) {
      return;
    }
    this.#source?.detach();
    if (this.#source?.kind !== source.kind) {
      this.#follow(source);
    }
    this.#source = source;
    this.#video.preload = 'auto';
    source.attach(this.#video);
    this.#feed('tick');
    this.dispatchEvent(new Event('source'));
  }

  /** Have the source chosen by how things are. */
  #choose() {
    this.#chooser.note(
      situationOf({
        now: this.#now(),
        entered: this.#entered,
        clock: this.#clock,
        timelines: this.#timelines,
        state: this.#follower?.state,
        fault: this.fault,
      }),
    );
  }

  /**
   * Take the follower of such a source. It has missed what the viewer did before: tell it.
   *
   * @param {import('./picture-source.js').PictureSource} source
   */
  #follow(source) {
    this.#follower = source.follower({
      clock: this.#clock,
      timelines: this.#timelines,
      calibration: this.#calibration,
      profile: profileOf(this.#video, navigator.userAgent),
    });
    // The one before may have been in the middle of a nudge, or of a rehearsal that nobody is to hear.
    this.#element.obey({ do: 'rate', rate: 1, pitch: true });
    this.#element.obey({ do: 'silence', on: false });
    if (this.#entered) {
      this.#feed('enter');
    }
    if (document.visibilityState === 'hidden') {
      this.#feed('hidden');
    }
  }

  /**
   * The element's state, with the position that its picture has in the film.
   *
   * @param {number} now  client time, s
   */
  #media(now) {
    const state = this.#element.state;
    return { ...state, currentTime: this.#source?.filmPosition(now) ?? state.currentTime };
  }

  #tick() {
    this.#feed('tick');
    this.#choose();
    const { error, bound, state, method } = this.snapshot;
    this.history.add({ at: this.#now(), error, offset: this.#clock.measured, bound, state, method });
    this.#announce();
  }

  /**
   * @param {MediaEvent['type']} type
   * @param {Partial<MediaEvent>} [facts]
   */
  #feed(type, facts = {}) {
    const follower = this.#follower;
    if (follower === null || this.#abortController.signal.aborted) {
      return;
    }
    const event = { type, now: this.#now(), ...facts };
    for (const order of follower.handle(event, this.#media(event.now))) {
      this.history.count(order, follower.method);
      this.#obey(order);
    }
    this.#alarm.set(follower.wake);
    if (follower.state !== this.#lastState) {
      this.#lastState = follower.state;
      this.#announce();
      this.#keepCalibration();
    }
    if (this.#wantsOwn && this.#source?.canSeek && SETTLED.includes(follower.state)) {
      this.#feed('own');
    }
  }

  /** @param {import('../sync/media.js').Order} order */
  #obey(order) {
    if (order.do === 'jitter') {
      this.#source?.hold?.(order.target);
    } else {
      this.#element.obey(order);
    }
  }

  #keepCalibration() {
    this.#store.save({ ...this.#calibration.figures, adjustment: this.#clock.adjustment });
  }

  #announce() {
    this.dispatchEvent(new CustomEvent('sync', { detail: this.snapshot }));
  }
}
