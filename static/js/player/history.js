// @ts-check
/** The last minutes of how well this page kept in sync, for the plot and for meters. */

/**
 * @typedef {object} Sample
 * @property {number} at  client time, s
 * @property {number | null} error  picture less timeline, s; negative is behind
 * @property {number} offset  server time less client time as measured, s
 * @property {number | null} bound  the offset is wrong by no more than this, s
 * @property {import('../sync/sync-state.js').SyncState} state
 * @property {'none' | 'rate' | 'seek'} method
 */

/** Samples that are kept: five minutes at four a second. */
const MAX_SAMPLES = 1200;

/** Two clocks are compared over at least this long, s. */
const MIN_SPAN_S = 30;

/** An offset that changes by more than this at once is that of a clock that was stopped or set, s. */
const CLOCK_JUMP_S = 0.1;

export class History {
  /** @type {Sample[]} ascending in time */
  samples = [];

  /** How often the picture was brought to another place, and how often its rate was nudged. */
  seeks = 0;
  nudges = 0;

  /**
   * Count an order where it corrects the picture.
   *
   * @param {import('../sync/media.js').Order} order
   * @param {Sample['method']} method  by which the picture is being brought to the timeline
   */
  count(order, method) {
    this.seeks += Number(order.do === 'seek');
    this.nudges += Number(order.do === 'rate' && method === 'rate');
  }

  /** @param {Sample} sample */
  add(sample) {
    this.samples.push(sample);
    if (this.samples.length > MAX_SAMPLES) {
      this.samples.shift();
    }
  }

  /** By how much the server's clock runs faster than the page's; null while that is not known. */
  get drift() {
    // A clock that was stopped or set says nothing of how fast it runs: count from there.
    const jump = this.samples.findLastIndex(({ offset }, i) => {
      const before = this.samples[i - 1];
      return before !== undefined && Math.abs(offset - before.offset) > CLOCK_JUMP_S;
    });
    const known = this.samples.slice(Math.max(jump, 0)).filter(({ bound }) => bound !== null);
    const first = known[Math.floor(known.length / 4)];
    const last = known.at(-1);
    return first !== undefined && last !== undefined && last.at - first.at >= MIN_SPAN_S
      ? (last.offset - first.offset) / (last.at - first.at)
      : null;
  }
}
