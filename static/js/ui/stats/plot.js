// @ts-check
/** The geometry of the plot of a picture's error over time. */

import { DEAD_ZONE_S } from '../../sync/thresholds.js';
import { corrections, distances, percentile } from './statistics.js';

/** @typedef {import('../../player/history.js').Sample} Sample */

/**
 * @typedef {object} Plot  In the plot's own units: x to the right, y downwards.
 * @property {number} span  from its left edge to its right, s
 * @property {number} range  the error at its upper edge, s; as much behind at the lower
 * @property {string[]} lines  each the `d` of a path: a stretch that was measured without a gap
 * @property {{top: number, height: number}} zone  where nothing is corrected
 * @property {number} zero  y of a picture in perfect step
 * @property {{x: number, method: 'rate' | 'seek'}[]} marks  where a correction began
 */

/** How far back the plot may reach, s: a history that is young is not squeezed into a corner. */
const SPANS_S = [60, 120, 300];

/** What the upper edge may stand for, s. */
const RANGES_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Samples further apart than this are not joined, s. */
const MAX_GAP_S = 1;

/** @param {readonly Sample[]} samples */
function rangeOf(samples) {
  const most = percentile(distances(samples), 0.95) ?? 0;
  return RANGES_S.find((range) => range >= most) ?? RANGES_S.at(-1) ?? 1;
}

/**
 * What lies beyond the range is drawn on its edge: one late moment should not flatten all others.
 *
 * @param {readonly Sample[]} samples  ascending in time
 * @param {{width: number, height: number, now: number}} frame  `now`: client time at the right, s
 * @returns {Plot}
 */
export function plotOf(samples, { width, height, now }) {
  const age = now - (samples[0]?.at ?? now);
  const span = SPANS_S.find((reach) => reach >= age) ?? Math.max(...SPANS_S);
  const shown = samples.filter(({ at }) => now - at <= span);
  const range = rangeOf(shown);
  const x = (/** @type {number} */ at) => width * (1 - (now - at) / span);
  const y = (/** @type {number} */ error) => (height / 2) * (1 - Math.min(Math.max(error / range, -1), 1));
  /** @type {string[][]} */
  const stretches = [];
  let last = -Infinity;
  for (const { at, error } of shown) {
    if (error === null) {
      continue;
    }
    if (at - last > MAX_GAP_S) {
      stretches.push([]);
    }
    stretches.at(-1)?.push(`${x(at).toFixed(1)} ${y(error).toFixed(1)}`);
    last = at;
  }
  const top = y(DEAD_ZONE_S);
  return {
    span,
    range,
    lines: stretches.map((points) => `M${points.join('L')}`),
    zone: { top, height: y(-DEAD_ZONE_S) - top },
    zero: y(0),
    marks: corrections(shown).map(({ at, method }) => ({ x: x(at), method })),
  };
}
