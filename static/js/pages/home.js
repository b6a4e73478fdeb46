// @ts-check
/** The home page: what is coming, the films there are, and scheduling a show. */

import { html, render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../room/api.js';
import { oncePerFrame } from '../ui/frame.js';
import { comingView, wallView } from '../ui/home/cards.js';
import { ManageShowDialog } from '../ui/home/manage-show.js';
import { ScheduleSheet } from '../ui/home/schedule.js';
import { languageChanges, loadLanguage, t } from '../ui/i18n.js';
import { face, icon } from '../ui/icons.js';
import { preferences } from '../ui/preferences.js';
import { problemWords } from '../ui/problem-words.js';

/** How often the row "Coming up" is asked for anew, ms. */
const REFRESH_MS = 20_000;

/** Words of a search that are sent. */
const MAX_SEARCH_WORDS = 16;

/** How long after the last key a search is sent, ms. */
const SEARCH_DELAY_MS = 150;

/**
 * @typedef {object} Home
 * @property {api.Person | null} person
 * @property {api.ListedShow[] | null} shows null until known
 * @property {api.Title[] | null} films null until known
 * @property {string | null} more cursor of the next page of films
 * @property {string} search
 * @property {string} trouble
 */

/** @type {Home} */
const home = {
  person: null,
  shows: null,
  films: null,
  more: null,
  search: '',
  trouble: '',
};

const page = /** @type {HTMLElement} */ (document.getElementById('page'));
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
  named: (person) => {
    home.person = person;
    show();
  },
  scheduled: refresh,
});
const manageDialog = new ManageShowDialog(dialog('manage'), {
  opened,
  changed: (changed) =>
    changeShows((shows) => shows.map((old) => (old.id === changed.id ? { ...old, ...changed } : old))),
  calledOff: ({ id }) => changeShows((shows) => shows.filter((old) => old.id !== id)),
});

/** @param {(shows: api.ListedShow[]) => api.ListedShow[]} change */
function changeShows(change) {
  home.shows = change(home.shows ?? []);
  show();
}

function header() {
  return html`<header class="top">
    <a class="mark" href="/"><img src="/static/icons/seans.svg" alt="" />Seans</a>
    <span class="grow"></span>
    ${home.person ? html`<span class="me">${face(home.person)}<span>${home.person.name}</span></span>` : ''}
    ${preferences(show)}
  </header>`;
}

function show() {
  document.title = t('home.heading');
  const open = (/** @type {api.Title | undefined} */ film) => sheet.open(home.person, film);
  render(
    html`${header()}
      <main>
        <section class="hero">
          <h1>${t('home.tagline')}</h1>
          <p>${t('home.promise')}</p>
          <button class="main" @click=${() => open(undefined)}>
            ${icon('calendar-clock')}${t('home.schedule')}
          </button>
        </section>
        ${
          home.trouble
            ? html`<p class="trouble-line" role="alert">
                ${icon('triangle-alert')}${home.trouble}
                <button @click=${start}>${t('action.retry')}</button>
              </p>`
            : ''
        }
        ${comingView(home.shows, api.serverDate(), (managed) => manageDialog.open(managed))}
        ${wallView(home, { search, more: () => loadFilms(true), choose: open })}
      </main>`,
    page,
  );
}

/** What the server answers is drawn in the next frame; what one does oneself at once. */
const showSoon = oncePerFrame(show);

let searching = 0;

/** @param {string} text */
function search(text) {
  home.search = text;
  clearTimeout(searching);
  searching = setTimeout(() => loadFilms(false), SEARCH_DELAY_MS);
}

/** What the server is asked for: it refuses more words than that. */
function searched() {
  return home.search.trim().split(/\s+/).slice(0, MAX_SEARCH_WORDS).join(' ');
}

/** @param {boolean} further the next page, or from the first */
async function loadFilms(further) {
  const asked = searched();
  const cursor = (further && home.more) || undefined;
  const found = await api.titles({ query: asked, cursor, limit: 100 });
  // Answers may come in another order than they were asked for.
  if (asked !== searched()) {
    return;
  }
  home.films = further ? [...(home.films ?? []), ...found.items] : found.items;
  home.more = found.next;
  showSoon();
}

async function refresh() {
  home.shows = home.person ? (await api.comingShows()).items : [];
  showSoon();
}

async function start() {
  try {
    home.person = await api.me();
    await Promise.all([loadFilms(false), refresh()]);
    home.trouble = '';
  } catch (problem) {
    home.trouble = problemWords(problem);
  }
  showSoon();
}

async function keepFresh() {
  if (document.hidden || !home.person) {
    return;
  }
  try {
    await refresh();
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
