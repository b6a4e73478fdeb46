// @ts-check
/** The fields that scheduling a show and changing it have in common: its moment, and how it is run. */

import { live } from '/static/vendor/lit-html/directives/live.js';
import { html } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { secondsWords, t, timeOfDay, zoneWords } from '../i18n.js';
import { fieldValue, momentOf, SOON_MINUTES } from './moments.js';

/** @typedef {import('./moments.js').Choice} Choice */

const CONTROLS = /** @type {const} */ (['host', 'moderators', 'everyone']);
const ACCESSES = /** @type {const} */ (['link', 'friends', 'invited']);
const POLICIES = /** @type {const} */ (['never', 'start', 'always']);

/** The field "Date and time" with its quick choices, which hold until another moment is typed. */
export class MomentField {
  /** @type {Choice} */
  #choice = 'soon';
  #typed = '';
  #id;
  #changed;

  /**
   * @param {string} id of the field in the document
   * @param {() => void} changed called when the field must be drawn anew
   */
  constructor(id, changed) {
    this.#id = id;
    this.#changed = changed;
  }

  /** @param {Choice} choice */
  choose(choice) {
    this.#choice = choice;
    this.#typed = fieldValue(momentOf(choice, api.serverDate()));
    this.#changed();
  }

  /** @param {Date} date a moment that is none of the quick choices */
  set(date) {
    this.#choice = 'other';
    this.#typed = fieldValue(date);
    this.#changed();
  }

  /** @returns {Date | null} null while it is not a whole date and time */
  get date() {
    if (this.#choice !== 'other') {
      return momentOf(this.#choice, api.serverDate());
    }
    const date = new Date(this.#typed);
    return Number.isNaN(date.getTime()) ? null : date;
  }

  view() {
    const tonight = momentOf('tonight', api.serverDate());
    const today = tonight.getDate() === api.serverDate().getDate();
    const names = {
      now: t('schedule.now'),
      soon: t('schedule.soon', { count: SOON_MINUTES }),
      tonight: t(today ? 'schedule.tonight' : 'schedule.tomorrow', { time: timeOfDay(tonight) }),
    };
    return html`<div class="field">
      <label for=${this.#id}>${t('schedule.moment')}</label>
      <div class="choices">
        ${
          /** @type {const} */ (['now', 'soon', 'tonight']).map(
            (choice) =>
              html`<button
                type="button"
                class="choice"
                aria-pressed=${this.#choice === choice}
                @click=${() => this.choose(choice)}
              >
                ${names[choice]}
              </button>`,
          )
        }
      </div>
      <input
        id=${this.#id}
        type="datetime-local"
        step="1"
        aria-describedby="${this.#id}-zone"
        .value=${live(this.#typed)}
        @input=${(/** @type {InputEvent & {target: HTMLInputElement}} */ { target }) => {
          this.#typed = target.value;
          this.#choice = 'other';
          this.#changed();
        }}
      />
      <span id="${this.#id}-zone" class="note">${t('schedule.zone', { zone: zoneWords() })}</span>
    </div>`;
  }
}

/**
 * A choice between a few, side by side.
 *
 * @template {string | number} T
 * @param {string} name
 * @param {string} legend
 * @param {readonly T[]} all
 * @param {T} chosen
 * @param {(choice: T) => string} wordsOf
 * @param {(choice: T) => void} choose
 */
export function segments(name, legend, all, chosen, wordsOf, choose) {
  return html`<fieldset class="field">
    <legend>${legend}</legend>
    <div class="segments">
      ${all.map(
        (choice) =>
          html`<label>
            <input type="radio" name=${name} .checked=${live(choice === chosen)} @change=${() => choose(choice)} />
            <span>${wordsOf(choice)}</span>
          </label>`,
      )}
    </div>
  </fieldset>`;
}

/**
 * @param {api.Control} chosen
 * @param {(control: api.Control) => void} choose
 */
export function controlField(chosen, choose) {
  return segments(
    'control',
    t('schedule.control'),
    CONTROLS,
    chosen,
    (control) => t(`control.${control}`),
    choose,
  );
}

/**
 * @param {api.WaitPolicy} chosen
 * @param {(policy: api.WaitPolicy) => void} choose
 */
export function waitingField(chosen, choose) {
  return choiceField({
    name: 'waiting',
    values: POLICIES,
    words: (key) => t(`policy.${key}`),
    chosen,
    choose,
  });
}

/** How long guests may be made to wait from one message to the next, s. */
const SLOW_MODES = [0, 10, 30, 60];

/**
 * How long guests wait from one message to the next.
 *
 * @param {number} chosen s
 * @param {(seconds: number) => void} choose
 */
export function slowModeField(chosen, choose) {
  const all = [...new Set([...SLOW_MODES, chosen])].sort((one, other) => one - other);
  const words = (/** @type {number} */ seconds) => (seconds ? secondsWords(seconds) : t('slow.off'));
  return html`${segments('slow', t('manage.slow'), all, chosen, words, choose)}
    <p class="note">${t('slow.hint')}</p>`;
}

/**
 * Who may come in.
 *
 * @param {api.Access} chosen
 * @param {(access: api.Access) => void} choose
 */
export function accessField(chosen, choose) {
  return choiceField({
    name: 'access',
    values: ACCESSES,
    words: (key) => t(`access.${key}`),
    chosen,
    choose,
  });
}

/**
 * A choice of which each has a sentence that says what it means.
 *
 * @template {string} T
 * @param {object} field
 * @param {'waiting' | 'access'} field.name
 * @param {readonly T[]} field.values
 * @param {(key: string) => string} field.words by value, and by value and `-hint`
 * @param {T} field.chosen
 * @param {(value: T) => void} field.choose
 */
function choiceField({ name, values, words, chosen, choose }) {
  return html`<fieldset class="field">
    <legend>${t(`schedule.${name}`)}</legend>
    <div class="policies">
      ${values.map(
        (value) =>
          html`<div>
            <label>
              <input
                type="radio"
                name=${name}
                aria-describedby="${name}-${value}"
                .checked=${live(chosen === value)}
                @change=${() => choose(value)}
              />
              <span>${words(value)}</span>
            </label>
            <p id="${name}-${value}" class="note">${words(`${value}-hint`)}</p>
          </div>`,
      )}
    </div>
  </fieldset>`;
}
