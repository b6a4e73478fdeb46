// @ts-check
/** Offers to take back the newest seek: in a toast to who made it, else by a key and in the chat. */

import { Undo } from '../../room/undo.js';
import { clockTime, t } from '../i18n.js';

/** A notice of what one did oneself is news for so long, s: those of earlier come after a reload too. */
const OWN_NEWS_S = 3;

/**
 * @typedef {object} Parts
 * @property {import('../../room/room-client.js').RoomClient} room
 * @property {import('../../room/commands.js').Commands} commands
 * @property {import('./toasts.js').Toasts} toasts
 * @property {() => number} serverNow  Unix s
 * @property {() => boolean} own  whether one watches on one's own
 */

export class UndoOffer {
  #parts;
  #undo = new Undo();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** The seek that this person may take back now. */
  get seek() {
    const { commands, serverNow, own } = this.#parts;
    return own() || commands.locked ? null : this.#undo.offered(serverNow());
  }

  /** Another film: no seek of the one before is taken back. */
  reset() {
    this.#undo = new Undo();
  }

  /** Take it back, or say why not. */
  takeBack() {
    const { commands, toasts } = this.#parts;
    const notice = this.seek;
    if (notice) {
      commands.seek(notice.from);
    } else {
      toasts.say(t(commands.locked || 'undo.nothing'));
    }
  }

  /**
   * Take a notice of the log; a seek of one's own is offered to be undone.
   *
   * @param {import('../../room/protocol.js').Notice} notice
   */
  take(notice) {
    const { room, toasts, serverNow } = this.#parts;
    if (notice.session_id !== room.invitation?.session_id) {
      // The log is that of the show: it tells of its other films too.
      return;
    }
    this.#undo.take(notice);
    const seek = this.seek;
    const news = serverNow() - Date.parse(notice.created_at) / 1000 < OWN_NEWS_S;
    if (seek?.seq !== notice.seq || notice.by !== room.person?.id || !news) {
      return;
    }
    const words = t('undo.done', { from: clockTime(seek.from), to: clockTime(notice.position ?? 0) });
    toasts.say(words, { icon: 'undo-2', words: t('undo.button'), do: () => this.takeBack() });
  }
}
