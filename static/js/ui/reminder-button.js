// @ts-check
/** The button that switches reminders on and off, and reminders in the page's words. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { t } from './i18n.js';
import { icon } from './icons.js';
import { Reminders } from './reminders.js';
import { deviceStorage } from './storage.js';

/** @typedef {import('./reminders.js').Planned} Planned */

/**
 * @param {() => number} now server time, s
 * @param {() => void} changed called when the button has another state
 */
export function pageReminders(now, changed) {
  return new Reminders({
    // Without TLS browsers have the class, and allow nothing.
    notifications: globalThis.isSecureContext ? globalThis.Notification : undefined,
    storage: deviceStorage(),
    now,
    words: (kind) => t(kind === 'soon' ? 'reminder.soon' : 'reminder.start'),
    open: (path) => {
      window.focus();
      if (path && path !== location.pathname) {
        location.assign(path);
      }
    },
    changed,
  });
}

/** @param {Reminders} reminders */
export function reminderButton(reminders) {
  const { state } = reminders;
  const locked = state === 'missing' || state === 'denied';
  const why =
    state === 'missing' ? 'reminder.missing' : state === 'denied' ? 'reminder.denied' : 'reminder.hint';
  return html`<button
      type="button"
      class="quiet"
      aria-pressed=${state === 'on' ? 'true' : 'false'}
      aria-disabled=${locked ? 'true' : 'false'}
      aria-describedby="reminder-why"
      title=${t(why)}
      @click=${() => reminders.toggle()}
    >
      ${icon(state === 'on' ? 'bell-ring' : 'bell')}${t('reminder.button')}
    </button>
    <span id="reminder-why" class="visually-hidden">${t(why)}</span>`;
}
