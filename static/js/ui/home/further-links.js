// @ts-check
/** Further links of a show: who opens one is invited by it, also where the show's own link is not enough. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { copyButton } from '../clipboard.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';

export class FurtherLinks {
  #changed;
  #show = '';
  /** Null until known. @type {api.Invite[] | null} */
  #links = null;
  #trouble = '';
  #busy = false;

  /** @param {() => void} changed called when it has to be drawn anew */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Ask for the links of another show. @param {string} show */
  open(show) {
    this.#show = show;
    this.#links = null;
    this.#busy = false;
    return this.#do(async () => {});
  }

  /**
   * Do something, then ask for the links as they are. What comes after another show was opened is of
   * no interest any more.
   *
   * @param {(show: string) => Promise<unknown>} work
   */
  async #do(work) {
    if (this.#busy) {
      return;
    }
    const show = this.#show;
    this.#busy = true;
    this.#trouble = '';
    this.#changed();
    let trouble = '';
    let links = this.#links;
    try {
      await work(show);
      const { items } = await api.invites(show);
      links = items.filter((invite) => !invite.own && usable(invite));
    } catch (problem) {
      trouble = problemWords(problem);
    }
    if (show === this.#show) {
      this.#busy = false;
      this.#trouble = trouble;
      this.#links = links;
      this.#changed();
    }
  }

  view() {
    return html`<div class="further-links">
      <p>${t('links.about')}</p>
      ${
        this.#links?.length
          ? html`<ul class="links" role="list">
              ${this.#links.map((invite, at) => this.#row(invite, at + 1))}
            </ul>`
          : ''
      }
      <div class="actions">
        ${this.#newLink('user-round-plus', t('links.for-one'), { uses: 1 }, this.#links?.length ? '' : 'main')}
        ${this.#newLink('users', t('links.for-some'), {})}
      </div>
      <p class="trouble" role="alert">${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}</p>
    </div>`;
  }

  /**
   * @param {string} picture
   * @param {string} words
   * @param {{uses?: number}} request
   * @param {string} [kind] classes of app.css
   */
  #newLink(picture, words, request, kind = '') {
    return html`<button
      type="button"
      class=${kind}
      aria-disabled=${this.#busy ? 'true' : 'false'}
      @click=${() => this.#do((show) => api.makeInvite(show, request))}
    >
      ${icon(picture)}${words}
    </button>`;
  }

  /** @param {api.Invite} invite @param {number} count */
  #row({ id, link, uses, used }, count) {
    return html`<li>
      <label>
        <span class="note">${uses === 1 ? t('links.one', { count }) : t('links.some', { count, used })}</span>
        <input
          readonly
          .value=${link}
          @focus=${(/** @type {FocusEvent & {target: HTMLInputElement}} */ { target }) => target.select()}
        />
      </label>
      ${copyButton(link, '', t('links.copy', { count }))}
      <button
        type="button"
        class="quiet square"
        title=${t('links.revoke')}
        aria-label=${t('links.revoke-which', { count })}
        @click=${() => this.#do((show) => api.revokeInvite(show, id))}
      >
        ${icon('trash-2')}
      </button>
    </li>`;
  }
}

/** @param {api.Invite} invite */
function usable({ uses, used, expires }) {
  const isUsedUp = uses !== null && used >= uses;
  return !isUsedUp && (expires === null || Date.parse(expires) > api.serverDate().getTime());
}
