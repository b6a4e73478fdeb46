// @ts-check
/** The page behind a link: the lobby, the film, and what stands around it. */

import { render } from '/static/vendor/lit-html/lit-html.js';
import { expose } from '../player/diagnostics.js';
import { SyncedPlayer } from '../player/player.js';
import * as api from '../room/api.js';
import { Commands } from '../room/commands.js';
import { filmAt, ownFilm, untilNextTick } from '../room/film-state.js';
import { FriendMarks } from '../room/friend-marks.js';
import { pageData } from '../room/page-data.js';
import { reportOf } from '../room/report.js';
import { RoomClient } from '../room/room-client.js';
import { ClockFilter } from '../sync/clock.js';
import { EMPTY_SNAPSHOT } from '../sync/snapshot.js';
import { Timelines } from '../sync/timeline.js';
import { Chat } from '../ui/chat/chat.js';
import { filmWords } from '../ui/episode-words.js';
import { oncePerFrame, painted, tickWhenDue } from '../ui/frame.js';
import { languageChanges, loadLanguage, t } from '../ui/i18n.js';
import { problemWords, refusalWords } from '../ui/problem-words.js';
import { pageReminders } from '../ui/reminder-button.js';
import { Entrance } from '../ui/room/entrance.js';
import { bindKeys, openKeys } from '../ui/room/keys.js';
import { MemberDialog } from '../ui/room/member-dialog.js';
import { overlayOf } from '../ui/room/overlay.js';
import { Screen } from '../ui/room/screen.js';
import { Sidebar } from '../ui/room/sidebar.js';
import { syncStatus } from '../ui/room/sync-status.js';
import { showInTab } from '../ui/room/tab-title.js';
import { Toasts } from '../ui/room/toasts.js';
import { UndoOffer } from '../ui/room/undo-offer.js';
import { TakingAlong } from '../ui/sign-in.js';
import { Panel } from '../ui/stats/panel.js';
import { deviceStorage } from '../ui/storage.js';
import { SessionChange } from './session-change.js';
import { SourceView } from './source-view.js';

const now = () => performance.now() / 1000;
const clock = new ClockFilter();
const token = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
/** Label of a data channel that carries the room protocol. */
const CHANNEL = 'room';
const openChannel = () => player?.sources.openChannel(CHANNEL) ?? null;
const room = new RoomClient({ token, clock, now, openChannel });
const timelines = new Timelines();

const change = new SessionChange({
  token,
  room,
  timelines,
  serverNow: () => serverNow(),
  over: () => film().over,
  own: () => own(),
});

/** @type {SyncedPlayer | null} */
let player = null;
/** @type {SourceView | null} */
let sources = null;
/** @type {Screen | null} */
let screen = null;
/** Server time less client time as the invitation said it: to a round trip, until the clock knows. */
let roughOffset = 0;
let lastRate = 1;
/** Why the page could not be opened at all. @type {unknown} */
let refusal = null;

const snapshot = () => player?.snapshot ?? EMPTY_SNAPSHOT;
expose(snapshot);

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const dialog = /** @type {HTMLDialogElement} */ (element('dialog'));

const serverNow = () => (clock.ready ? clock.serverTime(now()) : now() + roughOffset);
const film = () => filmAt(timelines, serverNow(), timelines.duration, lastRate);
const own = () => player?.own ?? false;
/** What the picture shows: the room's film, or another place of it. */
const shown = () => (own() && screen ? ownFilm(screen.video, timelines.duration) : film());
const live = () => sources?.state?.live ?? false;
/** Why one may not move the room on; '' where one may. */
const lockedWords = () => {
  const key = commands.roomLocked;
  return key && t(key);
};
const status = () => syncStatus(snapshot(), film(), room.lost && entrance.entered, live());

const entrance = new Entrance({ room, player: () => player, changed: () => draw(), done: answered });
const along = new TakingAlong({ changed: () => draw(), done: () => location.reload() });
const toasts = new Toasts(() => drawSoon());
const commands = new Commands({
  room,
  film: shown,
  own: () => (own() ? player : null),
  refuse: (refusal) => toasts.say(refusalWords(refusal)),
  changed: () => drawSoon(),
});
const reminders = pageReminders(serverNow, () => drawSoon());
const panel = new Panel(element('panel'), { room, player: () => player, status, now });
const members = new MemberDialog(dialog, room);
const friends = new FriendMarks();
const sidebar = new Sidebar(element('sidebar'), room, {
  manage: (row) => members.open(row),
  help: () => openKeys(dialog),
  over: () => film().over,
  friends,
  toggleFriend,
});

const undo = new UndoOffer({ room, commands, toasts, serverNow, own });
const chat = new Chat(sidebar.chatBody, room, () => undo.takeBack());
sidebar.chat = chat;

/** Go one's own way, or come back to where the room is. */
function toggleOwn() {
  toasts.clear();
  if (sources?.ownLocked) {
    toasts.say(sources.ownLocked);
  } else if (film().begun) {
    player?.watchOwn(!own());
    change.check();
  }
  draw();
}

function togglePanel() {
  panel.toggle();
  draw();
}

/** @param {{timeline: api.Timeline, next: api.Timeline | null}} news */
function take(news) {
  const forPicture = change.take(news);
  if (forPicture === null) {
    drawSoon();
    return;
  }
  timelines.apply(forPicture);
  room.keepStartTime(forPicture.next ?? forPicture.timeline);
  lastRate = timelines.newest?.rate || lastRate;
  player?.timelinesChanged();
  planReminder();
  retime();
}

/** Be reminded of the film, for as long as it is going to begin by itself. */
function planReminder() {
  const { position, rate, instant } = timelines.newest ?? { position: 0, rate: 0, instant: 0 };
  const { session_id: id } = room.invitation ?? {};
  const counting = id !== undefined && position <= 0 && rate > 0;
  const starts = instant - position / rate;
  reminders.plan(counting ? [{ id, title: room.title ?? '', starts, path: location.pathname }] : []);
}

/** Somebody has come in, or was refused. */
function answered() {
  if (entrance.entered) {
    toasts.entered(film());
  }
  draw();
  sidebar.show();
  if (entrance.entered) {
    screen?.focus();
  }
}

/** Another session: its film, in the same room. @param {api.Invitation} invitation */
function sessionChanged(invitation) {
  timelines.reset(invitation.duration);
  lastRate = 1;
  toasts.clear();
  undo.reset();
  take(invitation);
  player?.change(invitation.sources);
}

/** What comes after this session. */
function upcoming() {
  const session = room.sessions.after(room.invitation?.session_id, serverNow());
  return { session, left: session === null ? 0 : change.left };
}

/** Which of several films runs, in words; '' where there is one. */
function filmTitle() {
  const session = room.sessions.count > 1 ? room.sessions.get(room.invitation?.session_id) : null;
  // Until the room has told of all, the link says which episode it is.
  const film = session?.film ?? room.invitation?.film;
  return film ? filmWords(film) : '';
}

/** @param {{id: string}} user */
async function toggleFriend({ id }) {
  try {
    await friends.toggle(id);
  } catch (problem) {
    toasts.say(problemWords(problem));
  }
}

/** Know who is a friend already; without that they look like the others until the next welcome. */
async function loadFriends() {
  try {
    await friends.load();
  } catch (problem) {
    if (!(problem instanceof api.Problem)) {
      throw problem;
    }
  }
}

/** Bring the film to `<video>`. */
function loadFilm() {
  player?.load(room.invitation?.sources ?? []);
}

/** Ask for the film anew, by a fresh address: the old one may have expired. */
async function reloadFilm() {
  try {
    room.invitation = await api.invitation(token);
    loadFilm();
  } catch (problem) {
    toasts.say(problemWords(problem));
  }
}

/** Draw what depends on time. */
function draw() {
  const scene = {
    room,
    film: film(),
    shown: shown(),
    own: own(),
    entered: entrance.entered,
    lost: room.lost && entrance.entered,
    live: live(),
    ready: screen !== null,
    locked: commands.locked !== '',
    joining: entrance,
    along,
    fault: player?.fault ?? null,
    refusal,
    snapshot: snapshot(),
    serverNow: serverNow(),
    reminders,
    upcoming: upcoming(),
    filmTitle: filmTitle(),
    roomLocked: commands.roomLocked !== '',
  };
  const { paused, position, rate, duration } = scene.shown;
  screen?.showPicture({ paused, position: commands.pending ?? Math.max(position, 0), rate, duration });
  screen?.showState({
    locked: commands.locked && t(commands.locked),
    seekLocked: commands.seekLocked && t(commands.seekLocked),
    sync: status(),
    title: [room.title, scene.filmTitle].filter(Boolean).join(' — '),
    next: scene.upcoming.session !== null,
    nextLocked: lockedWords(),
    own: scene.own,
    ownLocked: sources?.ownLocked ?? '',
    panel: panel.isOpen,
    source: sources?.state ?? null,
  });
  const overlay = overlayOf(scene, actions, toasts);
  const classes = element('room').classList;
  classes.toggle('in-lobby', !entrance.entered);
  classes.toggle('gone', overlay.gone);
  classes.toggle('tall', overlay.blocked || overlay.between || (entrance.entered && overlay.lobby));
  element('player').classList.toggle('covered', overlay.covered);
  render(overlay.view, element('overlay'));
  drawnSync = [scene.snapshot.state, scene.fault, screen?.syncWords, sources?.state?.words].join();
  chat.offerUndo(undo.seek?.seq ?? null);
}

/** What comes from elsewhere is drawn in the next frame; what one does oneself at once. */
const drawSoon = oncePerFrame(() => {
  // Until the script has its words, the server's first picture stands.
  if (screen) {
    draw();
  }
});
const showSidebarSoon = oncePerFrame(() => sidebar.show());

/** What was last drawn of how the picture keeps in sync. */
let drawnSync = '';

/** Follow the picture, which tells of itself a few times a second: most of it is drawn already. */
function followSync() {
  sources?.follow(entrance.entered);
  const news = [snapshot().state, player?.fault ?? null, status().words, sources?.state?.words];
  if (news.join() !== drawnSync) {
    drawSoon();
  }
}

/** Tick, now and from now on, by the timelines as they are; nothing to do before the page has its words. */
let retime = () => {};

function tick() {
  change.check();
  drawSoon();
  // The tab has its title in the background too, where no frames come.
  if (room.invitation) {
    showInTab(shown(), room.title ?? '');
  }
}

const actions = {
  enter: (/** @type {SubmitEvent} */ event) => entrance.enter(event),
  unblock: () => player?.unblock(),
  reloadFilm,
  reload: () => location.reload(),
  back: toggleOwn,
  goOn: () => commands.play(),
  next: () => commands.next(),
  stay: () => commands.stay(),
};

function prepareScreen() {
  screen = new Screen(element('screen'), element('overlay'), {
    play: () => commands.play(),
    pause: () => commands.pause(),
    seek: (position) => commands.seek(position),
    rate: (rate) => commands.rate(rate),
    own: toggleOwn,
    panel: togglePanel,
    syncNow: () => player?.syncNow(),
    source: (preference) => sources?.choose(preference),
    next: () => commands.next(),
  });
  player = new SyncedPlayer({ video: screen.video, clock, timelines, now, storage: deviceStorage() });
  sources = new SourceView({ player, room, film, say: (words) => toasts.say(words), now });
  player.addEventListener('source', drawSoon);
  player.addEventListener('doubt', () => room.link?.askTime());
  player.addEventListener('sync', () => {
    if (player === null) {
      return;
    }
    const fields = reportOf(player.snapshot, player.buffered);
    room.link?.report(fields, { waiting: room.waiting !== null });
    followSync();
  });
  bindKeys({
    commands,
    screen,
    entered: () => entrance.entered,
    actions: {
      help: () => openKeys(dialog),
      panel: togglePanel,
      syncNow: () => player?.syncNow(),
      own: toggleOwn,
      undo: () => undo.takeBack(),
      next: () => commands.next(),
    },
  });
}

/** Ask for all that is needed at once; the clock is being set meanwhile. */
async function begin() {
  room.addEventListener('notice', (event) => undo.take(/** @type {CustomEvent} */ (event).detail));
  room.addEventListener('session', (event) => sessionChanged(/** @type {CustomEvent} */ (event).detail));
  for (const type of ['welcome', 'timeline']) {
    room.addEventListener(type, (event) => take(/** @type {CustomEvent} */ (event).detail));
  }
  // The server is back, perhaps with another secret, by which the old address is no more valid.
  room.addEventListener('welcome', () => player?.fault === 'network' && reloadFilm());
  room.addEventListener('welcome', loadFriends);
  room.addEventListener('state', () => {
    if (room.member && room.linkState.state === 'closed') {
      player?.stop();
    }
  });
  const loading = room.load(pageData()).then(({ invitation, at }) => {
    timelines.duration = invitation.duration;
    roughOffset = invitation.now - at;
    take(invitation);
  });
  // A failure is reported below, once the words are loaded.
  loading.catch(() => {});
  // The server drew the countdown: where the script comes from the cache, it is first seen, then ours.
  await painted();
  await loadLanguage();
  prepareScreen();
  room.addEventListener('change', showSidebarSoon);
  friends.addEventListener('change', showSidebarSoon);
  room.addEventListener('change', drawSoon);
  // The show may be called otherwise by now.
  room.addEventListener('change', planReminder);
  languageChanges.addEventListener('change', () => {
    screen?.languageChanged();
    sidebar.show();
    chat.show();
    panel.show();
    draw();
  });
  draw();
  const plan = tickWhenDue(tick, () => untilNextTick(timelines, serverNow(), shown()));
  retime = () => {
    tick();
    plan();
  };
  await loading;
  sidebar.show();
  chat.show();
  draw();
  await painted();
  loadFilm();
  await screen?.loadControls();
}

document.body.addEventListener('say', (event) => toasts.say(/** @type {CustomEvent} */ (event).detail));
try {
  await begin();
} catch (problem) {
  refusal = problem;
}
draw();
