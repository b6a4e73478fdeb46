// @ts-check
/** The home page: what is coming, the films there are, and scheduling a show. */

import { html, render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../room/api.js';
import { homeData } from '../room/page-data.js';
import { PagedList } from '../room/paged-list.js';
import { oncePerFrame } from '../ui/frame.js';
import { CalendarDialog } from '../ui/home/calendar-dialog.js';
import { comingView, wallView } from '../ui/home/cards.js';
import { ManageShowDialog } from '../ui/home/manage-show.js';
import { OwnerForm } from '../ui/home/owner-form.js';
import { ScheduleSheet } from '../ui/home/schedule.js';
import { languageChanges, loadLanguage, t } from '../ui/i18n.js';
import { face, icon } from '../ui/icons.js';
import { preferences } from '../ui/preferences.js';
import { problemWords } from '../ui/problem-words.js';
import { pageReminders } from '../ui/reminder-button.js';
import { guestsMayEnter, signInLink, signOutButton, TakingAlong } from '../ui/sign-in.js';

/** How often the row "Coming up" is asked for anew, ms. */
const REFRESH_MS = 20_000;

/** Words of a search that are sent. */
const MAX_SEARCH_WORDS = 16;

/** How long after the last key a search is sent, ms. */
const SEARCH_DELAY_MS = 150;

const data = homeData();

/** @type {api.Person | null} */
let person = null;
let search = '';

/** By what the person is looking for. @type {PagedList<api.Title, string>} */
const films = new PagedList((query, cursor) => api.titles({ query, cursor, limit: 100 }));

/** @type {PagedList<api.ListedShow, void>} */
const shows = new PagedList(async () => ({ items: person ? await api.comingShows() : [], next: null }));

/**
 * Why something could not be loaded, in words: gone once it could.
 *
 * @type {Map<'person' | 'films' | 'shows', string>}
 */
const troubles = new Map();

const page = /** @type {HTMLElement} */ (document.getElementById('page'));
const ownerForm = new OwnerForm(() => show());
/** What had the focus before a dialog took it. @type {Element | null} */
let left = null;

/** @param {boolean} open */
function opened(open) {
  // A modal dialog makes the page inert; screen readers of all kinds are told so as well.
  if (open) {
    left = document.activeElement;
  }
  page.inert = open;
  if (open) {
    page.setAttribute('aria-hidden', 'true');
  } else {
    page.removeAttribute('aria-hidden');
  }
  if (open) {
    return;
  }
  // The card that it was on may be gone by now.
  const back = left?.isConnected ? left : page.querySelector('button.main');
  if (back instanceof HTMLElement) {
    back.focus();
  }
}

/** @param {string} id */
const dialog = (id) => /** @type {HTMLDialogElement} */ (document.getElementById(id));

const sheet = new ScheduleSheet(dialog('sheet'), {
  opened,
  named: (named) => {
    person = named;
    show();
  },
  scheduled: () => loadShows(),
});
const manageDialog = new ManageShowDialog(dialog('manage'), {
  opened,
  changed: (changed) =>
    changeShows((known) => known.map((old) => (old.id === changed.id ? { ...old, ...changed } : old))),
  calledOff: ({ id }) => changeShows((known) => known.filter((old) => old.id !== id)),
});

const calendarDialog = new CalendarDialog(dialog('calendar'), opened);
const reminders = pageReminders(
  () => api.serverDate().getTime() / 1000,
  () => showSoon(),
);

/** Be reminded of what is scheduled, as it is now. */
function planReminders() {
  reminders.plan(
    (shows.items ?? []).flatMap(({ title, link, sessions }) =>
      sessions
        .filter(({ state }) => state === 'scheduled')
        .map(({ id, movie_time }) => ({
          id,
          title,
          starts: Date.parse(movie_time) / 1000,
          path: link && new URL(link, location.href).pathname,
        })),
    ),
  );
}

/** @param {(shows: api.ListedShow[]) => api.ListedShow[]} change */
function changeShows(change) {
  shows.change(change);
  show();
}

const along = new TakingAlong({ changed: () => show(), done: () => start() });

/** @param {string} words */
function fail(words) {
  troubles.set('person', words);
  show();
}

/** Nobody is known, and a name is not enough. */
const mustSignIn = () => !person && !guestsMayEnter();

function header() {
  return html`<header class="top">
    <a class="mark" href="/"><img src="/static/icons/seans.svg" alt="" />Seans</a>
    <span class="grow"></span>
    ${person ? html`<span class="me">${face(person)}<span>${person.name}</span></span>` : ''}
    ${person && !person.guest ? signOutButton((words) => fail(words)) : signInLink('quiet')}
    ${preferences(show)}
  </header>`;
}

/** Whether this person sees the films and may schedule shows. */
function mayHost() {
  return person ? Boolean(person.may?.host) : data.library;
}

/** What stands at the top. @param {() => void} schedule */
function hero(schedule) {
  if (mustSignIn()) {
    return html`<section class="hero">
      <h1>${t('home.tagline')}</h1>
      <p>${t('home.promise')}</p>
      ${signInLink('main') || html`<p>${t('lobby.no-guests')}</p>`}
    </section>`;
  }
  return html`<section class="hero">
    <h1>${t('home.tagline')}</h1>
    ${
      mayHost()
        ? html`<p>${t('home.promise')}</p>
            <button class="main" @click=${schedule}>${icon('calendar-clock')}${t('home.schedule')}</button>`
        : html`<p>${t('home.invited')}</p>
            <p class="note">${t(data.hosts === 'users' ? 'home.not-user' : 'home.not-host')}</p>`
    }
  </section>`;
}

function show() {
  planReminders();
  document.title = t('home.heading');
  if (data.owner && !person) {
    render(html`${header()}<main>${ownerForm.view()}</main>`, page);
    return;
  }
  const open = (/** @type {api.Title | undefined} */ film) => sheet.open(person, film);
  const [trouble] = troubles.values();
  render(
    html`${header()}
      <main>
        ${hero(() => open(undefined))}
        ${person?.before ? along.view(person.before) : ''}
        ${
          trouble
            ? html`<p class="trouble-line" role="alert">
                ${icon('triangle-alert')}${trouble}
                <button @click=${start}>${t('action.retry')}</button>
              </p>`
            : ''
        }
        ${
          (mayHost() || person) && !mustSignIn()
            ? comingView(shows.items, api.serverDate(), {
                manage: (managed) => manageDialog.open(managed),
                subscribe: () => calendarDialog.open(),
                reminders,
                mayHost: mayHost(),
              })
            : ''
        }
        ${
          mayHost() && !mustSignIn()
            ? wallView(
                { films: films.items, more: films.next, search },
                { search: searchFor, more: moreFilms, choose: open },
              )
            : ''
        }
      </main>`,
    page,
  );
}

/** What the server answers is drawn in the next frame; what one does oneself at once. */
const showSoon = oncePerFrame(show);

let searching = 0;

/** @param {string} text */
function searchFor(text) {
  search = text;
  clearTimeout(searching);
  searching = setTimeout(loadFilms, SEARCH_DELAY_MS);
}

/** What the server is asked for: it refuses more words than that. */
function searched() {
  return search.trim().split(/\s+/).slice(0, MAX_SEARCH_WORDS).join(' ');
}

/**
 * Load something; say in words why it cannot be.
 *
 * @param {'person' | 'films' | 'shows'} what
 * @param {Promise<boolean>} loading  whether its answer counts
 */
async function load(what, loading) {
  try {
    if (await loading) {
      troubles.delete(what);
    }
  } catch (problem) {
    troubles.set(what, problemWords(problem));
  }
  showSoon();
}

const loadFilms = () => load('films', films.load(searched()));
const moreFilms = () => load('films', films.more());
const loadShows = () => load('shows', shows.load());

async function loadPerson() {
  person = await api.me();
  return true;
}

async function start() {
  await load('person', loadPerson());
  // Who is not known has no shows, but who could not be asked about may have some.
  if (!troubles.has('person') && !mustSignIn()) {
    await Promise.all([mayHost() ? loadFilms() : undefined, loadShows()]);
  }
}

async function keepFresh() {
  // A page in the background needs to know what has another time, if it is to remind of it.
  if ((document.hidden && reminders.state !== 'on') || !person) {
    return;
  }
  try {
    if (await shows.load()) {
      troubles.delete('shows');
      showSoon();
    }
  } catch (problem) {
    // The row stays as it was: the next round tries again.
    if (!(problem instanceof api.Problem)) {
      throw problem;
    }
  }
}

await loadLanguage();
languageChanges.addEventListener('change', () => {
  show();
  sheet.show();
});
show();
await start();
setInterval(keepFresh, REFRESH_MS);
document.addEventListener('visibilitychange', keepFresh);
