// @ts-check
/** How somebody keeps step, in words and an icon: never by a colour alone. */

import { secondsWords, t } from '../i18n.js';
import { IN_STEP } from '../../sync/following.js';

/**
 * @typedef {object} Standing
 * @property {'ok' | 'warn' | 'still'} kind
 * @property {string} icon
 * @property {string} words
 */

/** Less than this is not told: rows come to 10 ms, s. */
const NOTHING = 0.005;

/** @type {Readonly<Record<string, Omit<Standing, 'words'>>>} */
const STATES = Object.freeze({
  waiting: { kind: 'still', icon: 'hourglass' },
  ready: { kind: 'ok', icon: 'circle-check' },
  playing: { kind: 'ok', icon: 'circle-check' },
  paused: { kind: 'still', icon: 'pause' },
  over: { kind: 'still', icon: 'pause' },
  stalled: { kind: 'warn', icon: 'loader' },
  background: { kind: 'still', icon: 'eye-off' },
  blocked: { kind: 'warn', icon: 'triangle-alert' },
  away: { kind: 'still', icon: 'clock' },
});

/**
 * @param {{state: string, error: number | null}} row a member's, or a viewer's of the host's table
 * @param {boolean} [over] whether the film is: who stands then has not paused it
 * @returns {Standing}
 */
export function standingOf({ state, error }, over = false) {
  if (state === 'playing' && error !== null) return standingBy(error);
  const told = state === 'paused' && over ? 'over' : state;
  const known = told in STATES ? told : 'away';
  return { ...STATES[known], words: t(`state.${known}`) };
}

/** @param {number} error s @returns {Standing} */
function standingBy(error) {
  const time = secondsWords(Math.abs(error), 2);
  if (Math.abs(error) > IN_STEP) {
    return { kind: 'warn', icon: 'gauge', words: t(error < 0 ? 'state.behind' : 'state.ahead', { time }) };
  }
  const words = Math.abs(error) < NOTHING ? t('state.in-step') : t('state.in-step-to', { time });
  return { kind: 'ok', icon: 'circle-check', words };
}
