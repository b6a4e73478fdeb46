// @ts-check
/** The link by which a show is put into one's calendar. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { t } from './i18n.js';
import { icon } from './icons.js';

/**
 * @param {{id: string, title: string}} show
 * @param {string} [kind] classes of app.css
 */
export function calendarLink({ id, title }, kind = '') {
  return html`<a
    class="button quiet ${kind}"
    href="/api/shows/${id}/calendar.ics"
    title=${t('calendar.add')}
    aria-label="${t('calendar.add')}: ${title}"
  >
    ${icon('calendar-plus')}${kind === 'square' ? '' : t('calendar.add')}
  </a>`;
}
