// @ts-check
/** The dialog with the address by which a calendar app follows all of one's shows. */

import { html, nothing, render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { copyButton } from '../clipboard.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';

export class CalendarDialog {
  #dialog;
  #opened;
  /** Null until it is known. @type {string | null} */
  #url = null;
  #trouble = '';
  #busy = false;
  #shown = false;
  /** Whether one is being asked whether to replace the address. */
  #asks = false;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {(open: boolean) => void} opened
   */
  constructor(dialog, opened) {
    this.#dialog = dialog;
    this.#opened = opened;
    dialog.addEventListener('close', () => {
      this.#shown = false;
      render(nothing, dialog);
      opened(false);
    });
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) {
        dialog.close();
      }
    });
  }

  open() {
    this.#shown = true;
    this.#url = null;
    this.#asks = false;
    this.#opened(true);
    this.#show();
    this.#dialog.showModal();
    return this.#fetch(async () => (await api.calendarAddress()).url ?? (await api.renewCalendar()).url);
  }

  #replace() {
    return this.#fetch(async () => {
      const { url } = await api.renewCalendar();
      this.#asks = false;
      return url;
    });
  }

  /** @param {() => Promise<string | null>} ask */
  async #fetch(ask) {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    this.#trouble = '';
    this.#show();
    try {
      this.#url = await ask();
    } catch (problem) {
      this.#trouble = problemWords(problem);
    }
    this.#busy = false;
    this.#show();
  }

  /** @param {boolean} asks */
  #ask(asks) {
    this.#asks = asks;
    this.#show();
    /** @type {HTMLElement | null} */ (this.#dialog.querySelector('[autofocus]'))?.focus();
  }

  #show() {
    // Whoever has closed it meanwhile sees nothing of the answer.
    if (!this.#shown) {
      return;
    }
    render(
      html`<header>
          <h2 id="calendar-heading">${t('calendar.heading')}</h2>
          <button class="quiet square" aria-label=${t('action.close')} @click=${() => this.#dialog.close()}>
            ${icon('x')}
          </button>
        </header>
        <p>${t('calendar.about')}</p>
        ${this.#url === null ? '' : this.#address(this.#url)}
        <p class="trouble" role="alert">
          ${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}
        </p>`,
      this.#dialog,
    );
  }

  /** @param {string} url */
  #address(url) {
    return html`<label class="field address">
        <span>${t('calendar.field')}</span>
        <input
          readonly
          .value=${url}
          @focus=${(/** @type {FocusEvent & {target: HTMLInputElement}} */ { target }) => target.select()}
        />
      </label>
      <p class="note">${t('calendar.secret')}</p>
      <div class="actions">
        ${copyButton(url, 'main', t('calendar.copy'))}
        <a class="button" href=${url.replace(/^https?:/, 'webcal:')}>${icon('calendar-sync')}${t('calendar.app')}</a>
      </div>
      ${
        this.#asks
          ? html`<p id="calendar-sure" class="sure">${t('calendar.replace-sure')}</p>
              <div class="actions">
                <button class="danger" aria-describedby="calendar-sure" @click=${() => this.#replace()}>
                  ${icon('rotate-cw')}${t('calendar.replace')}
                </button>
                <button autofocus aria-describedby="calendar-sure" @click=${() => this.#ask(false)}>
                  ${t('calendar.keep')}
                </button>
              </div>`
          : html`<div class="actions">
              <button class="quiet" autofocus @click=${() => this.#ask(true)}>
                ${icon('rotate-cw')}${t('calendar.replace')}
              </button>
            </div>`
      }`;
  }
}
