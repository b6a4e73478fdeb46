// @ts-check
/** Undo of a seek: which seek, and to which position. */

/** @typedef {import('./protocol.js').Notice} Notice */

/** How long a seek can be undone: later nobody remembers where the film was, s. */
const UNDO_WITHIN_S = 600;

/** Only the newest seek can be undone; it leads back to where the film was then. */
export class Undo {
  /** @type {Notice | null} */
  #newest = null;

  /** @param {Notice} notice of the log, in order */
  take(notice) {
    if (notice.kind === 'sought') {
      this.#newest = notice;
    }
  }

  /**
   * Return the seek that can be undone; null: there is none. A seek that started the film during the
   * countdown cannot be undone.
   *
   * @param {number} now  server time, s
   * @returns {(Notice & {from: number}) | null}
   */
  offered(now) {
    const notice = this.#newest;
    if (notice?.from === undefined || notice.from < 0) {
      return null;
    }
    const age = now - Date.parse(notice.created_at) / 1000;
    return age < UNDO_WITHIN_S ? { ...notice, from: notice.from } : null;
  }
}
