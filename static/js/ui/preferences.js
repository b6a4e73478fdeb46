// @ts-check
/** The switches for language and for dark or light, remembered on this device. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { chooseLanguage, LANGUAGES, language, t } from './i18n.js';
import { icon } from './icons.js';
import { keepChoice } from './storage.js';

const THEMES = /** @type {const} */ (['system', 'dark', 'light']);
const THEME_ICONS = { system: 'sun-moon', dark: 'moon', light: 'sun' };

/** @typedef {typeof THEMES[number]} Theme */

/** @returns {Theme} */
function theme() {
  const chosen = document.documentElement.dataset.theme;
  return THEMES.find((name) => name === chosen) ?? 'system';
}

/** @param {Theme} chosen */
function chooseTheme(chosen) {
  keepChoice('theme', chosen === 'system' ? null : chosen);
  if (chosen === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = chosen;
  }
}

/** @param {() => void} changed called when the theme did; the language tells by itself */
export function preferences(changed) {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? 'system';
  const other = LANGUAGES.find((name) => name !== language()) ?? 'en';
  return html`<div class="preferences">
    <button class="quiet" lang=${other} @click=${() => chooseLanguage(other)}>
      ${t(`language.${other}`)}
    </button>
    <button
      class="quiet square"
      aria-label=${t(`theme.${theme()}`)}
      title=${t(`theme.${theme()}`)}
      @click=${() => {
        chooseTheme(next);
        changed();
      }}
    >
      ${icon(THEME_ICONS[theme()])}
    </button>
  </div>`;
}
