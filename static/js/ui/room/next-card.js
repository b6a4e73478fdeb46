// @ts-check
/** The card over the picture that says what comes next, and lets it be stopped or begun. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { filmWords } from '../episode-words.js';
import { clockTime, exactWords, t } from '../i18n.js';
import { icon } from '../icons.js';
import { summaryWords } from './summary-words.js';

/** Until a later session there is no countdown, but a date, s. */
const COUNTDOWN_WITHIN_S = 3600;

/**
 * @typedef {object} Upcoming
 * @property {import('../../room/api.js').Session | null} session  the one that follows
 * @property {number} left  for how long the room stays in this one, s; 0: it does not leave it
 */
/**
 * @typedef {object} Actions
 * @property {() => void} next  goes on to it
 * @property {() => void} stay  stops that
 */

/**
 * @param {Upcoming & {room: import('../../room/room-client.js').RoomClient, over: boolean, locked: boolean, serverNow: number}} state
 * @param {Actions} actions
 */
export function nextCard({ room, session, left, over, locked, serverNow }, { next, stay }) {
  if (session === null || (left <= 0 && !over)) {
    return '';
  }
  const leaves = left > 0;
  return html`<section class="waiting-card next-card ${leaves ? 'leaves' : ''}" aria-label=${t('next.label')}>
    ${icon('skip-forward')}
    <div>
      <p class="sentence" role="status">${t('next.film', { film: filmWords(session.film) })}</p>
      <p class="note limit" role="timer">${leaves ? t('next.in', { time: clockTime(Math.ceil(left)) }) : whenWords(session, serverNow)}</p>
      ${over && room.summary ? html`<p class="note summary">${summaryWords(room.summary)}</p>` : ''}
    </div>
    ${
      locked
        ? ''
        : html`<div class="actions">
            ${leaves ? html`<button class="main" @click=${stay}>${icon('x')}${t('next.stop')}</button>` : ''}
            <button class=${leaves ? '' : 'main'} @click=${next}>
              ${icon('skip-forward')}${t(leaves ? 'next.now' : 'next.go')}
            </button>
          </div>`
    }
  </section>`;
}

/** @param {import('../../room/api.js').Session} session @param {number} serverNow */
function whenWords({ movie_time, state }, serverNow) {
  const begins = new Date(movie_time);
  const left = begins.getTime() / 1000 - serverNow;
  if (left <= 0) {
    return t(state === 'running' ? 'next.runs' : 'next.waits');
  }
  return left < COUNTDOWN_WITHIN_S
    ? t('next.in', { time: clockTime(Math.ceil(left)) })
    : t('next.at', { time: exactWords(begins) });
}
