// @ts-check
/** The figures of a live stream, from what a peer connection counts (webrtc-stats). */

/**
 * @typedef {object} StreamFigures
 * @property {number | null} bitRate  of picture and sound, bit/s
 * @property {number | null} loss  share of the packets that never came, 0 to 1
 * @property {number | null} jitterBuffer  how long a frame waits in it, s
 * @property {number | null} roundTrip  s
 * @property {number} frames  that came so far
 */

/**
 * @typedef {object} Counts  As counted since the beginning.
 * @property {number} at  s
 * @property {number} bytes
 * @property {number} received  packets
 * @property {number} lost  packets
 * @property {number} waited  of all frames in the jitter buffer, s
 * @property {number} emitted  frames that left it
 * @property {number} frames  that came
 * @property {number | null} roundTrip  s
 */

/** @param {unknown} value */
const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/**
 * @param {Iterable<Record<string, any>>} reports
 * @param {number} at  when they were made, s
 * @returns {Counts}
 */
export function countsOf(reports, at) {
  const counts = {
    at,
    bytes: 0,
    received: 0,
    lost: 0,
    waited: 0,
    emitted: 0,
    frames: 0,
    roundTrip: /** @type {number | null} */ (null),
  };
  for (const report of reports) {
    if (report.type === 'inbound-rtp') {
      counts.bytes += number(report.bytesReceived);
      counts.received += number(report.packetsReceived);
      counts.lost += number(report.packetsLost);
      if (report.kind === 'video') {
        counts.waited = number(report.jitterBufferDelay);
        counts.emitted = number(report.jitterBufferEmittedCount);
        counts.frames = number(report.framesReceived ?? report.framesDecoded);
      }
    } else if (
      report.type === 'candidate-pair' &&
      report.nominated &&
      report.currentRoundTripTime !== undefined
    ) {
      counts.roundTrip = number(report.currentRoundTripTime);
    }
  }
  return counts;
}

/**
 * Return the figures of the time between two counts.
 *
 * @param {Counts | null} before
 * @param {Counts} after
 * @returns {StreamFigures}
 */
export function figuresBetween(before, after) {
  const { frames, roundTrip } = after;
  if (before === null || after.at <= before.at) {
    return { bitRate: null, loss: null, jitterBuffer: null, roundTrip, frames };
  }
  const received = after.received - before.received;
  // A packet that was counted as lost and came after all makes this negative (RFC 3550, section 6.4.1).
  const lost = Math.max(after.lost - before.lost, 0);
  const emitted = after.emitted - before.emitted;
  return {
    bitRate: ((after.bytes - before.bytes) * 8) / (after.at - before.at),
    loss: received + lost > 0 ? lost / (received + lost) : null,
    jitterBuffer: emitted > 0 ? (after.waited - before.waited) / emitted : null,
    roundTrip,
    frames,
  };
}
