// @ts-check
/** Icons of the one set, and the faces and posters that are drawn from an id. */

import { html, svg } from '/static/vendor/lit-html/lit-html.js';

/** @param {string} name of a Lucide icon that package.json lists; what it says must stand beside it in words */
export function icon(name) {
  return html`<svg class="icon" aria-hidden="true">
    ${svg`<use href="/static/vendor/icons.svg#${name}"></use>`}
  </svg>`;
}

/**
 * A hue that an id always has, degrees.
 * @param {string} id
 */
export function hue(id) {
  let hash = 2166136261;
  for (const character of id) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  }
  return (hash >>> 0) % 360;
}

/**
 * Up to two letters that stand for a name.
 * @param {string} name
 */
export function initials(name) {
  const parts = name.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = parts.slice(0, 2).map((word) => word.match(/[\p{L}\p{N}]/u)?.[0] ?? '');
  return letters.join('').toLocaleUpperCase() || '·';
}

/**
 * @param {{id: string, name: string}} user
 * @param {string} [size] a class of app.css
 */
export function face(user, size = '') {
  return html`<span class="face ${size}" style="--hue: ${hue(user.id)}" aria-hidden="true"
    >${initials(user.name)}</span
  >`;
}

/**
 * A film's poster, or a card drawn in its place.
 * @param {{id: string, title: string, poster?: string | null}} film
 */
export function poster(film) {
  if (film.poster) {
    return html`<img class="poster" src=${film.poster} alt="" loading="lazy" />`;
  }
  return html`<span class="poster drawn" style="--hue: ${hue(film.id)}" aria-hidden="true">
    <span>${initials(film.title)}</span>
  </span>`;
}
