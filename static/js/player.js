// @ts-check
/**
 * The film's element, kept with the timeline: the only place that moves it.
 *
 * Feeds the controller with what happens to the element and carries out its orders. Dispatches
 * `sync` at every change of state and a few times a second, `trouble` where the film cannot be
 * loaded, with the MediaError's code as `detail`.
 */

import { Controller } from './controller.js';
import { DetailEvent } from './detail.js';
import { Learned } from './learned.js';
import { bufferedAhead, droppedFrames, mediaState } from './media.js';
import { FRAMES, SAMPLES } from './trim.js';

/** @typedef {import('./controller.js').MediaEvent} MediaEvent */
/** @typedef {import('./controller.js').Order} Order */
/** @typedef {import('./controller.js').SyncState} SyncState */
/** @typedef {import('./protocol.js').ViewerState} ViewerState */

/**
 * @typedef {object} Snapshot
 * @property {SyncState} state
 * @property {number} offset  server time less client time, s
 * @property {number | null} bound  the offset is wrong by no more than this, s
 * @property {number | null} error  picture less timeline, s; negative is behind
 * @property {number} revision  of the timeline in force; 0 before the first
 * @property {'none' | 'rate' | 'seek'} method  how the picture is being brought to the timeline
 * @property {number} position  of this page's picture, s
 */

/** Events of the element that the controller is told. */
const TOLD = /** @type {const} */ ([
  'emptied', 'waiting', 'playing', 'pause', 'seeked', 'canplay', 'ended',
]);

/** How often the controller is asked with no event, and `sync` told, s. */
const TICK = 0.25;

/** How often a browser without frame callbacks is asked where its picture is, s. */
const SAMPLE = 0.1;

/** A timer may be late by this; the rest is waited for on the spot, s. */
const TIMER_SLACK = 0.01;

/** A film whose loading broke off is asked for again after this, s. */
const RELOAD = 1;

/** Where what was learned is kept. */
const STORAGE_KEY = 'seans.player';

/** @type {Readonly<Record<SyncState, ViewerState>>} */
const REPORTED = {
  clock: 'waiting',
  preroll: 'waiting',
  armed: 'ready',
  locked: 'playing',
  nudge: 'playing',
  stalled: 'stalled',
  paused: 'paused',
  background: 'background',
  blocked: 'blocked',
  own: 'playing',
};

/** @param {Storage | undefined} storage */
function recall(storage) {
  try {
    return JSON.parse(storage?.getItem(STORAGE_KEY) ?? '{}') ?? {};
  } catch {
    return {};
  }
}

export class SyncedPlayer extends EventTarget {
  #video;
  #clock;
  #timelines;
  #now;
  #storage;
  #controller;
  #rate = 1;
  #linkLost = false;
  #rehearsing = false;
  #stopped = new AbortController();

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #alarm;

  /** @type {SyncState} */
  #told = 'clock';

  /**
   * @param {object} parts
   * @param {HTMLVideoElement} parts.video
   * @param {import('./clock.js').ClockFilter} parts.clock
   * @param {import('./timeline.js').Timelines} parts.timelines
   * @param {() => number} [parts.now]  client time, s
   * @param {Storage} [parts.storage]  keeps what was learned about this device
   */
  constructor({ video, clock, timelines, now = () => performance.now() / 1000, storage }) {
    super();
    this.#video = video;
    this.#clock = clock;
    this.#timelines = timelines;
    this.#now = now;
    this.#storage = storage;
    this.#controller = new Controller({
      clock,
      timelines,
      learned: new Learned(recall(storage)),
      profile: 'requestVideoFrameCallback' in video ? FRAMES : SAMPLES,
    });
    this.#listen();
  }

  /** Load the film and hold it at the place where it will be entered. */
  rehearse() {
    this.#rehearsing = true;
    this.#video.preload = 'auto';
    this.#feed('tick');
  }

  /** Go in. Called inside the click: it is the gesture that allows sound. */
  enter() {
    this.#rehearsing = true;
    this.#feed('enter');
  }

  /** Not let in after all: hold the picture again. */
  leave() {
    this.#feed('leave');
  }

  /** Play after all, inside the click that allows it. */
  unblock() {
    this.#feed('unblock');
  }

  /** The timelines are not what they were. */
  timelinesChanged() {
    this.#feed('timelines');
  }

  /**
   * What is known goes on while the link is away.
   *
   * @param {boolean} lost
   */
  linkLost(lost) {
    this.#linkLost = lost;
    this.#tell();
  }

  /** Leave the element alone from now on, paused. */
  stop() {
    this.#stopped.abort();
    clearTimeout(this.#alarm);
    this.#video.pause();
  }

  /** @returns {Snapshot} */
  get snapshot() {
    const now = this.#now();
    const error = this.#controller.error(now, mediaState(this.#video));
    const { bound } = this.#clock;
    return {
      state: this.#controller.state,
      offset: this.#clock.offset,
      bound: Number.isFinite(bound) ? bound : null,
      error,
      revision: this.#timelines.inForce(this.#clock.serverTime(now))?.revision ?? 0,
      method: this.#controller.method,
      position: this.#video.currentTime,
    };
  }

  /** Whether the room cannot be heard at present. */
  get isLinkLost() {
    return this.#linkLost;
  }

  /** @returns {import('./protocol.js').ReportFields} */
  reportState() {
    const { state, error, bound, revision } = this.snapshot;
    const { learned } = this.#controller;
    return {
      revision,
      ...(error === null ? {} : { error }),
      ...(bound === null ? {} : { clock_error: bound }),
      delay: this.#clock.delay,
      state: REPORTED[state],
      buffered: bufferedAhead(this.#video),
      seek_cost: learned.seekCost,
      start_latency: learned.latency(mediaState(this.#video).silent),
      dropped: droppedFrames(this.#video),
    };
  }

  #listen() {
    const { signal } = this.#stopped;
    const video = this.#video;
    for (const type of TOLD) {
      video.addEventListener(type, () => this.#feed(type), { signal });
    }
    video.addEventListener('ratechange', () => this.#keepRate(), { signal });
    video.addEventListener('error', () => this.#failed(), { signal });
    document.addEventListener(
      'visibilitychange',
      () => this.#feed(document.visibilityState === 'hidden' ? 'hidden' : 'visible'),
      { signal },
    );
    const ticking = setInterval(() => this.#tick(), TICK * 1000);
    signal.addEventListener('abort', () => clearInterval(ticking));
    if ('requestVideoFrameCallback' in video) {
      this.#watchFrames();
    } else {
      const sampling = setInterval(() => this.#sample(), SAMPLE * 1000);
      signal.addEventListener('abort', () => clearInterval(sampling));
    }
  }

  #watchFrames() {
    this.#video.requestVideoFrameCallback((_, { mediaTime, expectedDisplayTime }) => {
      if (!this.#stopped.signal.aborted) {
        this.#watchFrames();
        this.#feed('frame', { mediaTime, displayTime: this.#clientTime(expectedDisplayTime) });
      }
    });
  }

  #sample() {
    if (!this.#video.paused && !this.#video.seeking) {
      this.#feed('frame', { mediaTime: this.#video.currentTime, displayTime: this.#now() });
    }
  }

  /**
   * Frames are timed by the document's own clock. The page's may be another, so what the two show
   * at this moment is compared rather than trusted to be one.
   *
   * @param {number} documentTime  ms
   */
  #clientTime(documentTime) {
    return this.#now() + (documentTime - new Event('now').timeStamp) / 1000;
  }

  #tick() {
    this.#feed('tick');
    this.#tell();
  }

  /**
   * @param {MediaEvent['type']} type
   * @param {Partial<MediaEvent>} [facts]
   */
  #feed(type, facts = {}) {
    if (!this.#rehearsing || this.#stopped.signal.aborted) {
      return;
    }
    const event = { type, now: this.#now(), ...facts };
    for (const order of this.#controller.handle(event, mediaState(this.#video))) {
      this.#carryOut(order);
    }
    this.#setAlarm(this.#controller.wake);
    if (this.#controller.state !== this.#told) {
      this.#told = this.#controller.state;
      this.#tell();
      this.#remember();
    }
  }

  /** Keep what was learned; a storage that is full or forbidden is left alone. */
  #remember() {
    try {
      this.#storage?.setItem(STORAGE_KEY, JSON.stringify(this.#controller.learned.lessons));
    } catch {
      this.#storage = undefined;
    }
  }

  /** @param {Order} order */
  #carryOut(order) {
    const video = this.#video;
    switch (order.do) {
      case 'play':
        video.play().catch((error) => {
          if (error.name === 'NotAllowedError') {
            this.#feed('refused');
          }
        });
        break;
      case 'pause':
        video.pause();
        break;
      case 'seek':
        video.currentTime = order.position;
        break;
      case 'rate':
        this.#rate = order.rate;
        video.preservesPitch = order.pitch;
        video.playbackRate = order.rate;
        break;
    }
  }

  /** Nobody else sets the rate: a new source does, and some browsers' own menus. */
  #keepRate() {
    if (this.#video.playbackRate !== this.#rate) {
      this.#video.playbackRate = this.#rate;
    }
  }

  /**
   * Ask the controller again at a moment, to the millisecond where it is near.
   *
   * @param {number} time  client time, s
   */
  #setAlarm(time) {
    clearTimeout(this.#alarm);
    const wait = time - this.#now();
    if (wait < TICK) {
      this.#alarm = setTimeout(() => {
        while (this.#now() < time);
        this.#feed('tick');
      }, (wait - TIMER_SLACK) * 1000);
    }
  }

  #failed() {
    const code = this.#video.error?.code ?? 0;
    this.dispatchEvent(new DetailEvent('trouble', code));
    if (code === MediaError.MEDIA_ERR_NETWORK) {
      setTimeout(() => this.#stopped.signal.aborted || this.#video.load(), RELOAD * 1000);
    }
  }

  #tell() {
    this.dispatchEvent(new DetailEvent('sync', this.snapshot));
  }
}
