// @ts-check
/** The lobby: what stands over the picture before the film, and the way in. */

import { live } from '/static/vendor/lit-html/directives/live.js';
import { html } from '/static/vendor/lit-html/lit-html.js';
import { calendarLink } from '../calendar-link.js';
import { agoWords, clockTime, exactWords, t } from '../i18n.js';
import { face, hue, icon } from '../icons.js';
import { preferences } from '../preferences.js';
import { reminderButton } from '../reminder-button.js';
import { canSignIn, signInLink, signOutButton } from '../sign-in.js';

/** @typedef {import('../../room/film-state.js').Film} Film */
/** @typedef {import('../../room/room-client.js').RoomClient} RoomClient */

/** From here on the figures fill the frame, s. */
const FINAL_COUNTDOWN_S = 3;
const DAY_S = 86_400;
/** Faces shown before the rest becomes a number. */
const MAX_FACES = 8;

/** @param {number} left s */
function timeLeft(left) {
  const seconds = Math.ceil(left - 0.001);
  const days = Math.floor(seconds / DAY_S);
  return days ? `${t('lobby.days', { count: days })} ${clockTime(seconds % DAY_S)}` : clockTime(seconds);
}

/** @param {Film} film @param {boolean} entered */
function countdown(film, entered) {
  const left = -film.position;
  const last = entered && !film.paused && left <= FINAL_COUNTDOWN_S;
  return html`<section class="countdown ${last ? 'last' : ''}" aria-label=${t('lobby.countdown')}>
    <p class="time-left" role="timer">${last ? Math.ceil(left) : timeLeft(left)}</p>
    <p class="note">
      ${icon(film.paused ? 'pause' : 'clock')}${t(film.paused ? 'lobby.held' : 'lobby.begins')}
    </p>
  </section>`;
}

/** @param {Film} film @param {number} since the scheduled start, s */
function filmStatus(film, since) {
  const words = film.over
    ? t('sync.over')
    : film.paused
      ? t('lobby.paused', { time: clockTime(film.position) })
      : t('lobby.started', { ago: agoWords(since) });
  return html`<p class="film-status">${icon(film.over ? 'film' : film.paused ? 'pause' : 'play')}${words}</p>`;
}

/** @param {RoomClient} room */
function faces({ people }) {
  const here = [...people.values()].filter(({ state }) => state !== 'away');
  if (!here.length) {
    return '';
  }
  return html`<div class="who">
    <ul class="faces" role="list" aria-label=${t('lobby.who')}>
      ${here.slice(0, MAX_FACES).map(
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

/** @typedef {Pick<import('./entrance.js').Entrance, 'trouble' | 'busy' | 'renaming' | 'rename'>} Joining */

/**
 * Who one comes in as, and the ways to be somebody else.
 *
 * @param {RoomClient} room
 * @param {Joining} joining
 */
function accountLine({ person }, joining) {
  if (person === null) {
    return canSignIn()
      ? html`<p class="account"><span class="note">${t('sign-in.or')}</span>${signInLink('quiet')}</p>`
      : '';
  }
  const say = (/** @type {string} */ detail) =>
    document.body.dispatchEvent(new CustomEvent('say', { detail }));
  return html`<p class="account">
    ${joining.renaming ? '' : html`<span class="note">${t('lobby.hello', { name: person.name })}</span>`}
    ${
      person.guest && !joining.renaming
        ? html`<button type="button" class="quiet" @click=${() => joining.rename()}>
            ${t('name.change')}
          </button>`
        : ''
    }
    ${person.guest ? signInLink('quiet') : signOutButton(say)}
  </p>`;
}

/**
 * @param {RoomClient} room
 * @param {Joining} joining
 * @param {(event: SubmitEvent) => void} enter
 */
function joinForm(room, joining, enter) {
  const { trouble, busy, renaming } = joining;
  const nameless = room.person === null;
  if (nameless && room.invitation?.guests === false) {
    if (canSignIn()) {
      return html`<div class="join">
        <p class="sentence">${t('sign-in.needed')}</p>
        ${signInLink('main')}
      </div>`;
    }
    return html`<p class="sentence">${t('lobby.no-guests')}</p>
      <a class="button" href="/">${t('action.home')}</a>`;
  }
  return html`<form class="join" @submit=${enter} novalidate>
    ${
      nameless || renaming
        ? html`<label class="field">
            <span>${t('name.field')}</span>
            <input
              name="name"
              value=${room.person?.name ?? ''}
              maxlength="40"
              autocomplete="nickname"
              enterkeyhint="go"
              aria-describedby="join-trouble"
              aria-invalid=${live(Boolean(trouble))}
            />
          </label>`
        : ''
    }
    <button class="main" aria-disabled=${busy ? 'true' : 'false'}>
      ${icon('door-open')}<span>${t('lobby.enter')}</span>
    </button>
    <p id="join-trouble" class="trouble" role="alert">
      ${trouble ? html`${icon('circle-alert')}${trouble}` : ''}
      ${busy ? html`<span class="note">${t('lobby.entering')}</span>` : ''}
    </p>
    ${accountLine(room, joining)}
  </form>`;
}

/** Who has not come in does not know that all others wait for it. @param {RoomClient} room */
function waitedFor({ waiting, person }) {
  if (!waiting?.for.some(({ id }) => id === person?.id)) {
    return '';
  }
  return html`<p class="note fault" role="status">
    ${icon('hourglass')}<span>${t('waiting.enter')}</span>
  </p>`;
}

/**
 * The lobby: shown until one has joined, and after that until the film begins.
 * @param {object} state
 * @param {RoomClient} state.room
 * @param {Film} state.film
 * @param {boolean} state.entered
 * @param {boolean} state.ready whether the picture's place is there: a form that moves loses what is typed
 * @param {Joining} state.joining
 * @param {import('../sign-in.js').TakingAlong} state.along
 * @param {import('../../player/picture-source.js').Fault | null} state.fault of the film
 * @param {number} state.serverNow s
 * @param {import('../reminders.js').Reminders} state.reminders
 * @param {string} state.filmTitle which of the show's films it is; '' where there is one
 * @param {(event: SubmitEvent) => void} enter
 */
export function lobbyView(
  { room, film, entered, ready, joining, along, fault, serverNow, reminders, filmTitle },
  enter,
) {
  const { invitation, title = '' } = room;
  if (!invitation || !ready) {
    return html`<p class="sentence">${t('lobby.loading')}</p>`;
  }
  const moment = new Date(invitation.movie_time);
  const corner = html`<div class="corner">${preferences(() => {})}</div>`;
  return html`<div class="lobby ${entered ? 'entered' : ''}" style="--hue: ${hue(invitation.target_id)}">
    <div class="backdrop" aria-hidden="true"></div>
    ${room.member ? '' : corner}
    <div class="inner">
      <h1>${title}</h1>
      ${filmTitle ? html`<p class="film-title">${filmTitle}</p>` : ''}
      <p class="moment">${exactWords(moment)}</p>
      ${film.begun ? filmStatus(film, serverNow - moment.getTime() / 1000) : countdown(film, entered)}
      ${entered ? '' : joinForm(room, joining, enter)} ${entered ? '' : waitedFor(room)}
      ${!entered && room.person?.before ? along.view(room.person.before) : ''}
      ${
        fault && !entered && (room.person || invitation.guests)
          ? html`<p class="note fault">${icon('triangle-alert')}<span>${t(`blocker.${fault}`)}</span></p>`
          : ''
      }
      ${room.member ? faces(room) : ''}
      ${
        entered && !film.begun
          ? html`<div class="plan">
              ${calendarLink({ id: invitation.show_id, title })} ${reminderButton(reminders)}
            </div>`
          : ''
      }
    </div>
  </div>`;
}
