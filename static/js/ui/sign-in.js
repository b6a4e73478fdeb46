// @ts-check
/** Signing in at the Auth service, signing out, and the offer to take a guest's shows along. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../room/api.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { problemWords } from './problem-words.js';

/** Whether there is an Auth service to sign in at; the server says so on the page. */
export const canSignIn = () => 'signIn' in document.documentElement.dataset;

/** Whether a name is enough to come in. */
export const guestsMayEnter = () => !('noGuests' in document.documentElement.dataset);

/** The page to which the Auth service leads back: who signs in there again goes on to where they were. */
const RETURN_PATH = '/sign-in/return';

/** Where to sign in, and come back to this page. */
export function signInAddress() {
  if (location.pathname === RETURN_PATH) {
    return '/sign-in';
  }
  return `/sign-in?${new URLSearchParams({ to: location.pathname + location.search })}`;
}

/** @param {string} [look] a class of app.css */
export function signInLink(look = '') {
  if (!canSignIn()) {
    return '';
  }
  return html`<a class="button ${look}" href=${signInAddress()}>${icon('user-round')}${t('sign-in.in')}</a>`;
}

/** @param {(words: string) => void} failed called with the reason, in words */
export function signOutButton(failed) {
  const signOut = async () => {
    try {
      await api.signOut();
      location.reload();
    } catch (problem) {
      failed(problemWords(problem));
    }
  };
  return html`<button type="button" class="quiet" @click=${signOut}>${t('sign-in.out')}</button>`;
}

/** The offer to take along the shows of the guest that somebody was before they signed in. */
export class TakingAlong {
  #trouble = '';
  #busy = false;
  #callbacks;

  /** @param {{changed: () => void, done: () => void}} callbacks `done` once it is decided */
  constructor(callbacks) {
    this.#callbacks = callbacks;
  }

  /** @param {{name: string}} guest */
  view({ name }) {
    const busy = this.#busy ? 'true' : 'false';
    return html`<section class="offer" aria-labelledby="offer-heading">
      <h2 id="offer-heading">${t('along.heading')}</h2>
      <p>${t('along.question', { name })}</p>
      <p class="note">${t('along.hint', { name })}</p>
      <div class="actions">
        <button class="main" aria-disabled=${busy} @click=${() => this.#decide(api.takeShowsAlong)}>
          ${t('along.take')}
        </button>
        <button aria-disabled=${busy} @click=${() => this.#decide(api.leaveGuest)}>${t('along.leave')}</button>
      </div>
      <p class="trouble" role="alert">
        ${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}
      </p>
    </section>`;
  }

  /** @param {() => Promise<unknown>} ask */
  async #decide(ask) {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    this.#say('');
    try {
      await ask();
      this.#callbacks.done();
    } catch (problem) {
      this.#say(problemWords(problem));
    }
    this.#busy = false;
    this.#callbacks.changed();
  }

  /** @param {string} trouble */
  #say(trouble) {
    this.#trouble = trouble;
    this.#callbacks.changed();
  }
}
