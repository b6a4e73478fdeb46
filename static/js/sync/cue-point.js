// @ts-check
/** A cue point: the position of the film at which a paused picture is ready to play. */

import { HAVE_CURRENT_DATA, HAVE_FUTURE_DATA } from './media.js';

/** Two positions nearer than this are the same, s. */
const SAME_PLACE_S = 1e-6;

/**
 * @typedef {object} Prospect  What will happen to a picture that is cued there.
 * @property {number | null} plays  server time at which it has to move, Unix s; null: it stays
 * @property {boolean} stands  whether the film stands there now
 * @property {boolean} wanted  whether the film stands there now, or gets there soon enough to wait
 */

export class CuePoint {
  /** Film position, s. */
  position;

  /** When the seek to this point began, client time, s. */
  since;

  /** Whether the seek is still in progress. */
  seeking;

  /** Whether the cost of this seek is typical. */
  calibrates;

  /**
   * @param {number} position  s
   * @param {object} seek
   * @param {number} seek.since  client time, s
   * @param {boolean} [seek.seeking]
   * @param {boolean} [seek.calibrates]
   */
  constructor(position, { since, seeking = true, calibrates = true }) {
    this.position = position;
    this.since = since;
    this.seeking = seeking;
    this.calibrates = calibrates;
  }

  /**
   * @param {import('./timeline.js').Timelines} timelines
   * @param {number} server  server time, Unix s
   * @param {number} patience  the longest time to wait for the film, s
   * @returns {Prospect}
   */
  prospect(timelines, server, patience) {
    const motion = timelines.motion(server);
    const plays = timelines.timeAt(this.position, server);
    const due = plays ?? timelines.stopsAt(this.position, server);
    // Positions are computed from Unix seconds, so two that are meant to be equal differ by rounding.
    const stands = motion?.rate === 0 && Math.abs(motion.position - this.position) < SAME_PLACE_S;
    return { plays, stands, wanted: stands || (due !== null && due - server <= patience) };
  }

  /**
   * Whether the element has arrived, with the data that is needed.
   *
   * `seeking` alone does not show it: browsers report the end of a seek before they can show the
   * frame, and at the event that ordered the seek the element does not report it yet.
   *
   * @param {import('./media.js').MediaState} media
   * @param {boolean} toMove  whether the picture has to move
   */
  hasData(media, toMove) {
    return !media.seeking && media.readyState >= (toMove ? HAVE_FUTURE_DATA : HAVE_CURRENT_DATA);
  }
}
