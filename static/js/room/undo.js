// @ts-check
/** Taking back a seek: which one it would be, and where it leads. */

/** @typedef {import('./protocol.js').Notice} Notice */

/** A seek can be taken back for so long: later nobody remembers where the film was, s. */
const UNDO_WITHIN_S = 600;

/** The newest seek alone can be taken back, to where the film was at that moment. */
export class Undo {
  /** @type {Notice | null} */
  #newest = null;

  /** @param {Notice} notice of the log, in its order */
  take(notice) {
    if (notice.kind === 'sought') {
      this.#newest = notice;
    }
  }

  /**
   * Return the seek that can be taken back; null: there is none. One that began the film during the
   * countdown cannot: nothing leads back to a countdown.
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
