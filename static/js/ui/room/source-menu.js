// @ts-check
/** The menu "Picture from": where the viewer wishes the picture to come from. */

import { live } from '/static/vendor/lit-html/directives/live.js';
import { html, nothing } from '/static/vendor/lit-html/lit-html.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { PREFERENCES } from './source-preference.js';

/** @typedef {import('../../player/source-choice.js').Preference} Preference */

/**
 * @typedef {object} SourceState
 * @property {Preference} preference
 * @property {boolean} hasFile  whether this browser plays the film's file
 * @property {boolean} live  whether the live picture is shown
 * @property {string} words  how it does
 */

/**
 * The button and its menu; nothing where there is no choice.
 *
 * @param {SourceState | null} state
 * @param {(preference: Preference) => void} choose
 */
export function sourceMenu(state, choose) {
  if (state === null) {
    return '';
  }
  const words = t('source.open', { source: t(`source.${state.preference}`) });
  return html`<button
      class="control source-open"
      popovertarget="source-menu"
      aria-label=${words}
      title=${words}
    >
      ${icon(state.live ? 'radio' : 'film')}
    </button>
    <div id="source-menu" class="sheet" popover>
      <fieldset aria-describedby="source-status">
        <legend>${t('source.heading')}</legend>
        ${PREFERENCES.map((preference) => option(preference, state, choose))}
      </fieldset>
      <p id="source-status" class="note" role="status">${state.words}</p>
    </div>`;
}

/**
 * @param {Preference} preference
 * @param {SourceState} state
 * @param {(preference: Preference) => void} choose
 */
function option(preference, state, choose) {
  const refused = preference === 'file' && !state.hasFile;
  const hint = refused ? 'source.no-file' : `source.${preference}-hint`;
  const change = () => {
    if (!refused) {
      choose(preference);
    }
  };
  return html`<label>
    <input
      type="radio"
      name="source"
      value=${preference}
      aria-labelledby="source-${preference}"
      aria-describedby="source-${preference}-hint"
      aria-disabled=${refused ? 'true' : nothing}
      .checked=${live(state.preference === preference)}
      @change=${change}
    />
    <span>
      <span id="source-${preference}" class="name">${t(`source.${preference}`)}</span>
      <span id="source-${preference}-hint" class="note">${t(hint)}</span>
    </span>
  </label>`;
}
