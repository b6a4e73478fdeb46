// @ts-check
/** Where the picture comes from, as the room's page shows it: the viewer's wish, and news of the live picture. */

import { t } from '../ui/i18n.js';
import { LiveNews } from '../ui/room/live-news.js';
import { liveWords } from '../ui/room/live-words.js';
import { initialPreference, keepPreference } from '../ui/room/source-preference.js';
import { deviceStorage } from '../ui/storage.js';

/** @typedef {import('../player/source-choice.js').Preference} Preference */

export class SourceView {
  #player;
  #film;
  #now;
  #news;

  /**
   * @param {object} parts
   * @param {import('../player/player.js').SyncedPlayer} parts.player
   * @param {import('../room/room-client.js').RoomClient} parts.room
   * @param {() => import('../room/film-state.js').Film} parts.film  as the room has it
   * @param {(words: string) => void} parts.say
   * @param {() => number} parts.now  client time, s
   */
  constructor({ player, room, film, say, now }) {
    this.#player = player;
    this.#film = film;
    this.#now = now;
    this.#news = new LiveNews({
      session: () => room.invitation?.session_id ?? '',
      say,
      update: (entries) => player.sources.update(entries),
    });
    player.sources.preference = initialPreference(deviceStorage(), location.search);
    room.addEventListener('welcome', () => this.#welcomed(room.settings));
    // The link opens with the page: it may have been welcomed before there was a picture.
    this.#welcomed(room.settings);
    // The server need not send to a page that is left, or kept for the way back.
    addEventListener('pagehide', () => (player.sources.away = true));
    addEventListener('pageshow', () => (player.sources.away = false));
  }

  /** @param {import('../room/room-client.js').RoomClient['settings']} settings */
  #welcomed(settings) {
    if (settings !== null) {
      this.#player.liveDelay = settings.live_delay || this.#player.liveDelay;
      this.#player.sources.admit();
    }
  }

  /** The viewer chooses. @param {Preference} preference */
  choose(preference) {
    keepPreference(deviceStorage(), preference);
    this.#player.sources.preference = preference;
  }

  /** What the menu shows; null where there is no choice. */
  get state() {
    const { preference, hasFile, liveStatus } = this.#player.sources;
    if (liveStatus === null) {
      return null;
    }
    return { preference, hasFile, live: liveStatus.shown, words: this.#words(liveStatus, preference) };
  }

  /** @param {import('../ui/room/live-words.js').LiveStatus} status @param {Preference} preference */
  #words(status, preference) {
    const { begun, rate } = this.#film();
    if (this.#player.own && preference === 'live') {
      return t('live.own');
    }
    const waits = !begun && status.wanted && !status.ready;
    // While nothing is made yet there is no progress to tell of.
    return waits && status.trouble === null && status.progress === null
      ? t('live.before')
      : liveWords(status, rate);
  }

  /** Why the viewer cannot watch on their own; '' where they can. */
  get ownLocked() {
    const { hasFile, liveStatus } = this.#player.sources;
    return liveStatus?.shown && !hasFile ? t('own.needs-file') : '';
  }

  /** Say what is new. @param {boolean} entered */
  follow(entered) {
    const { sources, snapshot } = this.#player;
    this.#news.follow({
      status: sources.liveStatus,
      stalled: snapshot.state === 'stalled',
      rate: this.#film().rate,
      entered,
      now: this.#now(),
    });
  }
}
