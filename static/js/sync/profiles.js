// @ts-check
/** How each kind of browser is steered: dead zone, nudge sizes, rest between nudges. */

import { DEAD_ZONE_S } from './thresholds.js';

/**
 * @typedef {object} Profile  How well a browser can be steered.
 * @property {number} fine  error that is left alone after a start, s
 * @property {number} deadZone  error that is left alone from then on, s
 * @property {number} bias  how late a frame is on the average because it waits for a refresh, s
 * @property {readonly (readonly [number, number])[]} steps  up to this error (s) a nudge of that much
 * @property {boolean} early  whether `currentTime` is exact enough to judge a start by (ADR 0008)
 * @property {number} rest  least time from a nudge to one of the smallest step, s
 */

/**
 * Frame by frame. A frame is shown at the first refresh of the screen after it is due: at 60 Hz half
 * a refresh late on the average. The sizes come from measurements (ADR 0006).
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

/** @type {Profile} Safari stutters at every change of the rate: few of them. Not tried in a Safari yet. */
export const SAFARI = {
  ...FRAMES,
  fine: 0.15,
  deadZone: 0.15,
  steps: [[Infinity, 0.05]],
  early: false,
  rest: 30,
};

/** @type {Profile} Nobody sees a picture in the background, and timers are rare there. */
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
