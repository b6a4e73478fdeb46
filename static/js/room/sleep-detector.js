// @ts-check
/**
 * Detects that the page or the machine slept, and whether the page's clock went on meanwhile.
 *
 * `performance.now()` stops in the machine's sleep on some systems; `Date.now()` never does.
 */

/** The two clocks differ by more than this only where one was stopped or set, s. */
const CLOCK_JUMP_S = 0.25;

/** The timers of a page that is awake are not later than this, s. */
const SLEEP_GAP_S = 3;

export class SleepDetector {
  /** @type {{now: number, wall: number} | null} */
  #last = null;

  /**
   * @param {number} now  client time, s
   * @param {number} wall  the same moment by the wall clock, s
   * @returns {'awake' | 'slept' | 'stopped'}  `slept`: the page did, its clock went on; `stopped`:
   *   what was known of the server's clock no longer holds
   */
  check(now, wall) {
    const last = this.#last ?? { now, wall };
    this.#last = { now, wall };
    if (Math.abs(wall - last.wall - (now - last.now)) > CLOCK_JUMP_S) {
      return 'stopped';
    }
    return now - last.now > SLEEP_GAP_S ? 'slept' : 'awake';
  }
}
