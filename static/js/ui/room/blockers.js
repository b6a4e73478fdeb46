// @ts-check
/** Blockers: what stands in the way of the film, each a sentence that says what happens next and one action. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';
import { summaryWords } from './summary-words.js';

/**
 * @typedef {object} Blocker
 * @property {string} icon
 * @property {string} words
 * @property {string} [more] a second sentence
 * @property {{words: string, do: () => void}} [action]
 * @property {boolean} [instead] whether it stands in place of the lobby
 */
/**
 * @typedef {object} Remedies
 * @property {() => void} unblock
 * @property {() => void} reloadFilm
 * @property {() => void} reload
 */
/**
 * @typedef {object} Situation
 * @property {import('../../room/room-client.js').RoomClient} room
 * @property {unknown} refusal why the page could not be opened at all
 * @property {import('../../player/picture-source.js').Fault | null} fault of the film
 * @property {{state: string}} snapshot
 * @property {boolean} entered
 * @property {import('../../room/film-state.js').Film} film as the picture shows it
 * @property {import('./next-card.js').Upcoming} upcoming what follows in the show
 */

const home = () => location.assign('/');

/** Why the link is over for good, by its reason. @type {Readonly<Record<string, string>>} */
const REASONS = Object.freeze({
  removed: 'removed',
  deleted: 'deleted',
  passport: 'expired',
  elsewhere: 'elsewhere',
});

/**
 * @param {Situation} situation
 * @param {Remedies} remedies
 * @returns {Blocker | null}
 */
export function blockerOf({ room, refusal, ...situation }, remedies) {
  if (refusal) {
    const words = t('blocker.load', { reason: problemWords(refusal) });
    return {
      icon: 'unlink',
      words,
      action: { words: t('action.retry'), do: remedies.reload },
      instead: true,
    };
  }
  if (room.member && room.linkState.state === 'closed') {
    return endOf(room.linkState.reason, remedies);
  }
  const { entered, film, upcoming } = situation;
  const isEnd = entered && film.over && upcoming.session === null;
  return filmBlocker(situation, remedies) ?? (isEnd ? theEnd(room) : null);
}

/** @param {import('../../room/room-client.js').RoomClient} room @returns {Blocker} */
function theEnd({ summary }) {
  return {
    icon: 'clapperboard',
    words: t('blocker.over'),
    more: summary ? summaryWords(summary) : '',
    action: { words: t('action.home'), do: home },
  };
}

/** @param {string | undefined} reason @param {Remedies} remedies @returns {Blocker} */
function endOf(reason, remedies) {
  const end = REASONS[reason ?? ''] ?? 'closed';
  const over = end === 'removed' || end === 'deleted';
  return {
    icon: over ? 'unlink' : 'door-open',
    words: t(`blocker.${end}`),
    action: over ? { words: t('action.home'), do: home } : { words: t('action.reload'), do: remedies.reload },
    instead: true,
  };
}

/** @type {Readonly<Record<import('../../player/picture-source.js').Fault, string>>} */
const FAULT_ICONS = Object.freeze({
  none: 'film',
  format: 'monitor-x',
  decode: 'triangle-alert',
  network: 'wifi-off',
});

/**
 * @param {Omit<Situation, 'room' | 'refusal' | 'film' | 'upcoming'>} situation
 * @param {Remedies} remedies
 * @returns {Blocker | null}
 */
function filmBlocker({ fault, snapshot, entered }, { unblock, reloadFilm }) {
  const toHome = { words: t('action.home'), do: home };
  if (!entered) {
    return null;
  }
  if (fault !== null) {
    const action = fault === 'none' ? toHome : { words: t('action.retry'), do: reloadFilm };
    return { icon: FAULT_ICONS[fault], words: t(`blocker.${fault}`), action };
  }
  if (snapshot.state === 'blocked') {
    return {
      icon: 'volume-x',
      words: t('blocker.blocked'),
      action: { words: t('blocker.unblock'), do: unblock },
    };
  }
  return null;
}

/** @param {Blocker} blocker */
export function blockerView({ icon: name, words, more, action, instead }) {
  return html`<div class="blocker" role="alert">
    ${icon(name)}
    ${instead ? html`<h1 class="sentence">${words}</h1>` : html`<p class="sentence">${words}</p>`}
    ${more ? html`<p class="more-words">${more}</p>` : ''}
    ${action ? html`<button class="main" @click=${action.do}>${action.words}</button>` : ''}
  </div>`;
}
