// @ts-check
/** Watches the frames that a `<video>` shows; samples its position where the browser has no frame callbacks. */

/** How often a browser without frame callbacks is asked where its picture is, s. */
const SAMPLE_EVERY_S = 0.1;

/**
 * Report each frame, with its media time and when it is shown by the client's clock, s.
 *
 * Frames are timed by the document's own clock. The page's may be another one, so the difference of
 * the two is taken at each callback.
 *
 * @param {HTMLVideoElement} video
 * @param {() => number} now  client time, s
 * @param {(frame: {mediaTime: number, displayTime: number, rtpTimestamp?: number}) => void} report  the
 *   timestamp is that of a stream's frame, where the browser tells it
 * @param {AbortSignal} signal  ends it
 */
export function watchFrames(video, now, report, signal) {
  if (!('requestVideoFrameCallback' in video)) {
    samplePosition(video, now, report, signal);
    return;
  }
  const watch = () =>
    video.requestVideoFrameCallback((_, { mediaTime, expectedDisplayTime, rtpTimestamp }) => {
      if (!signal.aborted) {
        // A callback is for one frame.
        watch();
        const ahead = (expectedDisplayTime - new Event('now').timeStamp) / 1000;
        report({ mediaTime, displayTime: now() + ahead, rtpTimestamp });
      }
    });
  watch();
}

/** @type {typeof watchFrames} */
function samplePosition(video, now, report, signal) {
  const sampling = setInterval(() => {
    if (!video.paused && !video.seeking) {
      report({ mediaTime: video.currentTime, displayTime: now() });
    }
  }, SAMPLE_EVERY_S * 1000);
  signal.addEventListener('abort', () => clearInterval(sampling));
}
