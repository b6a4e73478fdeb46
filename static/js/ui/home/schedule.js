// @ts-check
/** The sheet "Schedule a show": film first, then the moment; in the end the link. */

import { live } from '/static/vendor/lit-html/directives/live.js';
import { html, render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { copyButton } from '../clipboard.js';
import { exactWords, t } from '../i18n.js';
import { icon, poster } from '../icons.js';
import { problemWords } from '../problem-words.js';
import { controlField, MomentField, waitingField } from './show-fields.js';
import { whyNot } from './unplayable.js';

export class ScheduleSheet {
  /** @type {api.Title[]} */
  #films = [];
  #filmId = '';
  #title = '';
  #titleTouched = false;
  #moment = new MomentField('moment', () => this.show());
  /** @type {api.Control} */
  #control = 'host';
  /** @type {api.WaitPolicy} */
  #waiting = 'never';
  #name = '';
  /** @type {api.Person | null} */
  #person = null;
  #trouble = '';
  #busy = false;
  /** @type {api.Show | null} */
  #created = null;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {{opened: (open: boolean) => void, named: (person: api.Person) => void, scheduled: () => void}} callbacks
   */
  constructor(dialog, callbacks) {
    this.dialog = dialog;
    this.callbacks = callbacks;
    dialog.addEventListener('close', () => callbacks.opened(false));
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) {
        dialog.close();
      }
    });
  }

  /**
   * @param {api.Person | null} person who schedules, where they have a name already
   * @param {api.Title} [film] chosen before
   */
  async open(person, film) {
    this.#person = person;
    this.#created = null;
    this.#trouble = '';
    this.#title = '';
    this.#titleTouched = false;
    this.#moment.choose('soon');
    if (film && !this.#films.length) {
      this.#films = [film];
    }
    this.#chooseFilm(film?.id ?? '');
    this.show();
    this.callbacks.opened(true);
    if (!this.dialog.open) {
      this.dialog.showModal();
    }
    try {
      this.#films = await api.allTitles();
      this.#chooseFilm(this.#filmId || (this.#films.find(({ state }) => state === 'ready')?.id ?? ''));
    } catch (problem) {
      this.#trouble = problemWords(problem);
    }
    this.show();
  }

  /** @param {string} id */
  #chooseFilm(id) {
    this.#filmId = id;
    if (!this.#titleTouched) {
      this.#title = this.#film?.title ?? '';
    }
    this.show();
  }

  get #film() {
    return this.#films.find(({ id }) => id === this.#filmId);
  }

  /** @param {Event} event */
  async #create(event) {
    event.preventDefault();
    const { date } = this.#moment;
    if (!this.#filmId) {
      return this.#say(t('schedule.choose-film'));
    }
    if (!date) {
      return this.#say(t('schedule.choose-time'));
    }
    this.#busy = true;
    this.#say('');
    try {
      await this.#introduce();
      this.#created = await api.schedule({
        target_id: this.#filmId,
        movie_time: date.toISOString(),
        title: this.#title.trim() || undefined,
        control: this.#control,
        waiting: this.#waiting,
      });
      this.callbacks.scheduled();
    } catch (problem) {
      this.#trouble = problemWords(problem);
    }
    this.#busy = false;
    this.show();
    if (this.#created) {
      this.dialog.querySelector('input')?.select();
    }
  }

  /** Who has no name yet gets one now, the typed or a modest one. */
  async #introduce() {
    if (this.#person) {
      return;
    }
    const { user } = await api.makePassport(this.#name.trim() || t('name.default'));
    this.#person = { ...user, guest: true, may: { host: true } };
    this.callbacks.named(this.#person);
  }

  /** @param {string} trouble */
  #say(trouble) {
    this.#trouble = trouble;
    this.show();
  }

  /** Draw the sheet as things stand. */
  show() {
    render(
      html`<header>
          <h2 id="sheet-heading">${t(this.#created ? 'schedule.ready' : 'schedule.heading')}</h2>
          <button class="quiet square" aria-label=${t('action.close')} @click=${() => this.dialog.close()}>
            ${icon('x')}
          </button>
        </header>
        ${this.#created ? this.#madeView(this.#created) : this.#form()}`,
      this.dialog,
    );
  }

  /** @param {api.Show} made */
  #madeView(made) {
    const link = made.link ?? '';
    const time = made.sessions[0]?.movie_time;
    return html`<div class="created">
      <p class="of">
        ${poster({ id: made.target_id, title: made.title })}
        <span><strong>${made.title}</strong><br />${time ? exactWords(new Date(time)) : ''}</span>
      </p>
      <label class="field">
        <span>${t('link.field')}</span>
        <input
          class="link"
          readonly
          .value=${link}
          @focus=${(/** @type {FocusEvent & {target: HTMLInputElement}} */ { target }) => target.select()}
        />
      </label>
      <p class="note">${t('link.hint')}</p>
      <div class="actions">
        ${copyButton(link, 'main')}
        <a class="button" href=${link ? new URL(link, location.href).pathname : '/'}>
          ${icon('door-open')}${t('schedule.go')}
        </a>
      </div>
    </div>`;
  }

  #form() {
    return html`<form @submit=${(/** @type {Event} */ event) => this.#create(event)} novalidate>
      ${this.#filmField()} ${this.#moment.view()}
      <div class="field">
        <label for="title">${t('schedule.title')}</label>
        <input
          id="title"
          maxlength="200"
          .value=${live(this.#title)}
          @input=${(/** @type {InputEvent & {target: HTMLInputElement}} */ { target }) => {
            this.#title = target.value;
            this.#titleTouched = true;
          }}
        />
      </div>
      ${controlField(this.#control, (control) => (this.#control = control))}
      ${waitingField(this.#waiting, (waiting) => (this.#waiting = waiting))}
      ${this.#person ? '' : this.#nameField()}
      <p class="trouble" role="alert">
        ${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}
      </p>
      <div class="actions">
        <button class="main" ?disabled=${this.#busy}>${t('schedule.create')}</button>
      </div>
    </form>`;
  }

  #filmField() {
    const choose = (/** @type {Event & {target: HTMLSelectElement}} */ { target }) =>
      this.#chooseFilm(target.value);
    return html`<div class="field">
      <label for="film">${t('schedule.film')}</label>
      <select id="film" @change=${choose} .value=${live(this.#filmId)}>
        ${this.#films.length ? '' : html`<option value="">${t('schedule.no-films')}</option>`}
        ${this.#films.map(
          (film) =>
            html`<option
              value=${film.id}
              ?disabled=${film.state !== 'ready'}
              .selected=${film.id === this.#filmId}
            >
              ${film.title}${film.state === 'ready' ? '' : ` — ${whyNot(film)}`}
            </option>`,
        )}
      </select>
    </div>`;
  }

  #nameField() {
    return html`<div class="field">
      <label for="name">${t('name.field')}</label>
      <input
        id="name"
        maxlength="40"
        autocomplete="nickname"
        placeholder=${t('name.default')}
        aria-describedby="name-hint"
        .value=${live(this.#name)}
        @input=${(/** @type {InputEvent & {target: HTMLInputElement}} */ { target }) => (this.#name = target.value)}
      />
      <span id="name-hint" class="note">${t('name.hint')}</span>
    </div>`;
  }
}
