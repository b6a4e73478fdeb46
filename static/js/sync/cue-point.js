// @ts-check
/** A cue point: the place of the film where a paused picture stands ready to play. */

import { HAVE_CURRENT_DATA, HAVE_FUTURE_DATA } from './media.js';

/** Two places of the film nearer than this are the same, s. */
const SAME_PLACE_S = 1e-6;

/**
 * @typedef {object} Prospect  What becomes of a held picture.
 * @property {number | null} passes  server time at which it is to move, Unix s; null: it stays
 * @property {boolean} stands  whether the film stands there now
 * @property {boolean} wanted  whether the film is there now, or soon enough to wait for it
 */

export class CuePoint {
  #since;
  #calibrates;

  /** Film position, s. */
  position;

  /** Whether it is still on its way there. */
  seeking;

  /**
   * @param {number} position  s
   * @param {object} way
   * @param {number} way.since  client time, s
   * @param {boolean} [way.seeking]
   * @param {boolean} [way.calibrates]  whether its seek tells what others will take
   */
  constructor(position, { since, seeking = true, calibrates = true }) {
    this.position = position;
    this.seeking = seeking;
    this.#since = since;
    this.#calibrates = calibrates;
  }

  /**
   * @param {import('./timeline.js').Timelines} timelines
   * @param {number} server  server time, Unix s
   * @param {number} patience  for how long it is worth waiting, s
   * @returns {Prospect}
   */
  prospect(timelines, server, patience) {
    const course = timelines.course(server);
    const passes = timelines.timeAt(this.position, server);
    const due = passes ?? timelines.stopsAt(this.position, server);
    const stands = course?.rate === 0 && Math.abs(course.position - this.position) < SAME_PLACE_S;
    return { passes, stands, wanted: stands || (due !== null && due - server <= patience) };
  }

  /**
   * Whether the seek is over and what is needed is there.
   *
   * @param {import('./media.js').MediaState} media
   * @param {number} now  client time, s
   * @param {{toMove: boolean, calibration: import('./calibration.js').Calibration}} about  whether the picture
   *   is to move; who learns what the seek took
   */
  settles(media, now, { toMove, calibration }) {
    const ready = !media.seeking && media.readyState >= (toMove ? HAVE_FUTURE_DATA : HAVE_CURRENT_DATA);
    if (this.seeking && ready && now > this.#since) {
      this.seeking = false;
      if (this.#calibrates) {
        calibration.recordSeek(now - this.#since);
      }
    }
    return ready && !this.seeking;
  }
}
