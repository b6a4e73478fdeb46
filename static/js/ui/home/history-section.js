// @ts-check
/** What one has watched, and past shows, on the home page. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { DelayedRemoval } from '../../room/delayed-removal.js';
import { PagedList } from '../../room/paged-list.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';
import { beganAt, unwatched } from './history-entries.js';
import { earlierView, viewRows } from './history-rows.js';
import { drawKeepingFocus } from './removal-line.js';

/** @typedef {api.View} View */

/** Entries of the history that are asked for at a time. */
const PAGE = 6;
/** Past shows that are asked for at a time. */
const PAST_PAGE = 50;

/** Where the focus goes when its row is gone. */
const HEADING = 'history-heading';

/**
 * @typedef {object} Surroundings
 * @property {() => void} changed  called when it has to be drawn anew
 * @property {() => readonly api.ListedShow[]} coming  shows that are not over
 * @property {() => boolean} mayHost  whether one may schedule shows
 */

export class HistorySection {
  #around;
  /** @type {PagedList<View, void>} */
  #views = new PagedList((_, cursor) => api.history({ cursor, limit: PAGE }));
  /** @type {PagedList<api.ListedShow, void>} */
  #past = new PagedList((_, cursor) => api.pastShows({ cursor, limit: PAST_PAGE }));
  #removal;
  #trouble = '';
  /** Whether one is being asked whether to clear it. */
  #asks = false;
  #busy = false;

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
    this.#removal = new DelayedRemoval({
      remove: (id) => this.#remove(id),
      changed: () => drawKeepingFocus(around.changed, HEADING),
    });
    addEventListener('pagehide', () => this.#removal.flush());
  }

  /** Ask for the newest; resolves to whether the answers count, rejects where there are none. */
  async load() {
    const counts = await Promise.all([this.#views.load(), this.#past.load()]);
    return counts.every(Boolean);
  }

  /**
   * Ask the server; say in words what it refuses.
   *
   * @param {() => Promise<unknown>} work
   */
  async #do(work) {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    this.#trouble = '';
    this.#around.changed();
    try {
      await work();
    } catch (problem) {
      this.#trouble = problemWords(problem);
    }
    this.#busy = false;
    this.#around.changed();
  }

  /** @param {string} id */
  async #remove(id) {
    try {
      await api.deleteView(id);
    } catch (problem) {
      // Deleted elsewhere is deleted as well.
      if (!(problem instanceof api.Problem) || problem.code !== 'unknown_view') {
        this.#trouble = problemWords(problem);
        return;
      }
    }
    this.#views.change((known) => known.filter((view) => view.id !== id));
  }

  #clear() {
    return this.#do(async () => {
      await api.clearHistory();
      this.#asks = false;
      await this.#views.load();
      document.querySelector('main')?.focus();
    });
  }

  /** Schedule a show that stands where one stopped, and go there. @param {View} view */
  #watchOn(view) {
    return this.#do(async () => {
      const { link } = await api.schedule({
        // An episode by itself is planned as a film.
        target_id: view.target_id,
        target_type: 'movie',
        movie_time: beganAt(view, api.serverDate()).toISOString(),
        title: view.title,
      });
      location.assign(link ? new URL(link, location.href).pathname : '/');
    });
  }

  /** @param {boolean} asks */
  #ask(asks) {
    this.#asks = asks;
    this.#around.changed();
    document.getElementById(asks ? 'history-keep' : 'history-clear')?.focus();
  }

  /** What was watched, and below it the past shows that it does not tell of; nothing where there is none. */
  view() {
    const { items, next } = this.#views;
    if (items === null) {
      return '';
    }
    const views = items.filter(({ id }) => this.#removal.state(id) !== 'ending');
    const earlier = unwatched(this.#past.items ?? [], items, next === null);
    return html`${views.length || this.#trouble ? this.#watched(views) : ''}
    ${earlierView(earlier, this.#past.next !== null && next === null, () => this.#do(() => this.#past.more()))}`;
  }

  /** @param {View[]} views */
  #watched(views) {
    const actions = {
      coming: this.#around.coming(),
      past: this.#past.items ?? [],
      watchOn: this.#around.mayHost() ? (/** @type {View} */ view) => this.#watchOn(view) : null,
      removal: this.#removal,
    };
    return html`<section>
      <div class="row">
        <h2 id=${HEADING} tabindex="-1">${t('history.heading')}</h2>
        ${
          this.#asks || !views.length
            ? ''
            : html`<button id="history-clear" class="quiet by-heading" @click=${() => this.#ask(true)}>
                ${icon('trash-2')}${t('history.clear')}
              </button>`
        }
      </div>
      ${this.#asks ? this.#question() : ''}
      <p class="trouble" role="alert">${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}</p>
      ${viewRows(views, actions)}
      ${
        this.#views.next === null
          ? ''
          : html`<button class="more" @click=${() => this.#do(() => this.#views.more())}>${t('history.more')}</button>`
      }
    </section>`;
  }

  #question() {
    return html`<div class="sure-line" role="group" aria-labelledby="clear-sure">
      <p id="clear-sure">${t('history.clear-sure')}</p>
      <div class="actions">
        <button class="danger" aria-describedby="clear-sure" @click=${() => this.#clear()}>
          ${icon('trash-2')}${t('history.clear')}
        </button>
        <button id="history-keep" aria-describedby="clear-sure" @click=${() => this.#ask(false)}>
          ${t('history.keep')}
        </button>
      </div>
    </div>`;
  }
}
