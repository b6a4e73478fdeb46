// @ts-check
/**
 * Detects that the page or the machine slept, and whether the page's clock stopped meanwhile.
 *
 * On some systems `performance.now()` stops while the machine sleeps; `Date.now()` never does.
 */

/** If the two clocks move apart by more than this, one was stopped or set, s. */
const CLOCK_JUMP_S = 0.25;

/** If a timer is later than this, the page slept, s. */
const SLEEP_GAP_S = 3;

export class SleepDetector {
  /** @type {{now: number, wall: number} | null} */
  #last = null;

  /**
   * @param {number} now  client time, s
   * @param {number} wall  the same moment by the wall clock, s
   * @returns {'awake' | 'slept' | 'stopped'}  `slept`: the page slept, but its clock went on; `stopped`:
   *   a clock stopped, so the estimate of the server's clock is stale
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
