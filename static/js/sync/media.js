// @ts-check
/** What a media element says of itself, and what it may be told. */

/**
 * @typedef {object} MediaState
 * @property {number} currentTime  s
 * @property {boolean} paused
 * @property {boolean} seeking
 * @property {boolean} ended
 * @property {number} readyState
 * @property {boolean} silent  whether no sound is to be heard
 */

/**
 * @typedef {object} MediaEvent
 * @property {'tick' | 'timelines' | 'emptied' | 'enter' | 'leave' | 'unblock' | 'refused' | 'own' | 'back'
 *   | 'resync' | 'waiting' | 'playing' | 'pause' | 'seeked' | 'canplay' | 'ended' | 'visible' | 'hidden'
 *   | 'frame'} type
 * @property {number} now  client time, s
 * @property {number} [mediaTime]  of the frame, s
 * @property {number} [displayTime]  of the frame, client time, s
 */

/**
 * @typedef {{do: 'play'} | {do: 'pause'} | {do: 'seek', position: number}
 *   | {do: 'rate', rate: number, pitch: boolean} | {do: 'hush', on: boolean}} Order  `pitch`: whether it
 *   is to be preserved; `hush`: no sound is heard, though it plays
 */

// HTMLMediaElement.readyState
export const METADATA = 1;
export const CURRENT = 2;
export const FUTURE = 3;

/** @type {Readonly<MediaState>} */
export const NO_MEDIA = Object.freeze({
  currentTime: 0,
  paused: true,
  seeking: false,
  ended: false,
  readyState: 0,
  silent: false,
});

/** A picture this little before what is loaded counts as within it, s. */
const NEAR = 0.1;

/**
 * @param {HTMLMediaElement} element
 * @returns {MediaState}
 */
export function mediaState({ currentTime, paused, seeking, ended, readyState, muted, volume }) {
  return { currentTime, paused, seeking, ended, readyState, silent: muted || volume === 0 };
}

/**
 * Return how much is loaded ahead of the picture, s.
 *
 * @param {HTMLMediaElement} element
 */
export function bufferedAhead({ buffered, currentTime }) {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime + NEAR && currentTime <= buffered.end(i)) {
      return buffered.end(i) - currentTime;
    }
  }
  return 0;
}

/**
 * Return how many frames were not shown in time.
 *
 * @param {HTMLVideoElement} video
 */
export function droppedFrames(video) {
  return video.getVideoPlaybackQuality?.().droppedVideoFrames ?? 0;
}
