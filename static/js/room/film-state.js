// @ts-check
/** Where the film stands for the room, and how this page's picture does against it, in words. */

import { clockTime, secondsWords, t } from '../ui/i18n.js';
import { IN_SYNC_S } from '../sync/following.js';

/**
 * @typedef {object} Film
 * @property {number} position s; below zero it begins in that many
 * @property {number} duration s
 * @property {number} rate that it runs at whenever it runs
 * @property {boolean} paused whether the room wants it to stand (ordered, perhaps not yet in force)
 * @property {boolean} begun
 * @property {boolean} over
 */

/**
 * @param {import('../sync/timeline.js').Timelines} timelines
 * @param {number} now server time, s
 * @param {number} duration s
 * @param {number} lastRate what it ran at before it was paused
 * @returns {Film}
 */
export function filmAt(timelines, now, duration, lastRate) {
  const timeline = timelines.inForce(now);
  const newest = timelines.newest ?? timeline;
  if (!timeline || !newest) {
    return { position: 0, duration, rate: 1, paused: true, begun: false, over: false };
  }
  const position = Math.min(timeline.position + (now - timeline.instant) * timeline.rate, duration);
  return {
    position,
    duration,
    rate: newest.rate || lastRate,
    paused: newest.rate === 0 || position >= duration,
    begun: position >= 0,
    over: position >= duration,
  };
}

/**
 * Where one's own picture stands, for who watches on their own.
 * @param {{currentTime: number, playbackRate: number, paused: boolean, ended: boolean}} video
 * @param {number} duration s
 * @returns {Film}
 */
export function ownFilm({ currentTime, playbackRate, paused, ended }, duration) {
  return {
    position: Math.min(currentTime, duration),
    duration,
    rate: playbackRate,
    paused: paused || ended,
    begun: true,
    over: ended,
  };
}

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
 * @returns {Status}
 */
export function syncStatus({ state, error, position }, film, lost) {
  /** @type {(kind: Status['kind'], key: string, values?: import('../ui/i18n.js').Values) => Status} */
  const say = (kind, key, values) => ({ kind, words: t(`sync.${key}`, values) });
  if (state === 'own') return say('still', 'own');
  if (lost) return say('warn', film.begun && !film.paused ? 'lost' : 'reconnecting');
  if (film.over) return say('still', 'over');
  // A picture that stands and waits for data shows how far it is behind by itself.
  const away = state === 'stalled' && film.begun ? (error ?? position - film.position) : error;
  const off = away === null || Math.abs(away) < MIN_SHOWN_ERROR_S ? null : away;
  switch (state) {
    case 'locked':
      return say('ok', 'in-step');
    case 'nudge':
      if (off !== null) return behind(off);
      return Math.abs(error ?? 0) > IN_SYNC_S ? say('busy', 'catching-up') : say('ok', 'in-step');
    case 'paused':
      return film.begun ? say('still', 'paused') : say('still', 'ready');
    case 'armed':
      return film.begun ? say('busy', 'catching-up') : say('ok', 'ready');
    case 'stalled':
      return off === null ? say('busy', 'stalled') : behind(off);
    case 'preroll':
      if (!film.begun) return say('busy', 'waiting');
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

/**
 * The page's title and its icon tell where the film stands, also from another tab.
 * @param {Film} film
 * @param {string} title
 */
export function showInTab(film, title) {
  const kind = film.over
    ? 'over'
    : !film.begun
      ? film.paused
        ? 'held'
        : 'countdown'
      : film.paused
        ? 'paused'
        : 'playing';
  const icons = {
    over: 'seans',
    held: 'waiting',
    countdown: 'waiting',
    paused: 'paused',
    playing: 'playing',
  };
  const words = t(`title.${kind}`, { time: clockTime(Math.abs(film.position)), title });
  if (document.title !== words) document.title = words;
  const link = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel=icon]'));
  const href = `/static/icons/${icons[kind]}.svg`;
  if (link.getAttribute('href') !== href) link.href = href;
}
