// @ts-check
/** Cards of the home page: the row of coming shows and the wall of films. */

import { repeat } from '/static/vendor/lit-html/directives/repeat.js';
import { html } from '/static/vendor/lit-html/lit-html.js';
import { calendarLink } from '../calendar-link.js';
import { copyButton } from '../clipboard.js';
import { durationWords, t, whenWords } from '../i18n.js';
import { face, icon, poster } from '../icons.js';
import { reminderButton } from '../reminder-button.js';
import { whyNot } from './unplayable.js';

/** @typedef {import('../../room/api.js').Show} Show */
/** @typedef {import('../../room/api.js').ListedShow} ListedShow */
/** @typedef {import('../../room/api.js').Title} Title */

/** @param {Show} show the session that runs, else the next */
function currentSession({ sessions }) {
  return (
    sessions.find(({ state }) => state === 'running' || state === 'paused') ??
    sessions.find(({ state }) => state === 'scheduled') ??
    sessions.at(-1)
  );
}

/** @param {ListedShow['people']} people faces of the first, and a number for the rest */
function whoComes({ total, first }) {
  if (total < 2) {
    return '';
  }
  const more = total - first.length;
  const names = first.map(({ name }) => name).join(', ');
  return html`<p class="who-comes">
    ${first.map((user) => face(user))}
    ${more > 0 ? html`<span class="note" aria-hidden="true">+${more}</span>` : ''}
    <span class="visually-hidden">${more > 0 ? `${names} ${t('people.more', { count: more })}` : names}</span>
  </p>`;
}

/**
 * @param {ListedShow} show
 * @param {Date} now
 * @param {(show: Show) => void} manage
 */
function showCard(show, now, manage) {
  const session = currentSession(show);
  const running = session?.state === 'running' || session?.state === 'paused';
  const path = show.link && new URL(show.link, location.href).pathname;
  return html`<li class="show-card ${running ? 'running' : ''}">
    ${poster({ id: show.target_id, title: show.title })}
    <div class="about">
      <div class="head">
        <h3>${show.title}</h3>
        ${calendarLink(show, 'square')}
        ${
          show.may.edit
            ? html`<button class="quiet square" aria-haspopup="dialog" @click=${() => manage(show)}>
                ${icon('ellipsis')}<span class="visually-hidden"
                  >${t('show.actions', { title: show.title })}</span
                >
              </button>`
            : ''
        }
      </div>
      <p class="when">
        ${icon(running ? 'play' : 'clock')}
        ${running ? t('show.running') : session ? whenWords(new Date(session.movie_time), now) : ''}
      </p>
      ${whoComes(show.people)}
      <div class="actions">
        ${
          path
            ? html`<a class="button ${running ? 'main' : ''}" href=${path}
                >${t(running ? 'show.join' : 'show.enter')}<span class="visually-hidden"
                  >: ${show.title}</span
                ></a
              >`
            : ''
        }
        ${show.link ? copyButton(show.link, 'quiet') : ''}
      </div>
    </div>
  </li>`;
}

/**
 * @param {ListedShow[] | null} shows null until known
 * @param {Date} now
 * @param {object} actions
 * @param {(show: Show) => void} actions.manage opens the host's menu of a show
 * @param {() => void} actions.subscribe opens the dialog about one's calendar
 * @param {import('../reminders.js').Reminders} actions.reminders
 * @param {boolean} actions.mayHost whether one may schedule shows
 */
export function comingView(shows, now, { manage, subscribe, reminders, mayHost }) {
  if (shows === null) {
    return '';
  }
  return html`<section>
    <div class="row">
      <h2>${t('home.coming')}</h2>
      ${
        shows.length
          ? html`<div class="actions by-heading">
              ${reminderButton(reminders)}
              <button class="quiet" aria-haspopup="dialog" @click=${subscribe}>
                ${icon('calendar-sync')}${t('calendar.subscribe')}
              </button>
            </div>`
          : ''
      }
    </div>
    ${
      shows.length
        ? html`<ul class="coming" role="list">
            ${repeat(
              shows,
              ({ id }) => id,
              (show) => showCard(show, now, manage),
            )}
          </ul>`
        : html`<div class="empty">
            ${icon('ticket')}
            <p>${t(mayHost ? 'home.no-shows' : 'home.no-invitations')}</p>
          </div>`
    }
  </section>`;
}

/** @param {number} progress 0–1 */
function ring(progress) {
  return html`<svg class="ring" viewBox="0 0 36 36" aria-hidden="true">
    <circle cx="18" cy="18" r="15.9" />
    <circle
      cx="18"
      cy="18"
      r="15.9"
      pathLength="100"
      stroke-dasharray="${Math.round(progress * 100)} 100"
    />
  </svg>`;
}

/** @param {Title} film */
function facts(film) {
  return [film.year, film.duration ? durationWords(film.duration) : ''].filter(Boolean).join(' · ');
}

/**
 * @param {Title} film
 * @param {(film: Title) => void} choose
 */
function filmCard(film, choose) {
  if (film.state === 'ready') {
    return html`<li>
      <button class="film" @click=${() => choose(film)}>
        ${poster(film)}
        <span class="hint">${icon('calendar-clock')}${t('wall.hint')}</span>
        <span class="name">${film.title}</span>
        <span class="facts">${facts(film)}</span>
      </button>
    </li>`;
  }
  const preparing = film.state === 'preparing';
  return html`<li>
    <div class="film locked">
      ${poster(film)} ${preparing ? ring(film.progress ?? 0) : ''}
      <span class="name">${film.title}</span>
      <span class="facts reason">
        ${icon(preparing ? 'hourglass' : 'ban')}
        ${whyNot(film)}
      </span>
    </div>
  </li>`;
}

/** @param {string} search */
function nothing(search) {
  if (search.trim()) {
    return html`<div class="empty">
      ${icon('search')}
      <p>${t('wall.not-found', { search: search.trim() })}</p>
    </div>`;
  }
  return html`<div class="empty">
    ${icon('clapperboard')}
    <p>${t('wall.empty')}</p>
    <p class="small">${t('wall.demo')}</p>
  </div>`;
}

/**
 * @param {{films: Title[] | null, more: string | null, search: string}} state
 * @param {{search: (text: string) => void, more: () => void, choose: (film: Title) => void}} actions
 */
export function wallView({ films, more, search }, actions) {
  if (films === null) {
    return '';
  }
  return html`<section>
    <div class="row">
      <h2>${t('wall.heading')}</h2>
      <label class="search">
        ${icon('search')}<span class="visually-hidden">${t('wall.search')}</span>
        <input
          type="search"
          maxlength="200"
          placeholder=${t('wall.search')}
          .value=${search}
          @input=${(/** @type {InputEvent & {target: HTMLInputElement}} */ { target }) => actions.search(target.value)}
        />
      </label>
    </div>
    ${
      films.length
        ? html`<ul class="wall" role="list">
            ${repeat(
              films,
              ({ id }) => id,
              (film) => filmCard(film, actions.choose),
            )}
          </ul>`
        : nothing(search)
    }
    ${more ? html`<button class="more" @click=${actions.more}>${t('wall.more')}</button>` : ''}
  </section>`;
}
