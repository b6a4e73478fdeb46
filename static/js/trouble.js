// @ts-check
/** What stands in the way of the film: each a sentence that says what happens next, and one action. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { problemWords } from './api.js';
import { t } from './i18n.js';
import { icon } from './icons.js';

/**
 * @typedef {object} Trouble
 * @property {string} icon
 * @property {string} words
 * @property {{words: string, do: () => void}} [action]
 * @property {boolean} [instead] whether it takes the hall's place
 */
/**
 * @typedef {object} Remedies
 * @property {() => void} unblock
 * @property {() => void} reloadFilm
 * @property {() => void} reload
 */
/**
 * @typedef {object} Situation
 * @property {import('./seat.js').Seat} seat
 * @property {{media?: number, load?: unknown, format?: boolean, source?: boolean}} faults
 * @property {{state: string}} snapshot
 * @property {boolean} entered
 * @property {import('./film.js').Film} film
 */

const home = () => location.assign('/');

/** Why the link is over for good, by its reason. @type {Readonly<Record<string, string>>} */
const ENDS = Object.freeze({ removed: 'removed', deleted: 'deleted', passport: 'expired' });

/**
 * @param {Situation} situation
 * @param {Remedies} remedies
 * @returns {Trouble | null}
 */
export function troubleOf({ seat, faults, snapshot, entered, film }, remedies) {
  const again = { words: t('action.retry'), do: remedies.reload };
  if (faults.load) {
    const words = t('trouble.load', { reason: problemWords(faults.load) });
    return { icon: 'unlink', words, action: again, instead: true };
  }
  if (seat.member && seat.linkState.state === 'closed') return endOf(seat.linkState.reason, remedies);
  return filmTrouble({ faults, snapshot, entered, film }, remedies);
}

/** @param {string | undefined} reason @param {Remedies} remedies @returns {Trouble} */
function endOf(reason, remedies) {
  const end = ENDS[reason ?? ''] ?? 'closed';
  const over = end === 'removed' || end === 'deleted';
  return {
    icon: over ? 'unlink' : 'door-open',
    words: t(`trouble.${end}`),
    action: over
      ? { words: t('action.home'), do: home }
      : { words: t('action.reload'), do: remedies.reload },
    instead: true,
  };
}

/**
 * @param {Omit<Situation, 'seat'>} situation
 * @param {Remedies} remedies
 * @returns {Trouble | null}
 */
function filmTrouble({ faults, snapshot, entered, film }, { unblock, reloadFilm }) {
  if (faults.source) return { icon: 'film', words: t('trouble.no-source'), action: { words: t('action.home'), do: home } };
  if (faults.format || faults.media === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED) {
    return { icon: 'monitor-x', words: t('trouble.format'), action: { words: t('action.retry'), do: reloadFilm } };
  }
  if (faults.media !== undefined) {
    const words = t(faults.media === MediaError.MEDIA_ERR_DECODE ? 'trouble.decode' : 'trouble.network');
    return { icon: 'triangle-alert', words, action: { words: t('action.retry'), do: reloadFilm } };
  }
  if (!entered) return null;
  if (snapshot.state === 'blocked') {
    return { icon: 'volume-x', words: t('trouble.blocked'), action: { words: t('trouble.unblock'), do: unblock } };
  }
  if (film.over) return { icon: 'clapperboard', words: t('trouble.over'), action: { words: t('action.home'), do: home } };
  return null;
}

/** @param {Trouble} trouble */
export function troubleView({ icon: name, words, action, instead }) {
  return html`<div class="in-the-way" role="alert">
    ${icon(name)} ${instead ? html`<h1 class="sentence">${words}</h1>` : html`<p class="sentence">${words}</p>`}
    ${action ? html`<button class="main" @click=${action.do}>${action.words}</button>` : ''}
  </div>`;
}
