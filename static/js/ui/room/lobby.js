// @ts-check
/** What lies over the picture: the hall before the film, one's way in, being late, and trouble. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { live } from '/static/vendor/lit-html/directives/live.js';
import { clockTime, durationWords, exactWords, t } from '../i18n.js';
import { face, hue, icon } from '../icons.js';
import { preferences } from '../preferences.js';

/** @typedef {import('../../room/film-state.js').Film} Film */
/** @typedef {import('../../room/room-client.js').Seat} Seat */

/** From here on the figures fill the frame, s. */
const FINAL = 3;
const DAY = 86_400;
/** Faces shown before the rest becomes a number. */
const FACES = 8;

/** @param {number} left s */
function figures(left) {
  const seconds = Math.ceil(left - 0.001);
  const days = Math.floor(seconds / DAY);
  return days ? `${t('hall.days', { count: days })} ${clockTime(seconds % DAY)}` : clockTime(seconds);
}

/** @param {Film} film @param {boolean} entered */
function countdown(film, entered) {
  const left = -film.position;
  const last = entered && !film.paused && left <= FINAL;
  return html`<section class="countdown ${last ? 'last' : ''}" aria-label=${t('hall.countdown')}>
    <p class="figures" role="timer">${last ? Math.ceil(left) : figures(left)}</p>
    <p class="note">
      ${icon(film.paused ? 'pause' : 'clock')}${t(film.paused ? 'hall.held' : 'hall.begins')}
    </p>
  </section>`;
}

/** @param {Film} film @param {number} since the plan's start, s */
function standing(film, since) {
  const words = film.over
    ? t('sync.over')
    : film.paused
      ? t('hall.paused', { time: clockTime(film.position) })
      : t('hall.started', { duration: durationWords(since, 'long') });
  return html`<p class="standing">${icon(film.over ? 'film' : film.paused ? 'pause' : 'play')}${words}</p>`;
}

/** @param {Seat} seat */
function faces({ people }) {
  const here = [...people.values()].filter(({ state }) => state !== 'away');
  if (!here.length) return '';
  return html`<div class="who">
    <ul class="faces" role="list" aria-label=${t('hall.who')}>
      ${here
        .slice(0, FACES)
        .map(
          ({ user, state }) =>
            html`<li class=${state === 'waiting' ? '' : 'ready'}>
              ${face(user, 'large')}<span class="visually-hidden"
                >${user.name}, ${t(state === 'waiting' ? 'state.waiting' : 'state.ready')}</span
              >${state === 'waiting' ? '' : html`<span class="tick">${icon('check')}</span>`}
            </li>`,
        )}
    </ul>
    <p class="note">${t('people.count', { count: here.length })}</p>
  </div>`;
}

/**
 * @param {Seat} seat
 * @param {{trouble: string, busy: boolean}} door
 * @param {(event: SubmitEvent) => void} enter
 */
function door(seat, { trouble, busy }, enter) {
  const nameless = seat.person === null;
  if (nameless && seat.invitation?.guests === false) {
    return html`<p class="sentence">${t('hall.no-guests')}</p>
      <a class="button" href="/">${t('action.home')}</a>`;
  }
  return html`<form class="door" @submit=${enter} novalidate>
    ${
      nameless
        ? html`<label class="field">
            <span>${t('name.field')}</span>
            <input
              name="name"
              maxlength="40"
              autocomplete="nickname"
              enterkeyhint="go"
              aria-describedby="door-trouble"
              aria-invalid=${live(Boolean(trouble))}
            />
          </label>`
        : ''
    }
    <button class="main" aria-disabled=${busy ? 'true' : 'false'}>
      ${icon('door-open')}<span>${t('hall.enter')}</span>
    </button>
    <p id="door-trouble" class="trouble" role="alert">
      ${trouble ? html`${icon('circle-alert')}${trouble}` : ''}
      ${busy ? html`<span class="note">${t('hall.entering')}</span>` : ''}
    </p>
    ${nameless || !seat.person ? '' : html`<p class="note">${t('hall.hello', { name: seat.person.name })}</p>`}
  </form>`;
}

/** Who has not come in does not know that all others wait for it. @param {Seat} seat */
function awaited({ waiting, person }) {
  if (!waiting?.for.some(({ id }) => id === person?.id)) return '';
  return html`<p class="note fault" role="status">
    ${icon('hourglass')}<span>${t('waiting.enter')}</span>
  </p>`;
}

/**
 * The hall: as long as one has not entered, and after that until the film begins.
 * @param {object} state
 * @param {Seat} state.seat
 * @param {Film} state.film
 * @param {boolean} state.entered
 * @param {boolean} state.ready whether the picture's place is there: a form that moves loses what is typed
 * @param {{trouble: string, busy: boolean}} state.door
 * @param {import('../../player/source.js').Fault | null} state.fault of the film
 * @param {number} state.serverNow s
 * @param {(event: SubmitEvent) => void} enter
 */
export function hallView({ seat, film, entered, ready, door: doorState, fault, serverNow }, enter) {
  const { invitation, title = '' } = seat;
  if (!invitation || !ready) return html`<p class="sentence">${t('hall.loading')}</p>`;
  const moment = new Date(invitation.movie_time);
  const corner = html`<div class="corner">${preferences(() => {})}</div>`;
  return html`<div class="hall ${entered ? 'entered' : ''}" style="--hue: ${hue(invitation.target_id)}">
    <div class="backdrop" aria-hidden="true"></div>
    ${seat.member ? '' : corner}
    <div class="inner">
      <h1>${title}</h1>
      <p class="moment">${exactWords(moment)}</p>
      ${film.begun ? standing(film, serverNow - moment.getTime() / 1000) : countdown(film, entered)}
      ${entered ? '' : door(seat, doorState, enter)} ${entered ? '' : awaited(seat)}
      ${fault && !entered
        ? html`<p class="note fault">${icon('triangle-alert')}<span>${t(`trouble.${fault}`)}</span></p>`
        : ''}
      ${seat.member ? faces(seat) : ''}
    </div>
  </div>`;
}
