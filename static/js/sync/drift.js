// @ts-check
/**
 * The pace at which two clocks part, from pings on a jittery line (ADR 0007).
 *
 * Drawn over time, no way there lies below the offset and no way back above it: the offset is a line
 * between two clouds of points, and at the right slope the gap between the clouds is at its widest.
 * (V. Paxson, "On calibrating measurements of packet transit times", 1998, and S. B. Moon et al.,
 * "Estimation and removal of clock skew from network delay measurements", 1999, tell a clock's pace
 * from the hull of one cloud; with both, a queue on one way alone does no harm, unless it grows
 * steadily for minutes.)
 */

/** Pings of less time tell no pace, s. */
const MIN_SPAN_S = 60;

/** A pace counts only where it widens the gap by this much for each s per s (ADR 0007), s. */
const MIN_GAIN_S = 10;

/** Steps of the search; each leaves two thirds of the interval. */
const SEARCH_STEPS = 24;

/**
 * @typedef {object} Ping  Two differences of the clocks, each with a way in it; s.
 * @property {number} sent  when it went, client time
 * @property {number} there  server's clock less client's, plus the way there
 * @property {number} came  when its answer came, client time
 * @property {number} back  client's clock less server's, plus the way back
 */

/**
 * Return the smallest of both ways, as they would be at `now` if the clocks parted by `pace`.
 *
 * @param {readonly Ping[]} pings
 * @param {number} now  client time, s
 * @param {number} pace  server's clock against client's, s per s
 * @param {number} ageing  how much less a ping proves for its age, s per s
 */
export function narrowest(pings, now, pace, ageing) {
  let there = Infinity;
  let back = Infinity;
  for (const ping of pings) {
    there = Math.min(there, ping.there + (ageing + pace) * (now - ping.sent));
    back = Math.min(back, ping.back + (ageing - pace) * (now - ping.came));
  }
  return { there, back };
}

/**
 * Return for how long the pings have been going on, s.
 *
 * @param {readonly Ping[]} pings  in their order
 */
export function span(pings) {
  const first = pings[0];
  const last = pings.at(-1);
  return first !== undefined && last !== undefined ? last.came - first.sent : 0;
}

/**
 * Return the pace of the server's clock against the client's, s per s; 0 before it can be told.
 *
 * @param {readonly Ping[]} pings  in their order
 * @param {number} most  no pace is beyond this, s per s
 */
export function paceOf(pings, most) {
  const now = pings.at(-1)?.came ?? 0;
  if (span(pings) < MIN_SPAN_S) {
    return 0;
  }
  // The least of straight lines is concave, so a search by thirds finds the widest gap.
  const gap = (/** @type {number} */ pace) => {
    const { there, back } = narrowest(pings, now, pace, 0);
    return there + back - MIN_GAIN_S * Math.abs(pace);
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
