// @ts-check
/** The room page: from the link through the hall into the film, and everything around it. */

import { render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../room/api.js';
import { Chat } from '../ui/chat/chat.js';
import { ClockFilter } from '../sync/clock.js';
import { NOTHING_YET, expose } from '../player/diagnostics.js';
import { filmAt, ownFilm, showInTab, syncStatus } from '../room/film-state.js';
import { clockTime, languageChanges, loadLanguage, t } from '../ui/i18n.js';
import { bindKeys, openKeys } from '../ui/room/keys.js';
import { MemberDialog } from '../ui/room/member-dialog.js';
import { Notes } from '../ui/room/toasts.js';
import { Orders } from '../room/commands.js';
import { Panel } from '../ui/stats/panel.js';
import { SyncedPlayer } from '../player/player.js';
import { Seat } from '../room/room-client.js';
import { Side } from '../ui/room/sidebar.js';
import { FilmSource } from '../player/source.js';
import { stageOf } from '../ui/room/overlay.js';
import { Timelines } from '../sync/timeline.js';
import { Undo } from '../room/undo.js';

/** How often what depends on time is drawn, ms. */
const TICK = 100;
/** A notice of what one did oneself is news for so long, s: those of earlier come after a reload too. */
const NEWS = 3;

const now = () => performance.now() / 1000;
const clock = new ClockFilter();
const token = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
const seat = new Seat({ token, clock, now });
const timelines = new Timelines();

/** @type {SyncedPlayer | null} */
let player = null;
/** @type {import('../ui/room/screen.js').Screen | null} */
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

const snapshot = () => player?.snapshot ?? NOTHING_YET;
expose(snapshot);

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const dialog = /** @type {HTMLDialogElement} */ (element('dialog'));

const serverNow = () => (clock.ready ? clock.serverTime(now()) : now() + roughOffset);
const film = () => filmAt(timelines, serverNow(), timelines.duration, lastRate);
const own = () => player?.own ?? false;
/** What the picture shows: the room's film, or another place of it. */
const shown = () => (own() && screen ? ownFilm(screen.video, timelines.duration) : film());
const status = () => syncStatus(snapshot(), film(), seat.lost && entered);

const notes = new Notes();
const undo = new Undo();
const orders = new Orders({
  seat,
  film: shown,
  own: () => (own() ? player : null),
  say: (words) => notes.say(words),
});
const panel = new Panel(element('panel'), { seat, player: () => player, status, now });
const members = new MemberDialog(dialog, seat);
const side = new Side(element('side'), seat, {
  manage: (row) => members.open(row),
  help: () => openKeys(dialog),
  over: () => film().over,
});

/** A plan says when the film begins; a new plan, when instead. @param {api.Timeline} timeline */
function keepMoment({ reason, instant, position, rate }) {
  if (!seat.invitation || (reason !== 'scheduled' && reason !== 'rescheduled') || rate === 0) return;
  seat.invitation.movie_time = new Date((instant - position / rate) * 1000).toISOString();
}

const chat = new Chat(side.chatBody, seat, takeBack);
side.chat = chat;

/** The seek that this person may take back now. */
function undoable() {
  return own() || orders.locked ? null : undo.offered(serverNow());
}

function takeBack() {
  const notice = undoable();
  if (notice) orders.seek(notice.from);
  else notes.say(orders.locked || t('undo.nothing'));
}

/** @param {import('../room/protocol.js').Notice} notice */
function noted(notice) {
  undo.take(notice);
  const news = serverNow() - Date.parse(notice.created_at) / 1000 < NEWS;
  const offered = undoable();
  if (offered?.seq !== notice.seq || notice.by !== seat.person?.id || !news) return;
  const words = t('undo.done', { from: clockTime(offered.from), to: clockTime(notice.position ?? 0) });
  notes.say(words, { icon: 'undo-2', words: t('undo.button'), do: takeBack });
}

/** Go one's own way, or come back to where the room is. */
function toggleOwn() {
  if (film().begun) player?.watchOwn(!own());
  notes.hush();
  draw();
}

function togglePanel() {
  panel.toggle();
  draw();
}

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
  const scene = {
    seat,
    film: film(),
    shown: shown(),
    own: own(),
    entered,
    lost: seat.lost && entered,
    ready: screen !== null,
    locked: orders.locked !== '',
    door,
    fault: source?.fault ?? null,
    refusal,
    snapshot: snapshot(),
    serverNow: serverNow(),
  };
  const { paused, position, rate, duration } = scene.shown;
  screen?.showPicture({ paused, position: orders.pending ?? Math.max(position, 0), rate, duration });
  screen?.showState({
    locked: orders.locked,
    seekLocked: orders.seekLocked,
    sync: status(),
    title: seat.title ?? '',
    own: scene.own,
    panel: panel.isOpen,
  });
  const stage = stageOf(scene, actions, notes);
  const room = element('room').classList;
  room.toggle('hall-phase', !entered);
  room.toggle('gone', stage.gone);
  room.toggle('tall', stage.troubled || (entered && stage.hall));
  element('stage').classList.toggle('covered', stage.covered);
  render(stage.view, element('over'));
  chat.offerUndo(undoable()?.seq ?? null);
  if (seat.invitation) showInTab(scene.shown, seat.title ?? '');
}

const actions = {
  enter,
  unblock: () => player?.unblock(),
  reloadFilm,
  reload: () => location.reload(),
  back: toggleOwn,
  goOn: () => orders.play(),
};

/** @param {Promise<typeof import('../ui/room/screen.js')>} loading */
async function prepareScreen(loading) {
  const { Screen } = await loading;
  screen = new Screen(element('screen'), element('over'), {
    play: () => orders.play(),
    pause: () => orders.pause(),
    seek: (position) => orders.seek(position),
    rate: (rate) => orders.rate(rate),
    own: toggleOwn,
    panel: togglePanel,
    syncNow: () => player?.syncNow(),
  });
  player = new SyncedPlayer({ video: screen.video, clock, timelines, now, storage: localStorage });
  player.addEventListener('doubt', () => seat.link?.askTime());
  player.addEventListener('sync', () => {
    if (player) seat.link?.report(player.reportState(), { waiting: seat.waiting !== null });
    draw();
  });
  source = new FilmSource(screen.video);
  player.addEventListener('trouble', (event) => source?.failed(/** @type {CustomEvent} */ (event).detail));
  bindKeys({
    orders,
    screen,
    entered: () => entered,
    actions: {
      help: () => openKeys(dialog),
      panel: togglePanel,
      syncNow: () => player?.syncNow(),
      own: toggleOwn,
      undo: takeBack,
    },
  });
}

/** Ask for all that is needed at once; the clock is being set meanwhile. */
async function begin() {
  const module = import('../ui/room/screen.js');
  seat.addEventListener('welcome', (event) => {
    take(/** @type {CustomEvent} */ (event).detail);
  });
  seat.addEventListener('notice', (event) => noted(/** @type {CustomEvent} */ (event).detail));
  seat.addEventListener('timeline', (event) => take(/** @type {CustomEvent} */ (event).detail));
  seat.addEventListener('state', () => {
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
    panel.show();
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
