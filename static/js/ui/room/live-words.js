// @ts-check
/** How the live picture does, in words. */

import { percent, t } from '../i18n.js';

/**
 * @typedef {object} LiveStatus  What the source chooser says of the stream.
 * @property {boolean} wanted  whether it is what is to be shown
 * @property {boolean} shown
 * @property {boolean} ready  whether frames come
 * @property {string | null} trouble  why it is broken, or not to be had
 * @property {number | null} progress  how much of it the server has made, 0 to 1
 * @property {boolean} behind  whether the server cannot make it fast enough
 */

/** Sound is sent at this rate alone. */
const RATE_WITH_SOUND = 1;

/**
 * Return how the live picture does; '' where nobody wishes it.
 *
 * @param {LiveStatus | null} status
 * @param {number} rate  of the film
 */
export function liveWords(status, rate) {
  if (status === null || !(status.wanted || status.trouble)) {
    return '';
  }
  if (status.shown && status.ready) {
    return t(isMute(status, rate) ? 'live.mute' : 'live.shown');
  }
  return waitingFor(status);
}

/** Why it is not there. @param {LiveStatus} status */
function waitingFor({ behind, trouble, progress }) {
  if (behind) {
    return t('live.behind');
  }
  if (trouble !== null) {
    return t(`live.${trouble}`);
  }
  return progress === null || progress >= 1
    ? t('live.connecting')
    : t('live.preparing', { progress: percent(progress) });
}

/**
 * Whether the live picture has no sound because the film is faster or slower.
 *
 * @param {LiveStatus | null} status
 * @param {number} rate
 */
export function isMute(status, rate) {
  return Boolean(status?.shown) && rate !== RATE_WITH_SOUND;
}
