// @ts-check
/**
 * Where a film stands: its position as a function of the server's clock.
 *
 * Mirrors sessions/core/timeline.py. Every function takes the server's time as an argument, Unix
 * seconds; positions and durations are film seconds.
 */

/**
 * @typedef {object} Timeline
 * @property {number} revision  counts the commands of a session, from 1
 * @property {number} position  film position at `instant`, s; below 0 the film has not begun
 * @property {number} rate  film seconds per second of server time; 0 while paused
 * @property {number} instant  server time at which `position` holds, Unix s; may lie ahead
 * @property {string | null} [by]  the user who ordered it
 * @property {string} [reason]
 */

/**
 * @typedef {object} Segment  A part of the film's motion, by one timeline.
 * @property {Timeline} timeline
 * @property {number} since  server time from which it is in force, Unix s; -Infinity: it is in force already
 */

/** Two positions nearer than this are the same, s: far below any frame. */
const SAME_PLACE_S = 1e-6;

/**
 * Return the film position at `now`; below 0 the film begins in that many seconds.
 *
 * @param {Timeline} timeline
 * @param {number} now
 * @param {number} [duration]  the film's length, where the position stops
 */
export function at(timeline, now, duration = Infinity) {
  return Math.min(timeline.position + timeline.rate * (now - timeline.instant), duration);
}

/** The timeline in force and those ordered to follow it. */
export class Timelines {
  /** @type {Segment[]} ascending in revision and in `since` */
  #segments = [];

  /** @param {number} [duration]  the film's length, s */
  constructor(duration = Infinity) {
    this.duration = duration;
  }

  /**
   * Take the server's timelines: the one in force and the newest one that is still ahead.
   *
   * An older one that is still ahead stays if its instant lies before that of the new one. A lower
   * revision never replaces a higher one.
   *
   * @param {{timeline: Timeline, next: Timeline | null}} news
   */
  apply({ timeline, next }) {
    const newest = this.newest?.revision ?? 0;
    const current = this.#segments.find(({ timeline: known }) => known.revision >= timeline.revision);
    // It is in force because the server says so, even if its instant is ahead by this page's clock.
    if (current === undefined) {
      this.#segments = [{ timeline, since: -Infinity }];
    } else if (current.timeline.revision === timeline.revision) {
      this.#segments = this.#segments.slice(this.#segments.indexOf(current));
      this.#segments[0] = { timeline, since: -Infinity };
    }
    if (next !== null && next.revision > newest) {
      this.#segments = this.#segments.filter(({ since }) => since < next.instant);
      this.#segments.push({ timeline: next, since: next.instant });
    }
  }

  /**
   * Forget all of one film: another is to be watched.
   *
   * @param {number} duration  the other film's length, s
   */
  reset(duration) {
    this.#segments = [];
    this.duration = duration;
  }

  /** The timeline of the highest revision, or null without timelines. */
  get newest() {
    return this.#segments.at(-1)?.timeline ?? null;
  }

  /**
   * @param {number} now
   * @returns {Timeline | null}
   */
  inForce(now) {
    return this.#segments.findLast(({ since }) => since <= now)?.timeline ?? null;
  }

  /**
   * The timeline after the one in force, with the time from which it is in force.
   *
   * @param {number} now
   * @returns {Segment | null}
   */
  upcoming(now) {
    return this.#segments.find(({ since }) => since > now) ?? null;
  }

  /**
   * @param {number} now
   * @returns {Timeline | null}
   */
  next(now) {
    return this.upcoming(now)?.timeline ?? null;
  }

  /**
   * Return the film's position, from 0 to its end, and its rate.
   *
   * @param {number} now
   * @returns {{position: number, rate: number, countdown: number} | null}  `rate` is 0 while the
   *   picture stands: paused, not begun (`countdown` s of film time to go) or ended
   */
  motion(now) {
    const timeline = this.inForce(now);
    if (timeline === null) {
      return null;
    }
    const position = at(timeline, now, this.duration);
    const moves = position >= 0 && position < this.duration;
    return {
      position: Math.max(position, 0),
      rate: moves ? timeline.rate : 0,
      countdown: Math.max(-position, 0),
    };
  }

  /**
   * Return when the moving film is at `position`: the next time, else the last one; null if no timeline
   * leads there.
   *
   * @param {number} position  from 0 to the film's end
   * @param {number} now
   * @returns {number | null}  server time, Unix s
   */
  timeAt(position, now) {
    const times = this.#ahead(now)
      .filter(({ timeline }) => timeline.rate > 0 && position < this.duration)
      .map(({ timeline, since, until }) => {
        const time = timeline.instant + (position - timeline.position) / timeline.rate;
        return time >= since - SAME_PLACE_S && time < until ? time : null;
      })
      .filter((time) => time !== null);
    return times.find((time) => time >= now) ?? times[0] ?? null;
  }

  /**
   * Return from when the film stands still at `position`: `now` if it does already, null if no timeline
   * leads there.
   *
   * @param {number} position  from 0 to the film's end
   * @param {number} now
   * @returns {number | null}  server time, Unix s
   */
  stopsAt(position, now) {
    for (const { timeline, since, until } of this.#ahead(now)) {
      const begins = Math.max(since, now);
      const ends = timeline.instant + (this.duration - timeline.position) / timeline.rate;
      const from = timeline.rate === 0 ? begins : Math.max(ends, begins);
      const stands = Math.max(at(timeline, from, this.duration), 0);
      if (from < until && Math.abs(stands - position) < SAME_PLACE_S) {
        return from;
      }
    }
    return null;
  }

  /**
   * Return when the film jumps to another position and runs on from there; null if it does not.
   *
   * @param {number} now
   * @param {number | null} cuedAt  where the picture is cued, s; null: it is playing
   * @param {number} least  a smaller jump does not count, s
   * @returns {number | null}  server time, Unix s
   */
  nextJump(now, cuedAt, least) {
    const upcoming = this.upcoming(now);
    const current = this.inForce(now);
    if (upcoming === null || current === null || upcoming.timeline.rate === 0) {
      return null;
    }
    const { timeline, since } = upcoming;
    const due = cuedAt === null ? null : this.timeAt(cuedAt, now);
    // The film gets there by the jump itself, or after it.
    if (due !== null && due >= since - SAME_PLACE_S) {
      return null;
    }
    const here = cuedAt === null || due !== null ? at(current, since) : cuedAt;
    return Math.abs(at(timeline, since) - here) > least ? since : null;
  }

  /**
   * The segments from the one in force on.
   *
   * @param {number} now
   */
  #ahead(now) {
    return this.#segments
      .map((segment, i) => ({ ...segment, until: this.#segments[i + 1]?.since ?? Infinity }))
      .filter(({ until }) => until > now);
  }
}
