// @ts-check
/** How well a member keeps in sync, in words and an icon: never by a colour alone. */

import { IN_SYNC_S } from '../../sync/thresholds.js';
import { secondsWords, t } from '../i18n.js';

/**
 * @typedef {object} MemberStatus
 * @property {'ok' | 'warn' | 'still'} kind
 * @property {string} icon
 * @property {string} words
 */

/** Less than this is not shown: rows come to 10 ms, s. */
const MIN_SHOWN_ERROR_S = 0.005;

/** @type {Readonly<Record<string, Omit<MemberStatus, 'words'>>>} */
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
 * @returns {MemberStatus}
 */
export function memberStatus({ state, error }, over = false) {
  if (state === 'playing' && error !== null) {
    return statusByError(error);
  }
  const shown = state === 'paused' && over ? 'over' : state;
  const known = shown in STATES ? shown : 'away';
  return { ...STATES[known], words: t(`state.${known}`) };
}

/** @param {number} error s @returns {MemberStatus} */
function statusByError(error) {
  const time = secondsWords(Math.abs(error), 2);
  if (Math.abs(error) > IN_SYNC_S) {
    return { kind: 'warn', icon: 'gauge', words: t(error < 0 ? 'state.behind' : 'state.ahead', { time }) };
  }
  const words = Math.abs(error) < MIN_SHOWN_ERROR_S ? t('state.in-step') : t('state.in-step-to', { time });
  return { kind: 'ok', icon: 'circle-check', words };
}
