// @ts-check
/** The state of a media element, the events it sends, and the orders it takes. */

/**
 * @typedef {object} MediaState
 * @property {number} currentTime  s
 * @property {boolean} paused
 * @property {boolean} seeking
 * @property {boolean} ended
 * @property {number} readyState
 * @property {boolean} silent  whether it plays no audible sound
 * @property {boolean} canSilence  whether it can play without being heard
 */

/**
 * @typedef {object} MediaEvent
 * @property {'tick' | 'timelines' | 'emptied' | 'enter' | 'leave' | 'unblock' | 'refused' | 'own' | 'back'
 *   | 'resync' | 'waiting' | 'playing' | 'pause' | 'seeked' | 'canplay' | 'ended' | 'visible' | 'hidden'
 *   | 'frame'} type
 * @property {number} now  client time, s
 * @property {number} [mediaTime]  of the frame, s
 * @property {number} [displayTime]  of the frame, client time, s
 * @property {number} [rtpTimestamp]  of the frame, where it came by RTP
 */

/**
 * @typedef {{do: 'play'} | {do: 'pause'} | {do: 'seek', position: number}
 *   | {do: 'rate', rate: number, pitch: boolean} | {do: 'silence', on: boolean}} ElementOrder  `pitch`: whether
 *   it is preserved; `silence`: whether it plays without being heard
 */

/**
 * @typedef {ElementOrder | {do: 'jitter', target: number}} Order  `jitter`: for how long a live source's
 *   buffer is to hold frames, s
 */

/** Events of the element that are handed to the follower. */
export const ELEMENT_EVENTS = /** @type {const} */ ([
  'emptied',
  'waiting',
  'playing',
  'pause',
  'seeked',
  'canplay',
  'ended',
]);

// HTMLMediaElement.readyState
export const HAVE_METADATA = 1;
export const HAVE_CURRENT_DATA = 2;
export const HAVE_FUTURE_DATA = 3;

/** @type {Readonly<MediaState>} */
export const NO_MEDIA = Object.freeze({
  currentTime: 0,
  paused: true,
  seeking: false,
  ended: false,
  readyState: 0,
  silent: false,
  canSilence: false,
});

/** A picture at most this far before a loaded range counts as within it, s. */
const GAP_S = 0.1;

/**
 * @param {HTMLMediaElement} element
 * @returns {Omit<MediaState, 'canSilence'>}
 */
export function mediaState({ currentTime, paused, seeking, ended, readyState, muted, volume }) {
  // Chromium treats a volume of 0 as muted, and starts as fast (ADR 0005).
  return { currentTime, paused, seeking, ended, readyState, silent: muted || volume === 0 };
}

/**
 * Return how much is loaded ahead of the picture, s.
 *
 * @param {HTMLMediaElement} element
 */
export function bufferedAhead({ buffered, currentTime }) {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime + GAP_S && currentTime <= buffered.end(i)) {
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
