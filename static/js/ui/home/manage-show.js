// @ts-check
/** The dialog by which a host manages a coming show: another time, how it is run, calling it off. */

import { html, nothing, render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';
import { FurtherLinks } from './further-links.js';
import { accessField, controlField, MomentField, slowModeField, waitingField } from './show-fields.js';

/** @typedef {'menu' | 'time' | 'access' | 'links' | 'control' | 'waiting' | 'slow' | 'off'} Step */

/** The dialog about one show; every step of it is left by Escape, and what was changed is callbacks. */
export class ManageShowDialog {
  #dialog;
  #callbacks;
  #moment = new MomentField('new-moment', () => this.#show());
  /** @type {api.Show | null} */
  #shown = null;
  #links = new FurtherLinks(() => this.#show());
  /** @type {api.Access} */
  #access = 'link';
  /** @type {api.Control} */
  #control = 'host';
  /** @type {api.WaitPolicy} */
  #waiting = 'never';
  #slowMode = 0;
  /** @type {Step} */
  #step = 'menu';
  #trouble = '';
  #busy = false;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {{
   *   opened: (open: boolean) => void,
   *   changed: (show: api.Show) => void,
   *   calledOff: (show: api.Show) => void,
   * }} callbacks
   */
  constructor(dialog, callbacks) {
    this.#dialog = dialog;
    this.#callbacks = callbacks;
    dialog.addEventListener('close', () => this.#leave());
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) {
        dialog.close();
      }
    });
  }

  /**
   * @param {api.Show} show
   * @param {Step} [step] to begin with
   */
  open(show, step = 'menu') {
    this.#shown = show;
    this.#busy = false;
    this.#access = show.access;
    this.#control = show.control;
    this.#waiting = show.waiting;
    this.#slowMode = show.slow_mode;
    this.#go(step);
    this.#callbacks.opened(true);
    this.#dialog.showModal();
  }

  /** Nothing stays in the document under the names of fields that the sheet has too. */
  #leave() {
    this.#shown = null;
    this.#show();
    this.#callbacks.opened(false);
  }

  get #scheduled() {
    return this.#shown?.sessions.find(({ state }) => state === 'scheduled');
  }

  /** @param {Step} step */
  #go(step) {
    this.#step = step;
    this.#trouble = '';
    if (step === 'time' && this.#scheduled) {
      this.#moment.set(new Date(this.#scheduled.movie_time));
    }
    if (step === 'links' && this.#shown) {
      this.#links.open(this.#shown.id);
    }
    this.#show();
    const first = '[autofocus], input:checked, input[type="datetime-local"]';
    /** @type {HTMLElement | null} */ (this.#dialog.querySelector(first))?.focus();
  }

  /**
   * Ask the server, then close, or go to another step; what it refuses is said, and the step stays.
   * @param {(show: api.Show) => Promise<void>} work
   * @param {Step | null} [next]
   */
  async #do(work, next = null) {
    const show = this.#shown;
    if (!show || this.#busy) {
      return;
    }
    this.#busy = true;
    this.#say('');
    let trouble = '';
    try {
      await work(show);
    } catch (problem) {
      trouble = problemWords(problem);
    }
    // Whoever left meanwhile may be busy with another show by now.
    if (this.#shown !== show) {
      return;
    }
    this.#busy = false;
    if (trouble) {
      this.#say(trouble);
    } else if (next) {
      this.#go(next);
    } else {
      this.#dialog.close();
    }
  }

  /** @param {Event} event */
  #changeTime(event) {
    event.preventDefault();
    const { date } = this.#moment;
    const session = this.#scheduled;
    if (!date || !session) {
      return this.#say(t('schedule.choose-time'));
    }
    return this.#do(async (show) => {
      const { movie_time, state } = await api.reschedule(session.id, date.toISOString());
      const sessions = show.sessions.map((old) =>
        old.id === session.id ? { ...old, movie_time, state } : old,
      );
      this.#callbacks.changed({ ...show, sessions });
    });
  }

  /**
   * @param {Event} event
   * @param {{access?: api.Access, control?: api.Control, waiting?: api.WaitPolicy, slow_mode?: number}} change
   */
  #changeShow(event, change) {
    event.preventDefault();
    // By the show's own link nobody can be invited then: the links by which one can come next.
    const next = change.access === 'invited' ? 'links' : null;
    return this.#do(async ({ id }) => this.#callbacks.changed(await api.changeShow(id, change)), next);
  }

  #callOff() {
    return this.#do(async (show) => {
      await api.deleteShow(show.id);
      this.#callbacks.calledOff(show);
    });
  }

  /** @param {string} trouble */
  #say(trouble) {
    this.#trouble = trouble;
    this.#show();
  }

  #show() {
    if (!this.#shown) {
      return render(nothing, this.#dialog);
    }
    return render(
      html`<header>
          <h2 id="manage-heading">${this.#shown.title}</h2>
          <button class="quiet square" aria-label=${t('action.close')} @click=${() => this.#dialog.close()}>
            ${icon('x')}
          </button>
        </header>
        ${this.#body(this.#shown)}
        <p class="trouble" role="alert">
          ${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}
        </p>`,
      this.#dialog,
    );
  }

  /** @param {api.Show} show */
  #body({ title }) {
    if (this.#step === 'time') {
      return this.#form((event) => this.#changeTime(event), this.#moment.view());
    }
    if (this.#step === 'access') {
      return this.#form(
        (event) => this.#changeShow(event, { access: this.#access }),
        html`${accessField(this.#access, (access) => {
          this.#access = access;
          this.#show();
        })}
          <p class="note own-link">${icon('link')}<span>${t(`access.${this.#access}-link`)}</span></p>`,
      );
    }
    if (this.#step === 'links') {
      return html`${this.#links.view()}
        <div class="actions">
          <button @click=${() => this.#dialog.close()}>${t('action.done')}</button>
        </div>`;
    }
    if (this.#step === 'control') {
      return this.#form(
        (event) => this.#changeShow(event, { control: this.#control }),
        controlField(this.#control, (control) => (this.#control = control)),
      );
    }
    if (this.#step === 'waiting') {
      return this.#form(
        (event) => this.#changeShow(event, { waiting: this.#waiting }),
        waitingField(this.#waiting, (waiting) => (this.#waiting = waiting)),
      );
    }
    if (this.#step === 'slow') {
      return this.#form(
        (event) => this.#changeShow(event, { slow_mode: this.#slowMode }),
        slowModeField(this.#slowMode, (seconds) => {
          this.#slowMode = seconds;
          this.#show();
        }),
      );
    }
    if (this.#step === 'off') {
      return html`<p id="manage-sure" class="sentence">${t('manage.off-sure', { title })}</p>
        <div class="actions">
          <button class="danger" ?disabled=${this.#busy} @click=${() => this.#callOff()}>
            ${icon('trash-2')}${t('manage.off')}
          </button>
          <button autofocus aria-describedby="manage-sure" @click=${() => this.#go('menu')}>
            ${t('manage.keep')}
          </button>
        </div>`;
    }
    return this.#menu();
  }

  /**
   * @param {(event: Event) => unknown} submit
   * @param {unknown} field
   */
  #form(submit, field) {
    return html`<form @submit=${submit} novalidate>
      ${field}
      <div class="actions">
        <button type="button" @click=${() => this.#go('menu')}>${t('action.cancel')}</button>
        <button class="main" ?disabled=${this.#busy}>${t('action.save')}</button>
      </div>
    </form>`;
  }

  #menu() {
    return html`<div class="menu">
      ${
        this.#scheduled
          ? html`<button autofocus @click=${() => this.#go('time')}>
              ${icon('calendar-clock')}${t('manage.time')}
            </button>`
          : ''
      }
      <button ?autofocus=${!this.#scheduled} @click=${() => this.#go('access')}>
        ${icon('door-open')}${t('schedule.access')}
      </button>
      <button @click=${() => this.#go('links')}>${icon('user-round-plus')}${t('manage.links')}</button>
      <button @click=${() => this.#go('control')}>
        ${icon('film')}${t('schedule.control')}
      </button>
      <button @click=${() => this.#go('waiting')}>${icon('hourglass')}${t('schedule.waiting')}</button>
      <button @click=${() => this.#go('slow')}>${icon('message-circle')}${t('manage.slow')}</button>
      <button class="danger" @click=${() => this.#go('off')}>${icon('trash-2')}${t('manage.off')}</button>
    </div>`;
  }
}
