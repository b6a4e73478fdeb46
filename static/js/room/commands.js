// @ts-check
/** What a person asks of the film, as commands to the room. */

import { Problem } from './api.js';
import { byTimer } from './page-environment.js';
import { reason } from './roles.js';

/** @typedef {import('./protocol.js').Action} Action */

/** Of seeks that follow each other within this, the last alone is sent, s. */
const GATHER_SEEKS_S = 0.18;

/** The length of a frame, s: browsers do not tell the film's own. */
const FRAME_S = 1 / 25;

/** @typedef {string | Problem} Refusal  an i18n key of why not, or what the server answered */

/**
 * @typedef {object} Drivable  The picture of who watches on their own.
 * @property {(action: Action, value?: number) => void} drive
 */

/**
 * @typedef {object} Parts
 * @property {import('./room-client.js').RoomClient} room
 * @property {() => import('./film-state.js').Film} film as the room has it; for who watches on their own, as they do
 * @property {() => Drivable | null} own the player of who watches on their own
 * @property {(refusal: Refusal) => void} refuse tells the person why not
 * @property {() => void} [changed] tells that {@link Commands#pending} is another, or one's own picture was moved
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
  #changed;

  /** @param {Parts} parts */
  constructor({ room, film, own, refuse, changed = () => {}, schedule = byTimer }) {
    this.#room = room;
    this.#film = film;
    this.#own = own;
    this.#refuse = refuse;
    this.#changed = changed;
    this.#schedule = schedule;
  }

  /** The i18n key of why this person may not move the film, '' where they may. */
  get locked() {
    if (this.#own()) {
      return '';
    }
    return reason(this.#room.may, this.#room.control);
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
    this.#seekSoon(0);
    // A seek leaves a film standing whose countdown is paused.
    if (!begun && paused) {
      this.#send('play', {});
    }
  }

  /** @param {number} position s */
  seek(position) {
    // A seek during the countdown would begin the film for all, which a slip of the hand must not.
    if (this.seekLocked) {
      this.#refuse(this.seekLocked);
    } else {
      this.#seekSoon(position);
    }
  }

  /** @param {number} position s */
  #seekSoon(position) {
    this.#setPending(Math.min(Math.max(position, 0), this.#film().duration));
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
    // Another seek may have been asked for before the answer came.
    if (this.pending === position) {
      this.#setPending(null);
    }
  }

  /** @param {number | null} position s */
  #setPending(position) {
    this.pending = position;
    this.#changed();
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
      this.#changed();
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
    // The role or the show's setting changed while the command was on its way.
    if (code === 'not_allowed' && this.locked) {
      return this.locked;
    }
    return new Problem(0, code, detail, retry_after);
  }
}
