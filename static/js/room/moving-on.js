// @ts-check
/** That the room goes on to the show's next session: when, and for how long it can be stopped. */

/** @typedef {import('../sync/timeline.js').Timeline} Timeline */

/** The server is asked where to go so long after the room has gone on, s: clocks differ a little. */
const ASK_AFTER_S = 0.1;

/** The last timeline of a session that the room leaves. @param {Timeline | null} timeline */
const isLast = (timeline) => timeline?.reason === 'ended';

export class MovingOn {
  /** @type {Timeline | null} */
  #last = null;

  /**
   * Take the room's timelines, and return those for the picture: it goes on as it does until another
   * film is there.
   *
   * @template {Timeline} T
   * @param {{timeline: T, next: T | null}} news
   * @returns {{timeline: T, next: T | null} | null}  null: there is nothing new for the picture
   */
  take({ timeline, next }) {
    if (isLast(timeline)) {
      this.#last = timeline;
      return null;
    }
    this.#last = isLast(next) ? next : null;
    return { timeline, next: isLast(next) ? null : next };
  }

  /** Another session has been entered. */
  reset() {
    this.#last = null;
  }

  /** Whether the room leaves this session, or has left it. */
  get leaves() {
    return this.#last !== null;
  }

  /**
   * In how many seconds the page goes on as well; null: it stays.
   *
   * @param {number} now  server time, Unix s
   * @param {boolean} over  whether nothing is left to be watched
   * @returns {number | null}
   */
  due(now, over) {
    if (this.#last === null) {
      return null;
    }
    // A film that is over is left at once: the next one can be loaded meanwhile.
    return over ? 0 : Math.max(this.#last.instant + ASK_AFTER_S - now, 0);
  }

  /**
   * For how long the room can still stay, s; 0: it has gone on, or stays.
   *
   * @param {number} now  server time, Unix s
   */
  left(now) {
    return this.#last === null ? 0 : Math.max(this.#last.instant - now, 0);
  }
}
