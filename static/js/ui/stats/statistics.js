// @ts-check
/** Statistics over the last minutes of a picture: percentiles and counts of corrections. */

/** @typedef {import('../../player/history.js').Sample} Sample */

/**
 * @typedef {object} Statistics
 * @property {number} p50  half of the time the picture was no further off than this, s
 * @property {number} p95  and nineteen times out of twenty, s
 * @property {number} worst  s
 * @property {number} nudges
 * @property {number} seeks
 * @property {number} span  from the first sample to the last, s
 */

/**
 * The smallest value that so large a share of all does not exceed; null of none.
 *
 * @param {number[]} values
 * @param {number} share  from 0 to 1
 * @returns {number | null}
 */
export function percentile(values, share) {
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.max(Math.ceil(share * ascending.length) - 1, 0)] ?? null;
}

/** @param {readonly Sample[]} samples @returns {number[]} how far off, without sign, s */
export function distances(samples) {
  return samples.flatMap(({ error }) => (error === null ? [] : [Math.abs(error)]));
}

/**
 * Where a picture began to be brought to the timeline.
 *
 * @param {readonly Sample[]} samples
 * @returns {{at: number, method: 'rate' | 'seek'}[]}
 */
export function corrections(samples) {
  return samples.flatMap(({ at, method }, i) =>
    method === 'none' || method === samples[i - 1]?.method ? [] : [{ at, method }],
  );
}

/**
 * @param {readonly Sample[]} samples
 * @returns {Statistics | null}  null where nothing was measured
 */
export function statisticsOf(samples) {
  const off = distances(samples);
  const [p50, p95, worst] = [0.5, 0.95, 1].map((share) => percentile(off, share));
  if (p50 == null || p95 == null || worst == null) {
    return null;
  }
  const methods = corrections(samples).map(({ method }) => method);
  const nudges = methods.filter((method) => method === 'rate').length;
  const span = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
  return { p50, p95, worst, nudges, seeks: methods.length - nudges, span };
}
