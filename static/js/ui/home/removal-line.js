// @ts-check
/** What stands in the place of something that was removed, while that can be undone; and the focus meanwhile. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

/** @typedef {import('../../room/delayed-removal.js').DelayedRemoval} DelayedRemoval */

/** Give the focus to what took the place of the button that had it. @param {string} id */
const focusOn = (id) => document.getElementById(id)?.focus();

/**
 * The button that removes something.
 *
 * @param {DelayedRemoval} removal
 * @param {{id: string, icon: string, words: string, name: string}} about `words` is what it does, `name` to what
 */
export function removeButton(removal, { id, icon: picture, words, name }) {
  const remove = () => {
    removal.begin(id);
    focusOn(`undo-${id}`);
  };
  return html`<button
    id="remove-${id}"
    class="quiet square"
    title=${words}
    aria-label="${words}: ${name}"
    @click=${remove}
  >
    ${icon(picture)}
  </button>`;
}

/**
 * What stands in its place.
 *
 * @param {DelayedRemoval} removal
 * @param {string} id
 * @param {string} words
 */
export function removalLine(removal, id, words) {
  const undo = () => {
    removal.undo(id);
    focusOn(`remove-${id}`);
  };
  return html`<p class="removed">${words}</p>
    <button id="undo-${id}" class="quiet" aria-label="${t('undo.button')}: ${words}" @click=${undo}>
      ${icon('undo-2')}${t('undo.button')}
    </button>`;
}

/**
 * Draw; if the button that had the focus is gone with its row, the focus goes to a heading.
 *
 * @param {() => void} draw
 * @param {string} heading its id
 */
export function drawKeepingFocus(draw, heading) {
  const { activeElement } = document;
  draw();
  if (activeElement !== null && !activeElement.isConnected) {
    focusOn(heading);
  }
}
