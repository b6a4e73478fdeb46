// @ts-check
/** Rows of the history and of past shows. */

import { repeat } from '/static/vendor/lit-html/directives/repeat.js';
import { html } from '/static/vendor/lit-html/lit-html.js';
import { filmWords } from '../episode-words.js';
import { clockTime, pastWords, t } from '../i18n.js';
import { icon, poster } from '../icons.js';
import { fraction, isShort, seenToTheEnd, unfinished } from './history-entries.js';
import { removalLine, removeButton } from './removal-line.js';

/** @typedef {import('../../room/api.js').View} View */
/** @typedef {import('../../room/api.js').ListedShow} ListedShow */

/**
 * @typedef {object} Actions
 * @property {readonly ListedShow[]} coming  shows that are not over
 * @property {readonly ListedShow[]} past  shows that are over
 * @property {((view: View) => void) | null} watchOn  where one may schedule shows
 * @property {import('../../room/delayed-removal.js').DelayedRemoval} removal
 */

/** How far one came, in words. @param {View} view */
export function progressWords(view) {
  const { position, duration } = view;
  if (seenToTheEnd(view)) {
    return t('history.to-the-end');
  }
  if (isShort(duration)) {
    return t('history.by-clock', { position: clockTime(position), duration: clockTime(duration) });
  }
  return t('history.in-minutes', {
    position: Math.floor(position / 60),
    duration: Math.round(duration / 60),
  });
}

/** When and with whom. @param {View} view */
function circumstances({ updated_at, company }) {
  const when = pastWords(new Date(updated_at), new Date());
  return company.length ? `${when} · ${t('history.with', { names: company.join(', ') })}` : when;
}

/** @param {View[]} views @param {Actions} actions */
export function viewRows(views, actions) {
  return html`<ul class="history" role="list">
    ${repeat(
      views,
      ({ id }) => id,
      (view) => viewRow(view, actions),
    )}
  </ul>`;
}

/** @param {View} view @param {Actions} actions */
function viewRow(view, actions) {
  const { removal } = actions;
  if (removal.state(view.id) === 'undoable') {
    return html`<li class="view">
      ${removalLine(removal, view.id, t('history.removed', { title: view.title }))}
    </li>`;
  }
  return html`<li class="view">
    ${poster({ id: view.target_id, title: view.title })}
    <div class="about">
      <h3>${view.title}</h3>
      ${view.film?.number === undefined ? '' : html`<p class="note">${filmWords(view.film)}</p>`}
      <p class="note">${circumstances(view)}</p>
      <p class="progress">
        <span class="bar" aria-hidden="true"
          ><span style="inline-size: ${Math.round(fraction(view) * 100)}%"></span></span
        ><span class="note">${progressWords(view)}</span>
      </p>
      ${viewActions(view, actions)}
    </div>
    ${removeButton(removal, {
      id: view.id,
      icon: 'trash-2',
      words: t('history.remove'),
      name: view.title,
    })}
  </li>`;
}

/** @param {View} view @param {Actions} actions */
function viewActions(view, { coming, past, watchOn }) {
  const ofView = (/** @type {ListedShow} */ { id }) => id === view.show_id;
  const open = coming.find(ofView)?.entrance;
  const over = past.find(ofView)?.entrance;
  return html`<div class="actions">
    ${open ? wayIn(open, t('history.open'), view.title) : ''}
    ${watchOn && unfinished(view) ? watchOnButton(view, watchOn) : ''}
    ${over ? wayIn(over, t('history.chat'), view.title, 'quiet') : ''}
  </div>`;
}

/** @param {View} view @param {(view: View) => void} watchOn */
function watchOnButton(view, watchOn) {
  const words = t('history.watch-on', { time: clockTime(view.position) });
  return html`<button aria-label="${words}: ${view.title}" @click=${() => watchOn(view)}>
    ${icon('play')}${words}
  </button>`;
}

/**
 * @param {string} path
 * @param {string} words
 * @param {string} title
 * @param {string} [kind] classes of app.css
 */
function wayIn(path, words, title, kind = '') {
  return html`<a class="button ${kind}" href=${path} aria-label="${words}: ${title}">${words}</a>`;
}

/**
 * Past shows of which the history says nothing: their chats stay.
 *
 * @param {ListedShow[]} shows
 * @param {boolean} isMore
 * @param {() => void} more
 */
export function earlierView(shows, isMore, more) {
  if (!shows.length) {
    return '';
  }
  return html`<section>
    <h2>${t('history.earlier')}</h2>
    <ul class="earlier" role="list">
      ${repeat(
        shows,
        ({ id }) => id,
        ({ title, movie_time, entrance }) =>
          html`<li>
            <span class="name">${title}</span>
            <span class="note">${movie_time ? pastWords(new Date(movie_time), new Date()) : ''}</span>
            ${entrance ? wayIn(entrance, t('history.chat'), title, 'quiet') : ''}
          </li>`,
      )}
    </ul>
    ${isMore ? html`<button class="more" @click=${more}>${t('history.more')}</button>` : ''}
  </section>`;
}
