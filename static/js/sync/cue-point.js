// @ts-check
/** A picture that is paused at a place of the film: where the film is, or where it will be soon. */

import { CURRENT, FUTURE } from './media.js';

/** Two places of the film nearer than this are the same, s. */
const SAME = 1e-6;

/**
 * @typedef {object} Prospect  What becomes of a held picture.
 * @property {number | null} passes  server time at which it is to move, Unix s; null: it stays
 * @property {boolean} stands  whether the film stands there now
 * @property {boolean} wanted  whether the film is there now, or soon enough to wait for it
 */

export class Hold {
  #since;
  #teaches;

  /** Film position, s. */
  position;

  /** Whether it is still on its way there. */
  seeking;

  /**
   * @param {number} position  s
   * @param {object} way
   * @param {number} way.since  client time, s
   * @param {boolean} [way.seeking]
   * @param {boolean} [way.teaches]  whether its seek tells what others will take
   */
  constructor(position, { since, seeking = true, teaches = true }) {
    this.position = position;
    this.seeking = seeking;
    this.#since = since;
    this.#teaches = teaches;
  }

  /**
   * @param {import('./timeline.js').Timelines} timelines
   * @param {number} server  server time, Unix s
   * @param {number} patience  for how long it is worth waiting, s
   * @returns {Prospect}
   */
  prospect(timelines, server, patience) {
    const course = timelines.course(server);
    const passes = timelines.passes(this.position, server);
    const due = passes ?? timelines.rests(this.position, server);
    const stands = course?.rate === 0 && Math.abs(course.position - this.position) < SAME;
    return { passes, stands, wanted: stands || (due !== null && due - server <= patience) };
  }

  /**
   * Whether the seek is over and what is needed is there.
   *
   * @param {import('./media.js').MediaState} media
   * @param {number} now  client time, s
   * @param {{toMove: boolean, learned: import('./calibration.js').Learned}} about  whether the picture
   *   is to move; who learns what the seek took
   */
  settles(media, now, { toMove, learned }) {
    const ready = !media.seeking && media.readyState >= (toMove ? FUTURE : CURRENT);
    if (this.seeking && ready && now > this.#since) {
      this.seeking = false;
      if (this.#teaches) {
        learned.seekTook(now - this.#since);
      }
    }
    return ready && !this.seeking;
  }
}
