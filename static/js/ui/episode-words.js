// @ts-check
/** What an episode is called: its number, and its own title where it has one. */

import { t } from './i18n.js';

/**
 * @typedef {object} Numbered
 * @property {string} [series]
 * @property {number | null} [season]  0 for specials, null where episodes are numbered throughout
 * @property {number} [number]
 * @property {number} [number_to]  the last one where a file holds several
 * @property {string} title
 */

/** @param {Numbered} film */
export function numberWords({ season = null, number, number_to: last }) {
  const numbers = last === undefined ? String(number) : `${number}–${last}`;
  if (season === 0) {
    return t('episode.special', { numbers });
  }
  return season === null ? t('episode.plain', { numbers }) : t('episode.numbered', { season, numbers });
}

/**
 * A movie's title, or an episode's number and title.
 *
 * @param {Numbered | undefined} film
 */
export function filmWords(film) {
  if (!film) {
    return t('episode.gone');
  }
  if (film.number === undefined) {
    return film.title;
  }
  // Without a title of its own it is called by its series and number, which are said already.
  const own = film.series !== undefined && film.title.startsWith(`${film.series} · `) ? '' : film.title;
  return own ? `${numberWords(film)} · ${own}` : numberWords(film);
}
