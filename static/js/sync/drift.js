// @ts-check
/**
 * Estimates the drift between two clocks, the difference of their rates, from pings (ADR 0007).
 *
 * Drawn over time, the differences to the server all lie above the offset, and those back all lie
 * below it. So the offset is a line between two clouds of points, and at the right slope the gap
 * between the clouds is widest. V. Paxson, "On calibrating measurements of packet transit times",
 * 1998, and S. B. Moon et al., "Estimation and removal of clock skew from network delay measurements",
 * 1999, use the hull of one cloud. With both clouds, a queue in one direction does no harm, unless it
 * grows steadily for minutes.
 */

/** Pings must cover this time before the drift is estimated, s. */
const MIN_SPAN_S = 60;

/** A drift counts only if it widens the gap by this much for each s per s (ADR 0007), s. */
const MIN_GAIN_S = 10;

/** Steps of the search; each leaves two thirds of the interval. */
const SEARCH_STEPS = 24;

/**
 * @typedef {object} Ping  Two differences of the clocks, each including the delay in one direction; s.
 * @property {number} sent  when it went, client time
 * @property {number} there  server time less client time, plus the delay to the server
 * @property {number} came  when its answer came, client time
 * @property {number} back  client time less server time, plus the delay back
 */

/**
 * Return the smallest difference of each direction, extrapolated to `now` with this `drift`.
 *
 * @param {readonly Ping[]} pings
 * @param {number} now  client time, s
 * @param {number} drift  by how much the server's clock is faster than the client's, s per s
 * @param {number} ageing  by how much a difference is widened with its age, s per s
 */
export function smallestDifferences(pings, now, drift, ageing) {
  let there = Infinity;
  let back = Infinity;
  for (const ping of pings) {
    there = Math.min(there, ping.there + (ageing + drift) * (now - ping.sent));
    back = Math.min(back, ping.back + (ageing - drift) * (now - ping.came));
  }
  return { there, back };
}

/**
 * Return the time that the pings cover, s.
 *
 * @param {readonly Ping[]} pings  in their order
 */
export function span(pings) {
  const first = pings[0];
  const last = pings.at(-1);
  return first !== undefined && last !== undefined ? last.came - first.sent : 0;
}

/**
 * Return by how much the server's clock is faster than the client's, s per s; 0 before it is known.
 *
 * @param {readonly Ping[]} pings  in their order
 * @param {number} most  the largest drift that is searched, s per s
 */
export function estimateDrift(pings, most) {
  const now = pings.at(-1)?.came ?? 0;
  if (span(pings) < MIN_SPAN_S) {
    return 0;
  }
  // The minimum of linear functions is concave, so a ternary search finds the widest gap.
  const gap = (/** @type {number} */ drift) => {
    const { there, back } = smallestDifferences(pings, now, drift, 0);
    return there + back - MIN_GAIN_S * Math.abs(drift);
  };
  let low = -most;
  let high = most;
  for (let cut = 0; cut < SEARCH_STEPS; cut += 1) {
    const third = (high - low) / 3;
    if (gap(low + third) < gap(high - third)) {
      low += third;
    } else {
      high -= third;
    }
  }
  return (low + high) / 2;
}
