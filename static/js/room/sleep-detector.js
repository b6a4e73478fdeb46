// @ts-check
/**
 * Whether the page has slept since it last looked, and whether its clock went on meanwhile.
 *
 * `performance.now()` stops in the machine's sleep on some systems; `Date.now()` never does.
 */

/** The two clocks part by more than this only where one was stopped or set, s. */
const JUMP = 0.25;

/** Timers of a page that is awake are not later than this, s. */
const GAP = 3;

export class Vigil {
  /** @type {{now: number, wall: number} | null} */
  #last = null;

  /**
   * @param {number} now  client time, s
   * @param {number} wall  the same moment by the wall clock, s
   * @returns {'awake' | 'slept' | 'stopped'}  `slept`: the page did, its clock went on; `stopped`:
   *   what was known of the server's clock no longer holds
   */
  look(now, wall) {
    const last = this.#last ?? { now, wall };
    this.#last = { now, wall };
    if (Math.abs(wall - last.wall - (now - last.now)) > JUMP) {
      return 'stopped';
    }
    return now - last.now > GAP ? 'slept' : 'awake';
  }
}
