// @ts-check
/** The owner's address, opened by somebody without a name: it is asked for, then they are the owner. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';

export class OwnerForm {
  #trouble = '';
  #busy = false;

  /** @param {() => void} changed is called when it has to be drawn anew */
  constructor(changed) {
    this.changed = changed;
  }

  /** @param {SubmitEvent & {currentTarget: HTMLFormElement}} event */
  async #enter(event) {
    event.preventDefault();
    if (this.#busy) {
      return;
    }
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim();
    if (!name) {
      this.#say(t('name.missing'));
      return;
    }
    this.#busy = true;
    this.#say('');
    try {
      await api.makePassport(name);
      // The same address once more: now the server knows whom to make an owner.
      location.reload();
    } catch (problem) {
      this.#busy = false;
      this.#say(problemWords(problem));
    }
  }

  /** @param {string} trouble */
  #say(trouble) {
    this.#trouble = trouble;
    this.changed();
  }

  /** What is drawn. */
  view() {
    return html`<section class="hero">
      <h1>${t('owner.heading')}</h1>
      <p>${t('owner.words')}</p>
      <form
        class="owner"
        novalidate
        @submit=${(/** @type {SubmitEvent & {currentTarget: HTMLFormElement}} */ event) => this.#enter(event)}
      >
        <label class="field">
          <span>${t('name.field')}</span>
          <input
            name="name"
            maxlength="40"
            autocomplete="nickname"
            enterkeyhint="go"
            aria-describedby="owner-trouble"
            aria-invalid=${this.#trouble ? 'true' : 'false'}
          />
        </label>
        <button class="main" aria-disabled=${this.#busy ? 'true' : 'false'}>
          ${icon('door-open')}${t('owner.enter')}
        </button>
        <p id="owner-trouble" class="trouble" role="alert">
          ${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}
        </p>
      </form>
    </section>`;
  }
}
