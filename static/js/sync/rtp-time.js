// @ts-check
/**
 * RTP timestamps of a live stream as server time.
 *
 * The server stamps every frame with the time T at which it is to be shown: floor(rate · T) mod 2^32, with
 * the clock rates of RFC 6184 (video) and RFC 7587 (Opus). So a timestamp says where in the film a frame
 * lies: at the timeline's position at T. It is announced as RFC 7273 prescribes (`mediaclk:direct=0`).
 */

/** The clock rate of video, Hz. */
export const VIDEO_CLOCK_HZ = 90_000;

/** Timestamps have 32 bits (RFC 3550, section 5.1): video's come again after thirteen hours. */
const WRAP_TICKS = 2 ** 32;

/**
 * Return when a frame is to be shown, Unix s of the server's clock.
 *
 * @param {number} timestamp  of RTP
 * @param {number} near  a server time that is known to be less than six hours off, Unix s
 * @param {number} [clockRate]  Hz
 */
export function displayTimeOf(timestamp, near, clockRate = VIDEO_CLOCK_HZ) {
  const wraps = Math.round((near * clockRate - timestamp) / WRAP_TICKS);
  return (timestamp + wraps * WRAP_TICKS) / clockRate;
}
