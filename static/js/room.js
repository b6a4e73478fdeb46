// @ts-check
/** The room page: from the link through the hall into the film, and everything around it. */

import { render } from '/static/vendor/lit-html/lit-html.js';
import * as api from './api.js';
import { Chat } from './chat.js';
import { ClockFilter } from './clock.js';
import { filmAt, showInTab, syncStatus } from './film.js';
import { hallView } from './hall.js';
import { languageChanges, loadLanguage, t } from './i18n.js';
import { bindKeys, openKeys } from './keys.js';
import { Notes } from './notes.js';
import { Orders } from './orders.js';
import { MemberDialog } from './people.js';
import { SyncedPlayer } from './player.js';
import { Seat } from './seat.js';
import { Side } from './side.js';
import { FilmSource } from './source.js';
import { Timelines } from './timeline.js';
import { troubleOf, troubleView } from './trouble.js';

/** How often what depends on time is drawn, ms. */
const TICK = 100;

const now = () => performance.now() / 1000;
const clock = new ClockFilter();
const token = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
const seat = new Seat({ token, clock, now });
const timelines = new Timelines();

/** @type {SyncedPlayer | null} */
let player = null;
/** @type {import('./screen.js').Screen | null} */
let screen = null;
/** Server time less client time as the invitation said it: to a round trip, until the clock knows. */
let roughOffset = 0;
let entered = false;
let door = { trouble: '', busy: false };
let lastRate = 1;
/** @type {FilmSource | null} */
let source = null;
/** Why the page could not be opened at all. @type {unknown} */
let refusal = null;

const nothingYet = {
  state: 'clock',
  offset: 0,
  bound: null,
  error: null,
  revision: 0,
  method: 'none',
  position: 0,
};
/** @type {any} */ (window).seans = Object.freeze({
  get sync() {
    return player ? player.snapshot : { ...nothingYet };
  },
});

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const dialog = /** @type {HTMLDialogElement} */ (element('dialog'));

const serverNow = () => (clock.ready ? clock.serverTime(now()) : now() + roughOffset);
const film = () => filmAt(timelines, serverNow(), timelines.duration, lastRate);

const notes = new Notes();
const orders = new Orders(seat, film, (words) => notes.say(words));
const members = new MemberDialog(dialog, seat);
const side = new Side(element('side'), seat, {
  manage: (row) => members.open(row),
  help: () => openKeys(dialog),
});

/** A plan says when the film begins; a new plan, when instead. @param {api.Timeline} timeline */
function keepMoment({ reason, instant, position, rate }) {
  if (!seat.invitation || (reason !== 'scheduled' && reason !== 'rescheduled') || rate === 0) return;
  seat.invitation.movie_time = new Date((instant - position / rate) * 1000).toISOString();
}

const chat = new Chat(side.chatBody, seat);
side.chat = chat;

/** @param {{timeline: api.Timeline, next: api.Timeline | null}} news */
function take(news) {
  timelines.apply(news);
  keepMoment(news.next ?? news.timeline);
  lastRate = timelines.newest?.rate || lastRate;
  player?.timelinesChanged();
}

/** @param {SubmitEvent} event the click on "Enter the hall", which is also what allows sound */
async function enter(event) {
  event.preventDefault();
  if (door.busy) return;
  const form = /** @type {HTMLFormElement} */ (event.target);
  const field = /** @type {HTMLInputElement | null} */ (form.elements.namedItem('name'));
  const name = field?.value.trim() ?? '';
  if (field && !name) {
    door = { trouble: t('name.missing'), busy: false };
    draw();
    field.focus();
    return;
  }
  player?.enter();
  door = { trouble: '', busy: true };
  draw();
  try {
    await seat.enter(name);
    entered = true;
    notes.entered(film());
    door = { trouble: '', busy: false };
  } catch (problem) {
    player?.leave();
    door = { trouble: api.problemWords(problem), busy: false };
  }
  draw();
  side.show();
  if (entered) screen?.focus();
}

/** Bring the film to `<video>`. */
function loadFilm() {
  if (!source?.load(seat.invitation?.sources ?? [])) return;
  player?.rehearse();
  if (entered) player?.enter();
}

/** Ask for the film anew, by a fresh address: the old one may have expired. */
async function reloadFilm() {
  try {
    seat.invitation = await api.invitation(token);
    loadFilm();
  } catch (problem) {
    notes.say(api.problemWords(problem));
  }
}

/** Draw what depends on time. */
function draw() {
  const at = film();
  const { snapshot } = player ?? { snapshot: nothingYet };
  const lost = seat.lost && entered;
  const fault = source?.fault ?? null;
  screen?.showPicture({
    paused: at.paused,
    position: orders.pending ?? Math.max(at.position, 0),
    rate: at.rate,
    duration: at.duration,
  });
  screen?.showState({
    locked: orders.locked,
    sync: syncStatus(snapshot, at, lost),
    title: seat.title ?? '',
  });
  const hall = !entered || !at.begun;
  element('room').className = entered ? 'room-phase' : 'hall-phase';
  const trouble = troubleOf(
    { seat, refusal, fault, snapshot, entered, film: at },
    {
      unblock: () => player?.unblock(),
      reloadFilm,
      reload: () => location.reload(),
    },
  );
  element('stage').classList.toggle('covered', hall || Boolean(trouble?.instead));
  render(
    [
      hall && !trouble?.instead
        ? hallView(
            { seat, film: at, entered, ready: screen !== null, door, fault, serverNow: serverNow() },
            enter,
          )
        : '',
      notes.view({ seat, film: at, entered, lost, snapshot, serverNow: serverNow() }),
      trouble ? troubleView(trouble) : '',
    ],
    element('over'),
  );
  if (seat.invitation) showInTab(at, seat.title ?? '');
}

/** @param {Promise<typeof import('./screen.js')>} loading */
async function prepareScreen(loading) {
  const { Screen } = await loading;
  screen = new Screen(element('screen'), element('over'), {
    play: () => orders.play(),
    pause: () => orders.pause(),
    seek: (position) => orders.seek(position),
    rate: (rate) => orders.rate(rate),
  });
  player = new SyncedPlayer({ video: screen.video, clock, timelines, now, storage: localStorage });
  player.addEventListener('sync', () => {
    if (player) seat.link?.report(player.reportState());
    draw();
  });
  source = new FilmSource(screen.video);
  player.addEventListener('trouble', (event) => source?.failed(/** @type {CustomEvent} */ (event).detail));
  bindKeys({ orders, screen, entered: () => entered, help: () => openKeys(dialog) });
}

/** Ask for all that is needed at once; the clock is being set meanwhile. */
async function begin() {
  const module = import('./screen.js');
  seat.addEventListener('welcome', (event) => {
    player?.linkLost(false);
    take(/** @type {CustomEvent} */ (event).detail);
  });
  seat.addEventListener('timeline', (event) => take(/** @type {CustomEvent} */ (event).detail));
  seat.addEventListener('state', () => {
    player?.linkLost(seat.lost);
    if (seat.member && seat.linkState.state === 'closed') player?.stop();
  });
  const asked = now();
  const loading = seat.load().then((invitation) => {
    timelines.duration = invitation.duration;
    roughOffset = invitation.now - (asked + now()) / 2;
    take(invitation);
  });
  // Should it fail, it is told below, once there are words for it.
  loading.catch(() => {});
  await loadLanguage();
  seat.addEventListener('change', () => side.show());
  languageChanges.addEventListener('change', () => {
    screen?.languageChanged();
    side.show();
    chat.show();
    draw();
  });
  draw();
  setInterval(draw, TICK);
  await Promise.all([loading, prepareScreen(module)]);
  side.show();
  chat.show();
  loadFilm();
}

document.body.addEventListener('say', (event) => notes.say(/** @type {CustomEvent} */ (event).detail));
try {
  await begin();
} catch (problem) {
  refusal = problem;
}
draw();
