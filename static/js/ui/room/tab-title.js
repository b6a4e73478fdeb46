// @ts-check
/** The title of the browser's tab, and its icon: they tell where the film stands. */

import { clockTime, t } from '../i18n.js';

/**
 * The page's title and its icon tell where the film stands, also from another tab.
 * @param {import('../../room/film-state.js').Film} film
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
  if (document.title !== words) {
    document.title = words;
  }
  const link = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel=icon]'));
  const href = `/static/icons/${icons[kind]}.svg`;
  if (link.getAttribute('href') !== href) {
    link.href = href;
  }
}
