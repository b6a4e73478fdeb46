// @ts-check
/** Takes the page along when the room goes on to the show's next session: another film, the same room. */

import * as api from '../room/api.js';
import { MovingOn } from '../room/moving-on.js';
import { byTimer } from '../room/page-environment.js';

/** Where there is time, pages go on within so long, s: a thousand at once would keep the server busy. */
const SPREAD_S = 5;

/** A page that could not go on tries it again after this, s. */
const AGAIN_S = 1;
const MAX_AGAIN_S = 15;

/** Answers after which it is not tried again: one may not come in, or there is nothing any more. */
const GONE = new Set([401, 403, 404, 410]);

/** What the server says to whose session was deleted. */
const DELETED = 'session_deleted';

/**
 * @typedef {object} Parts
 * @property {string} token  of the link
 * @property {import('../room/room-client.js').RoomClient} room
 * @property {import('../sync/timeline.js').Timelines} timelines
 * @property {() => number} serverNow  Unix s
 * @property {() => boolean} over  whether the film is over
 * @property {() => boolean} own  whether one watches on one's own: then one goes on with the way back
 */

export class SessionChange {
  #parts;
  #moving = new MovingOn();
  #cancel = () => {};
  #asking = false;

  /** Whether the session does not exist any more. */
  #deleted = false;
  #tries = 0;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    parts.room.addEventListener('goodbye', (event) => {
      this.#deleted ||= /** @type {CustomEvent} */ (event).detail.reason === DELETED;
      this.check();
    });
  }

  /**
   * Take the room's timelines, and return those for the picture; null: nothing new for it.
   *
   * @param {{timeline: api.Timeline, next: api.Timeline | null}} news
   */
  take(news) {
    const forPicture = this.#moving.take(news);
    this.check();
    return forPicture;
  }

  /** For how long the room can still stay in this session, s; 0: it does not leave, or has left. */
  get left() {
    return this.#moving.left(this.#parts.serverNow());
  }

  /** Go on, now or when it is time. */
  check() {
    this.#cancel();
    const { serverNow, over, own } = this.#parts;
    const due = this.#deleted ? 0 : this.#moving.due(serverNow(), over());
    if (due === null || (own() && !this.#deleted)) {
      return;
    }
    if (due > 0) {
      this.#after(due);
    } else if (!this.#asking) {
      this.#asking = true;
      byTimer(() => this.#goOn(), this.left > 2 * SPREAD_S ? Math.random() * SPREAD_S : 0);
    }
  }

  /** @param {number} seconds */
  #after(seconds) {
    this.#cancel = byTimer(() => this.check(), seconds);
  }

  async #goOn() {
    const { room, token, timelines } = this.#parts;
    if (!this.#moving.leaves && !this.#deleted) {
      // Meanwhile the room has stayed.
      this.#asking = false;
      return;
    }
    try {
      const invitation = await api.invitation(token);
      if (invitation.session_id !== room.invitation?.session_id) {
        this.#moving.reset();
        this.#deleted = false;
        this.#tries = 0;
        timelines.reset(invitation.duration);
        room.moveTo(invitation);
        return;
      }
    } catch (problem) {
      // The server may be restarting, or the line may be down: the film goes on, and it is tried again.
      if (!(problem instanceof api.Problem)) {
        throw problem;
      }
      if (GONE.has(problem.status)) {
        // The link says why; asking again would change nothing.
        return;
      }
    } finally {
      this.#asking = false;
    }
    this.#after(Math.min(AGAIN_S * 2 ** this.#tries, MAX_AGAIN_S));
    this.#tries += 1;
  }
}
