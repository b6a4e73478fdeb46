// @ts-check
/**
 * What a picture must do to stay with the timeline: a state machine fed with events, giving orders.
 *
 * It has no clock, timer or element of its own: every event brings the client's time and what the
 * media element says of itself. A picture is either held (paused at a place of the film, to be let
 * go at its moment or to stay) or running (watched frame by frame, nudged by a change of rate, and
 * held again where that cannot help). Late joining, seeks and every recovery are one procedure:
 * hold where the film will be once the seek is over, and let go when it is there.
 */

import { Gauge } from './gauge.js';
import { Learned } from './learned.js';
import { at } from './timeline.js';

/** @typedef {import('./timeline.js').Timelines} Timelines */
/** @typedef {import('./clock.js').ClockFilter} ClockFilter */

/**
 * @typedef {'clock' | 'preroll' | 'armed' | 'locked' | 'nudge' | 'stalled' | 'paused' | 'background'
 *   | 'blocked' | 'own'} SyncState
 */

/**
 * @typedef {object} MediaState
 * @property {number} currentTime  s
 * @property {boolean} paused
 * @property {boolean} seeking
 * @property {boolean} ended
 * @property {number} readyState
 * @property {boolean} silent  muted, or without a sound track
 */

/**
 * @typedef {object} MediaEvent
 * @property {'tick' | 'timelines' | 'emptied' | 'enter' | 'unblock' | 'refused' | 'waiting' | 'playing' | 'pause'
 *   | 'seeked' | 'canplay' | 'ended' | 'visible' | 'hidden' | 'frame'} type
 * @property {number} now  client time, s
 * @property {number} [mediaTime]  of the frame, s
 * @property {number} [displayTime]  of the frame, client time, s
 */

/**
 * @typedef {{do: 'play'} | {do: 'pause'} | {do: 'seek', position: number}
 *   | {do: 'rate', rate: number, pitch: boolean}} Order  `pitch`: whether it is to be preserved
 */

/**
 * @typedef {object} Profile  How well a browser can be steered.
 * @property {number} deadZone  error that is left alone, s
 * @property {number} bias  how late a frame is on the average by no fault of the clock, s
 * @property {readonly (readonly [number, number])[]} steps  up to this error (s) a nudge of that much
 * @property {number} rest  least time from a nudge to one of the smallest step, s
 */

/**
 * Frame by frame. A frame is shown at the first refresh of the screen after it is due.
 *
 * @type {Profile}
 */
export const FRAMES = {
  deadZone: 0.012,
  bias: 1 / 120,
  steps: [[0.04, 0.01], [0.12, 0.02], [Infinity, 0.04]],
  rest: 5,
};

/** @type {Profile} By the element's own word ten times a second. */
export const SAMPLES = { ...FRAMES, deadZone: 0.025, bias: 0 };

/** Beyond this a nudge is too slow, s. */
const SEEK = 0.4;

/** Beyond this a picture that was just brought here, or stood still, is brought here again, s. */
const RETRY = 0.08;

/** Room for a seek to take longer than foreseen, s. */
const MARGIN = 0.08;

/** A held picture that is due within this is waited for, s. */
const SOON = 1;

/** A jump of less is left to the nudges, s. */
const JUMP = 0.1;

/** Two places of the film nearer than this are the same, s. */
const SAME = 1e-6;

/** How often a picture is brought before it is let go where it is, and for how long then, s. */
const TRIES = 4;
const PATIENCE = 5;

/** A seek goes this far into the frame: its first moment may be rounded into the one before, s. */
const INSIDE = 50e-6;

/** A start takes no longer than this to show, s. */
const START = 1;

/** Moments nearer than this are not told apart, for the clock is still being learned, s. */
const MOMENT = 0.02;

/** Longer than this without data, and it is asked for where the film is by then, s. */
const STARVED = 3;

/** In the background less than this is not worth a seek, s. */
const UNSEEN = 1;

/** A picture that got worse by this under a nudge was moved by something else, s. */
const SLIPPED = 0.04;

/** Frames by which a running nudge is judged. */
const GLANCE = 6;

// HTMLMediaElement.readyState
const METADATA = 1;
const CURRENT = 2;
const FUTURE = 3;

export class Controller {
  #clock;
  #timelines;
  #profile;
  #gauge = new Gauge();
  #entered = false;
  #visible = true;

  /** @type {{position: number, seeking: boolean, since: number} | null} null: running */
  #held = null;

  /** Whether a running picture has been seen to move. */
  #moving = false;

  /** @type {{direction: number, size: number, until: number} | null} */
  #nudge = null;

  /**
   * What the next steady error will teach.
   *
   * @type {{of: 'start', late: number, silent: boolean}
   *   | {of: 'nudge', error: number, direction: number} | null}
   */
  #lesson = null;

  /** Whether the seek under way waits for data, and says nothing of what others will take. */
  #untaught = false;

  #tries = 0;
  #notBefore = -Infinity;
  #nudgedAt = -Infinity;
  #playedAt = -Infinity;

  /** When the picture let go last is due: until then the film may still be elsewhere, client time, s. */
  #startsAt = -Infinity;

  #stalledAt = Infinity;

  /** The rate of the timeline, and the one ordered. */
  #base = 1;
  #rate = 1;

  /** Revision of the timeline that was obeyed last. */
  #followed = 0;

  /** @type {Order[]} */
  #orders = [];

  /** @type {SyncState} */
  state = 'clock';

  /** When it wants to be asked again, client time, s; Infinity: when something happens. */
  wake = Infinity;

  /** How often the picture was brought, and nudged. */
  counts = { seeks: 0, nudges: 0 };

  /**
   * @param {object} parts
   * @param {ClockFilter} parts.clock
   * @param {Timelines} parts.timelines
   * @param {Learned} [parts.learned]
   * @param {Profile} [parts.profile]
   */
  constructor({ clock, timelines, learned = new Learned(), profile = FRAMES }) {
    this.#clock = clock;
    this.#timelines = timelines;
    this.#profile = profile;
    this.learned = learned;
  }

  /**
   * Take an event and return what is to be done with the media element, in order.
   *
   * @param {MediaEvent} event
   * @param {MediaState} media  as it is at the event
   * @returns {Order[]}
   */
  handle(event, media) {
    this.#orders = [];
    this.wake = Infinity;
    this.#note(event, media);
    const waits = this.state === 'clock' && !this.#clock.ready;
    const able = media.readyState >= METADATA && this.#timelines.newest !== null;
    if (able && !waits && this.state !== 'blocked') {
      if (this.state === 'clock') {
        this.#bring(event.now, media);
      }
      if (this.#held === null) {
        this.#run(event.now, media);
      } else {
        this.#hold(this.#held, event.now, media);
      }
      this.#wakeForNext(event.now);
    }
    return this.#orders;
  }

  /** How the picture is being brought to the timeline: `none`, `rate` or `seek`. */
  get method() {
    if (this.#nudge !== null) {
      return 'rate';
    }
    return this.#held?.seeking ? 'seek' : 'none';
  }

  /**
   * Picture less timeline, s; null while that cannot be said.
   *
   * @param {number} now  client time, s
   * @param {MediaState} media
   */
  error(now, media) {
    if (this.state === 'paused') {
      return media.currentTime - this.#course(now).position;
    }
    return this.#held === null ? this.#gauge.error : null;
  }

  /**
   * @param {MediaEvent} event
   * @param {MediaState} media
   */
  #note(event, media) {
    const running = this.#held === null && this.state !== 'clock';
    if (event.type === 'enter') {
      this.#entered = true;
      this.#tries = 0;
    } else if (event.type === 'emptied' || event.type === 'refused') {
      this.#held = null;
      this.state = event.type === 'refused' ? 'blocked' : 'clock';
    } else if (event.type === 'unblock' && this.state === 'blocked') {
      this.state = 'clock';
    } else if (event.type === 'visible' || event.type === 'hidden') {
      this.#visible = event.type === 'visible';
      this.#gauge.disturb(event.now);
    } else if (event.type === 'waiting' && running && !media.seeking && !media.ended) {
      this.#stalledAt = Math.min(this.#stalledAt, event.now);
    } else if (event.type === 'playing' && running) {
      this.#moving = true;
    } else if (event.type === 'frame' && running) {
      this.#moving = true;
      if (event.now > this.#startsAt + MOMENT) {
        this.#measure(event);
      }
    }
  }

  /** @param {MediaEvent} frame */
  #measure({ now, mediaTime = 0, displayTime = now }) {
    const { position, rate } = this.#course(displayTime);
    if (rate > 0) {
      this.#gauge.add(mediaTime - position + this.#profile.bias * rate, now);
    }
  }

  /** @param {number} now  client time, s */
  #course(now) {
    return this.#timelines.course(this.#clock.serverTime(now)) ?? { position: 0, rate: 0, countdown: 0 };
  }

  /** What it takes to bring a picture, s. */
  get #cost() {
    return this.learned.seekCost * 1.2 ** Math.min(this.#tries, TRIES) + MARGIN;
  }

  /**
   * Hold the picture where the film will be when a seek is over.
   *
   * @param {number} now
   * @param {MediaState} media
   */
  #bring(now, media) {
    const then = now + this.#cost;
    const { position } = this.#course(then);
    if (!media.paused) {
      this.#orders.push({ do: 'pause' });
    }
    this.#base = this.#timelines.inForce(this.#clock.serverTime(then))?.rate || this.#base;
    this.#steer(this.#base);
    this.#orders.push({ do: 'seek', position: Math.min(position + INSIDE, this.#timelines.duration) });
    this.counts.seeks += 1;
    this.#tries += 1;
    this.#held = { position, seeking: true, since: now };
    this.#stalledAt = Infinity;
    this.#untaught = false;
    this.state = 'preroll';
  }

  /**
   * Bring a picture that has no earlier tries to answer for.
   *
   * @param {number} now
   * @param {MediaState} media
   */
  #bringAfresh(now, media) {
    this.#tries = 0;
    this.#bring(now, media);
  }

  /**
   * Whether it is time to make for a place that the film is going to jump to.
   *
   * @param {number} now
   * @param {number} [held]  where the picture is held
   */
  #mustLeap(now, held) {
    const server = this.#clock.serverTime(now);
    const following = this.#timelines.following(server);
    const current = this.#timelines.inForce(server);
    if (following === null || current === null || following.timeline.rate === 0) {
      return false;
    }
    const { timeline, since } = following;
    const passes = held === undefined ? null : this.#timelines.passes(held, server);
    if (passes !== null && passes >= since - SAME) {
      return false;
    }
    const here = held === undefined || passes !== null ? at(current, since) : held;
    const begins = since - this.learned.seekCost - MARGIN;
    this.#wakeAt(now + begins - server, now);
    return server >= begins - SAME && Math.abs(at(timeline, since) - here) > JUMP;
  }

  /**
   * @param {{position: number, seeking: boolean, since: number}} held
   * @param {number} now
   * @param {MediaState} media
   */
  #hold(held, now, media) {
    const server = this.#clock.serverTime(now);
    const course = this.#course(now);
    const passes = this.#timelines.passes(held.position, server);
    const due = passes ?? this.#timelines.rests(held.position, server);
    const stands = course.rate === 0 && Math.abs(course.position - held.position) < SAME;
    const soon = due !== null && due - server <= Math.max(this.#cost, SOON);
    if (!(stands || soon) || this.#mustLeap(now, held.position)) {
      this.#bringAfresh(now, media);
      return;
    }
    const ready = !media.seeking && media.readyState >= (passes === null ? CURRENT : FUTURE);
    if (held.seeking && ready && now > held.since) {
      held.seeking = false;
      if (!this.#untaught) {
        this.learned.seekTook(now - held.since);
      }
    }
    const settled = ready && !held.seeking;
    if (passes === null || !this.#entered) {
      this.state = settled && stands && this.#entered ? 'paused' : 'preroll';
    } else {
      this.state = settled ? 'armed' : 'preroll';
      if (settled) {
        this.#letGo(now + passes - server, now, media);
      }
    }
  }

  /**
   * Play a held picture so that it moves at `start`.
   *
   * @param {number} start  client time, s
   * @param {number} now
   * @param {MediaState} media
   */
  #letGo(start, now, media) {
    const late = now + this.learned.latency(media.silent) - start;
    if (late < 0) {
      this.#wakeAt(now - late, now);
    } else if (late > RETRY && this.#tries < TRIES) {
      this.#bring(now, media);
    } else {
      this.#orders.push({ do: 'play' });
      this.#held = null;
      this.#moving = false;
      this.#playedAt = now;
      this.#startsAt = Math.max(start, now);
      this.#lesson = { of: 'start', late, silent: media.silent };
      this.#gauge.disturb(now);
    }
  }

  /**
   * @param {number} now
   * @param {MediaState} media
   */
  #run(now, media) {
    const { position, rate } = this.#course(now);
    if (now < this.#startsAt + MOMENT) {
      this.#wakeAt(this.#startsAt + MOMENT, now);
    } else if (rate === 0) {
      this.#rest(position, now, media);
    } else if (this.#mustLeap(now)) {
      this.#bringAfresh(now, media);
    } else if (this.#flows(position, now, media)) {
      this.#correct(now, media);
    }
  }

  /**
   * The film stands still: show exactly where, save at its end, which comes by itself.
   *
   * @param {number} position
   * @param {number} now
   * @param {MediaState} media
   */
  #rest(position, now, media) {
    const server = this.#clock.serverTime(now);
    const line = this.#timelines.inForce(server);
    const over = line !== null && line.rate > 0 ? at(line, server) - this.#timelines.duration : -1;
    if (over >= 0 && media.ended) {
      this.#held = { position, seeking: false, since: now };
      this.state = 'paused';
    } else if (over >= 0 && over < SEEK) {
      this.#wakeAt(now + SEEK, now);
    } else {
      this.#bringAfresh(now, media);
    }
  }

  /**
   * Whether the picture moves as it was told to; what stops it is dealt with.
   *
   * @param {number} position  where the film is
   * @param {number} now
   * @param {MediaState} media
   */
  #flows(position, now, media) {
    const away = media.currentTime - position;
    const line = this.#timelines.inForce(this.#clock.serverTime(now));
    if (line !== null && (line.revision !== this.#followed || line.rate !== this.#base)) {
      this.#obey(line, now);
      if (this.#moving && Math.abs(away) > SEEK) {
        this.#bringAfresh(now, media);
        return false;
      }
    }
    if (media.ended) {
      if (away > SEEK) {
        this.#bringAfresh(now, media);
      }
      return false;
    }
    const stopped = this.#visible && (media.paused || !this.#moving);
    if (stopped && now - this.#playedAt > START) {
      this.#bring(now, media);
      return false;
    }
    return this.#moving && !this.#stalls(away, now, media);
  }

  /**
   * @param {import('./timeline.js').Timeline} line
   * @param {number} now
   */
  #obey(line, now) {
    this.#followed = line.revision;
    if (line.rate !== this.#base) {
      this.#base = line.rate;
      this.#steer(line.rate);
      this.#gauge.disturb(now);
    }
  }

  /**
   * Whether the picture waits for data. When it goes on it is looked at at once.
   *
   * @param {number} away  picture less timeline by the element's own word, s
   * @param {number} now
   * @param {MediaState} media
   */
  #stalls(away, now, media) {
    if (this.#stalledAt === Infinity) {
      return false;
    }
    const flows = media.readyState >= FUTURE;
    if (flows ? Math.abs(away) > RETRY : now - this.#stalledAt > STARVED) {
      this.#bringAfresh(now, media);
      this.#untaught = !flows;
      return true;
    }
    if (flows) {
      this.#stalledAt = Infinity;
      this.#steer(this.#base);
      this.#gauge.disturb(now);
      return false;
    }
    this.state = 'stalled';
    return true;
  }

  /**
   * @param {number} now
   * @param {MediaState} media
   */
  #correct(now, media) {
    this.state = this.#visible ? 'locked' : 'background';
    const error = this.#gauge.error;
    if (!this.#visible) {
      const away = media.currentTime - this.#course(now).position;
      this.#bringIf(Math.abs(away) > UNSEEN, now, media);
    } else if (this.#nudge !== null) {
      this.#watchNudge(this.#nudge, now);
    } else if (this.#gauge.steady && error !== null) {
      this.#learn(error);
      const brought = this.#tries > 0 && this.#tries < TRIES;
      if (this.#bringIf(Math.abs(error) > (brought ? RETRY : SEEK), now, media)) {
        return;
      }
      this.#tries = 0;
      this.#beginNudge(error, now);
    }
  }

  /**
   * Bring the picture where it is far off, but not for ever where that does not help.
   *
   * @param {boolean} far
   * @param {number} now
   * @param {MediaState} media
   */
  #bringIf(far, now, media) {
    if (!far || now < this.#notBefore) {
      return false;
    }
    if (this.#tries >= TRIES) {
      this.#notBefore = now + PATIENCE;
      return false;
    }
    this.#bring(now, media);
    return true;
  }

  /** @param {number} error  s */
  #learn(error) {
    const lesson = this.#lesson;
    this.#lesson = null;
    if (lesson?.of === 'start' && Math.abs(error) < SEEK) {
      this.learned.started(lesson.silent, error + lesson.late);
    } else if (lesson?.of === 'nudge') {
      this.learned.nudgeEnded(lesson.direction * (error - lesson.error));
    }
  }

  /**
   * @param {number} error  s
   * @param {number} now
   */
  #beginNudge(error, now) {
    const size = Math.abs(error);
    const [, step] = this.#profile.steps.find(([limit]) => size < limit) ?? [0, 0];
    const smallest = step === this.#profile.steps[0]?.[1];
    if (size <= this.#profile.deadZone || (smallest && now - this.#nudgedAt < this.#profile.rest)) {
      return;
    }
    const direction = -Math.sign(error);
    this.#steer(this.#base * (1 + direction * step));
    this.#nudge = { direction, size, until: now + 2 * (size / step) + 2 };
    this.#gauge.disturb(now);
    this.counts.nudges += 1;
    this.state = 'nudge';
  }

  /**
   * @param {{direction: number, size: number, until: number}} nudge
   * @param {number} now
   */
  #watchNudge({ direction, size, until }, now) {
    const error = this.#gauge.newest(GLANCE);
    const crossed = error !== null && direction * error + this.learned.overshoot >= 0;
    const overtaken = error !== null && -direction * error > size + SLIPPED;
    if (!crossed && !overtaken && now < until) {
      this.state = 'nudge';
      return;
    }
    this.#steer(this.#base);
    this.#lesson = crossed ? { of: 'nudge', error, direction } : null;
    this.#nudgedAt = now;
    this.#gauge.disturb(now);
  }

  /**
   * Set the rate, which ends any nudge.
   *
   * @param {number} rate
   */
  #steer(rate) {
    this.#nudge = null;
    this.#lesson = null;
    if (rate !== this.#rate) {
      this.#rate = rate;
      this.#orders.push({ do: 'rate', rate, pitch: this.#base !== 1 });
    }
  }

  /** @param {number} now */
  #wakeForNext(now) {
    const server = this.#clock.serverTime(now);
    const following = this.#timelines.following(server);
    if (following !== null) {
      this.#wakeAt(now + following.since - server, now);
    }
  }

  /**
   * @param {number} time  client time, s
   * @param {number} now
   */
  #wakeAt(time, now) {
    if (time > now) {
      this.wake = Math.min(this.wake, time);
    }
  }
}
