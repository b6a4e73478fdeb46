// @ts-check
/** How each kind of browser is steered: dead zone, sizes of nudges, rest between nudges. */

import { DEAD_ZONE_S } from './thresholds.js';

/**
 * @typedef {object} Profile  How well a browser can be steered.
 * @property {number} fine  dead zone after a start, s
 * @property {number} deadZone  dead zone from then on, s
 * @property {number} bias  how late a frame is on average because it waits for a refresh, s
 * @property {readonly (readonly [number, number])[]} steps  largest error, s, and the change of rate of a nudge up to it
 * @property {boolean} early  whether `currentTime` is exact enough to check a start (ADR 0008)
 * @property {number} rest  shortest time between a nudge and one of the smallest step, s
 */

/**
 * Frame by frame. A frame is shown at the first refresh of the screen after it is due: at 60 Hz, half a
 * refresh late on average. The sizes come from measurements (ADR 0006).
 *
 * @type {Profile}
 */
export const FRAMES = {
  fine: 0.004,
  deadZone: DEAD_ZONE_S,
  bias: 1 / 120,
  steps: [
    [0.02, 0.01],
    [0.12, 0.02],
    [Infinity, 0.04],
  ],
  early: true,
  rest: 5,
};

/** @type {Profile} By `currentTime`, ten times a second. */
export const SAMPLES = { ...FRAMES, fine: 0.025, deadZone: 0.025, bias: 0, early: false };

/** @type {Profile} Safari stutters at every change of rate, so there are few. Not tried in Safari yet. */
export const SAFARI = {
  ...FRAMES,
  fine: 0.15,
  deadZone: 0.15,
  steps: [[Infinity, 0.05]],
  early: false,
  rest: 30,
};

/** @type {Profile} A hidden page: nobody sees the picture, and timers are rare. */
export const UNSEEN = { ...SAMPLES, fine: 0.2, deadZone: 0.2, steps: [[Infinity, 0.04]], rest: 0 };

/**
 * Return how a browser's picture can be steered.
 *
 * @param {HTMLVideoElement} video
 * @param {string} userAgent
 * @returns {Profile}
 */
export function profileOf(video, userAgent) {
  // On an iPhone Chrome is WebKit too; there it calls itself CriOS, and so counts as Safari.
  if (/Safari\//.test(userAgent) && !/(Chrome|Chromium|Android)\b/.test(userAgent)) {
    return SAFARI;
  }
  return 'requestVideoFrameCallback' in video ? FRAMES : SAMPLES;
}
