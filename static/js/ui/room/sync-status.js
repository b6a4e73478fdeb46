// @ts-check
/** What the status "Sync" says: how this page's picture does against the room's film, in words. */

import { IN_SYNC_S } from '../../sync/thresholds.js';
import { secondsWords, t } from '../i18n.js';

/** @typedef {import('../../room/film-state.js').Film} Film */
/** @typedef {{state: string, error: number | null, position: number}} Snapshot */
/**
 * @typedef {object} Status
 * @property {'ok' | 'busy' | 'warn' | 'still'} kind
 * @property {string} words
 * @property {boolean} [off] whether the picture is so far off that one may wish to be brought back
 */

/** Errors from here on are worth a figure, s. */
const MIN_SHOWN_ERROR_S = 0.25;

/**
 * What the status "Sync" says.
 * @param {Snapshot} snapshot
 * @param {Film} film
 * @param {boolean} lost whether the link is down after it was up
 * @param {boolean} live whether the picture is the live one: nothing of it is loaded ahead
 * @returns {Status}
 */
export function syncStatus({ state, error, position }, film, lost, live) {
  /** @type {(kind: Status['kind'], key: string, values?: import('../i18n.js').Values) => Status} */
  const say = (kind, key, values) => ({ kind, words: t(`sync.${key}`, values) });
  if (state === 'own') {
    return say('still', 'own');
  }
  if (lost) {
    return say('warn', film.begun && !film.paused && !live ? 'lost' : 'reconnecting');
  }
  if (film.over) {
    return say('still', 'over');
  }
  // A picture that stands and waits for data shows how far it is behind by itself.
  const away = state === 'stalled' && film.begun ? (error ?? position - film.position) : error;
  const off = away === null || Math.abs(away) < MIN_SHOWN_ERROR_S ? null : away;
  switch (state) {
    case 'locked':
      return say('ok', 'in-step');
    case 'nudge':
      if (off !== null) {
        return behind(off);
      }
      return Math.abs(error ?? 0) > IN_SYNC_S ? say('busy', 'catching-up') : say('ok', 'in-step');
    case 'paused':
      return film.begun ? say('still', 'paused') : say('still', 'ready');
    case 'armed':
      return film.begun ? say('busy', 'catching-up') : say('ok', 'ready');
    case 'stalled':
      return off === null ? say('busy', 'stalled') : behind(off);
    case 'preroll':
      if (!film.begun) {
        return say('busy', 'waiting');
      }
      return off === null ? say('busy', 'catching-up') : behind(off);
    case 'background':
    case 'blocked':
      return say('still', state);
    default:
      return say('busy', 'clock');
  }
}

/** @param {number} error s @returns {Status} */
function behind(error) {
  const time = secondsWords(Math.abs(error));
  return { kind: 'busy', words: t(error < 0 ? 'sync.behind' : 'sync.ahead', { time }), off: true };
}
