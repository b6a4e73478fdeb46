// @ts-check
/** Tells of every frame that a film's element shows, or of its place where the browser does not. */

/** How often a browser without frame callbacks is asked where its picture is, s. */
const SAMPLE = 0.1;

/**
 * Tell of the frames, with the media time of each and when it is shown by the client's clock, s.
 *
 * Frames are timed by the document's own clock. The page's may be another, so what the two show at
 * the moment of the callback is compared rather than trusted to be one.
 *
 * @param {HTMLVideoElement} video
 * @param {() => number} now  client time, s
 * @param {(frame: {mediaTime: number, displayTime: number}) => void} tell
 * @param {AbortSignal} signal  ends it
 */
export function watchFrames(video, now, tell, signal) {
  if (!('requestVideoFrameCallback' in video)) {
    samplePlace(video, now, tell, signal);
    return;
  }
  const watch = () =>
    video.requestVideoFrameCallback((_, { mediaTime, expectedDisplayTime }) => {
      if (!signal.aborted) {
        watch();
        const ahead = (expectedDisplayTime - new Event('now').timeStamp) / 1000;
        tell({ mediaTime, displayTime: now() + ahead });
      }
    });
  watch();
}

/** @type {typeof watchFrames} */
function samplePlace(video, now, tell, signal) {
  const sampling = setInterval(() => {
    if (!video.paused && !video.seeking) {
      tell({ mediaTime: video.currentTime, displayTime: now() });
    }
  }, SAMPLE * 1000);
  signal.addEventListener('abort', () => clearInterval(sampling));
}
