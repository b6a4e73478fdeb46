// @ts-check
/** Copying a text, also where the page is served without TLS and browsers hide their clipboard. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { t } from './i18n.js';
import { icon } from './icons.js';

/** @param {string} text */
function copyBySelection(text) {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  // Nothing can be selected outside of an open dialog, or of what fills the screen.
  (document.querySelector('dialog[open]') ?? document.fullscreenElement ?? document.body).append(field);
  const focused = document.activeElement;
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) {
    focused.focus();
  }
  return done;
}

/** @param {string} text */
async function copy(text) {
  if (!navigator.clipboard) {
    return copyBySelection(text);
  }
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Browsers refuse where the page has no focus, or a frame no permission.
    return copyBySelection(text);
  }
}

/**
 * A button that copies and says when it has.
 * @param {string | (() => string)} text
 * @param {string} [kind] classes of app.css
 * @param {string} [words] what stands on it, a link's without
 */
export function copyButton(text, kind = '', words = t('link.copy')) {
  /** @param {MouseEvent & {currentTarget: HTMLButtonElement}} event */
  async function click({ currentTarget: button }) {
    if (!(await copy(typeof text === 'string' ? text : text()))) {
      return;
    }
    button.classList.add('copied');
    setTimeout(() => button.classList.remove('copied'), 2000);
  }
  return html`<button type="button" class="copy ${kind}" @click=${click}>
    ${icon('copy')}${icon('check')}<span>${words}</span
    ><span class="done" role="status">${t('link.copied')}</span>
  </button>`;
}
