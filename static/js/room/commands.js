// @ts-check
/** What a person asks of the film, as commands to the room: gathered, checked, and answered. */

import { Problem } from './api.js';
import { byTimer } from './page-environment.js';
import { reason } from './roles.js';

/** @typedef {import('./roles.js').Action} Action */

/** Seeks that follow each other within this time become one, s. */
const GATHER_SEEKS_S = 0.18;

/** The length of a frame where nobody knows it, s. */
const FRAME_S = 1 / 25;

/** @typedef {string | Problem} Refusal  an i18n key of why not, or what the server answered */

/**
 * @typedef {object} Drivable  A picture that goes its own way.
 * @property {(action: Action, value?: number) => void} drive
 */

/**
 * @typedef {object} Parts
 * @property {import('./room-client.js').RoomClient} room
 * @property {() => import('./film-state.js').Film} film as the room has it; for who watches on their own, as they do
 * @property {() => Drivable | null} own the player of who watches on their own
 * @property {(refusal: Refusal) => void} refuse tells the person why not
 * @property {import('./page-environment.js').Schedule} [schedule]
 */

export class Commands {
  /** Where a seek that the room has not answered yet will lead, s. @type {number | null} */
  pending = null;
  #cancelSeek = () => {};
  #schedule;
  #room;
  #film;
  #refuse;

  #own;

  /** @param {Parts} parts */
  constructor({ room, film, own, refuse, schedule = byTimer }) {
    this.#room = room;
    this.#film = film;
    this.#own = own;
    this.#refuse = refuse;
    this.#schedule = schedule;
  }

  /** The i18n key of why this person may not move the film, '' where they may. */
  get locked() {
    if (this.#own()) {
      return '';
    }
    return reason(this.#room.role, 'play', this.#room.control);
  }

  /** The i18n key of why this person may not seek now, '' where they may. */
  get seekLocked() {
    return this.locked || (this.#film().begun || this.pending !== null ? '' : 'locked.countdown');
  }

  /** Let it go on; after the end, from the beginning. */
  play() {
    if (this.#film().over) {
      this.begin();
    } else {
      this.#send('play', {});
    }
  }

  pause() {
    this.#send('pause', {});
  }

  toggle() {
    if (this.#film().paused) {
      this.play();
    } else {
      this.pause();
    }
  }

  /** @param {number} rate */
  rate(rate) {
    this.#send('rate', { rate });
  }

  /** To the beginning; a film that has not begun begins at once, also where its start is on hold. */
  begin() {
    if (this.locked) {
      this.#refuse(this.locked);
      return;
    }
    const { begun, paused } = this.#film();
    this.#aim(0);
    if (!begun && paused) {
      this.#send('play', {});
    }
  }

  /** @param {number} position s */
  seek(position) {
    // Winding before the start would begin the film for all: not by a slip of the hand.
    if (this.seekLocked) {
      this.#refuse(this.seekLocked);
    } else {
      this.#aim(position);
    }
  }

  /** @param {number} position s */
  #aim(position) {
    this.pending = Math.min(Math.max(position, 0), this.#film().duration);
    this.#cancelSeek();
    this.#cancelSeek = this.#schedule(() => this.#sendSeek(), GATHER_SEEKS_S);
  }

  /** @param {number} seconds */
  seekBy(seconds) {
    this.seek((this.pending ?? this.#film().position) + seconds);
  }

  /** @param {1 | -1} frames */
  step(frames) {
    if (this.locked) {
      this.#refuse(this.locked);
      return;
    }
    if (this.#film().paused) {
      this.seekBy(frames * FRAME_S);
    } else {
      this.#refuse('locked.frame');
    }
  }

  async #sendSeek() {
    const position = this.pending;
    if (position === null) {
      return;
    }
    await this.#send('seek', { position });
    if (this.pending === position) {
      this.pending = null;
    }
  }

  /**
   * @param {Action} action
   * @param {{position?: number, rate?: number}} fields
   */
  async #send(action, fields) {
    if (this.locked) {
      this.#refuse(this.locked);
      return;
    }
    if (!this.#room.link) {
      return;
    }
    const own = this.#own();
    if (own) {
      own.drive(action, fields.position ?? fields.rate);
      return;
    }
    const answer = await this.#room.link.command(action, fields);
    if (answer.type === 'accepted') {
      return;
    }
    this.#refuse(this.#refusal(answer));
  }

  /** @param {import('./protocol.js').Refused} answer @returns {Refusal} */
  #refusal({ code, detail, retry_after }) {
    if (code === 'link_lost') {
      return 'command.lost';
    }
    if (code === 'not_allowed' && this.locked) {
      return this.locked;
    }
    return new Problem(0, code, detail, retry_after);
  }
}
