// @ts-check
/** Friends on the home page: who watches something now, and the list of all. */

import { repeat } from '/static/vendor/lit-html/directives/repeat.js';
import { html } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { DelayedRemoval } from '../../room/delayed-removal.js';
import { PagedList } from '../../room/paged-list.js';
import { t } from '../i18n.js';
import { face, icon } from '../icons.js';
import { problemWords } from '../problem-words.js';
import { drawKeepingFocus, removalLine, removeButton } from './removal-line.js';

/** @typedef {api.Friend} Friend */

/** Where the focus goes when its row is gone. */
const HEADING = 'friends-heading';

export class FriendsSection {
  /** @type {PagedList<Friend, void>} */
  #friends = new PagedList(async () => ({ items: await api.friends(), next: null }));
  #trouble = '';
  #removal;

  /** @param {() => void} changed called when it has to be drawn anew */
  constructor(changed) {
    this.#removal = new DelayedRemoval({
      remove: (id) => this.#remove(id),
      changed: () => drawKeepingFocus(changed, HEADING),
    });
    addEventListener('pagehide', () => this.#removal.flush());
  }

  /** Ask for the friends; resolves to whether the answer counts, rejects where there is none. */
  load() {
    return this.#friends.load();
  }

  /** @param {string} id of the bookmark */
  async #remove(id) {
    this.#trouble = '';
    try {
      await api.deleteBookmark(id);
    } catch (problem) {
      // Deleted elsewhere is deleted as well.
      if (!(problem instanceof api.Problem) || problem.code !== 'unknown_bookmark') {
        this.#trouble = problemWords(problem);
        return;
      }
    }
    this.#friends.change((known) => known.filter(({ bookmark_id }) => bookmark_id !== id));
  }

  /** Who watches something that one may join: nothing where nobody does. */
  watchingView() {
    const watching = (this.#friends.items ?? []).filter(
      ({ bookmark_id: id, watching }) => watching && this.#removal.state(id) === 'kept',
    );
    if (!watching.length) {
      return '';
    }
    return html`<section>
      <h2>${t('friends.watching')}</h2>
      <ul class="watching" role="list">
        ${repeat(
          watching,
          ({ id }) => id,
          (friend) => watchingRow(friend),
        )}
      </ul>
    </section>`;
  }

  /** All friends, or how one gets some; nothing until they are known. */
  view() {
    if (this.#friends.items === null) {
      return '';
    }
    const friends = this.#friends.items.filter(({ bookmark_id: id }) => this.#removal.state(id) !== 'ending');
    return html`<section class="friends-section">
      <h2 id=${HEADING} tabindex="-1">${t('friends.heading')}</h2>
      ${
        friends.length
          ? html`<ul class="friends" role="list">
              ${repeat(
                friends,
                ({ id }) => id,
                (friend) => this.#row(friend),
              )}
            </ul>`
          : html`<p class="note">${t('friends.none')}</p>`
      }
      <p class="trouble" role="alert">${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}</p>
    </section>`;
  }

  /** @param {Friend} friend */
  #row({ id, name, mutual, bookmark_id: bookmark }) {
    const user = { id, name: name || t('friends.nameless') };
    if (this.#removal.state(bookmark) === 'undoable') {
      return html`<li class="friend">
        ${removalLine(this.#removal, bookmark, t('friends.removed', { name: user.name }))}
      </li>`;
    }
    return html`<li class="friend">
      ${face(user)}
      <div class="who">
        <p class="name">${user.name}</p>
        <p class="note">${icon(mutual ? 'users' : 'user-round')}${t(mutual ? 'friends.mutual' : 'friends.one-way')}</p>
      </div>
      ${removeButton(this.#removal, {
        id: bookmark,
        icon: 'user-minus',
        words: t('friends.remove'),
        name: user.name,
      })}
    </li>`;
  }
}

/** @param {Friend} friend one who watches something */
function watchingRow({ id, name, watching }) {
  if (!watching) {
    return '';
  }
  return html`<li class="friend">
    ${face({ id, name })}
    <div class="who">
      <p class="name">${name}</p>
      <p class="note">${icon('play')}${t('friends.at', { title: watching.title })}</p>
    </div>
    <a
      class="button"
      href=${new URL(watching.link, location.href).pathname}
      aria-label="${t('show.join')}: ${watching.title}, ${name}"
      >${t('show.join')}</a
    >
  </li>`;
}
