// @ts-check
/** A person's actions on the film, sent to the room as commands. */

import { Problem } from './api.js';
import { byTimer } from './page-environment.js';
import { reason } from './roles.js';

/** @typedef {import('./protocol.js').Action} Action */
/** @typedef {Exclude<Action, 'next'>} OwnAction  What can be done with one's own picture. */

/** Of several seeks within this time only the last one is sent, s. */
const GATHER_SEEKS_S = 0.18;

/** The assumed length of a frame, s: browsers do not report the film's. */
const FRAME_S = 1 / 25;

/** @typedef {string | Problem} Refusal  an i18n key of the reason, or the server's answer */

/**
 * @typedef {object} Drivable  The picture of a viewer who watches on their own.
 * @property {(action: OwnAction, value?: number) => void} drive
 */

/**
 * @typedef {object} Parts
 * @property {import('./room-client.js').RoomClient} room
 * @property {() => import('./film-state.js').Film} film the film's state in the room, or on the picture of a viewer who watches on their own
 * @property {() => Drivable | null} own the player while the viewer watches on their own, else null
 * @property {(refusal: Refusal) => void} refuse shows the person why not
 * @property {() => void} [changed] called when {@link Commands#pending} changes, or the viewer's own picture was moved
 * @property {import('./page-environment.js').Schedule} [schedule]
 */

export class Commands {
  /** The target of a seek that the room has not answered yet, s. @type {number | null} */
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

  /** The i18n key of why this person may not move the film; '' if they may. */
  get locked() {
    return this.#own() ? '' : this.roomLocked;
  }

  /** The same of the room's film, also for who watches on their own. */
  get roomLocked() {
    return reason(this.#room.may, this.#room.control);
  }

  /** The i18n key of why this person may not seek now; '' if they may. */
  get seekLocked() {
    return this.locked || (this.#film().begun || this.pending !== null ? '' : 'locked.countdown');
  }

  /** Play; after the end, from the beginning. */
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

  /** Go on to the show's next session, also for who watches on their own. */
  next() {
    this.#order('next', {});
  }

  /** Stay in this session after all: the film goes on as it did. */
  stay() {
    this.#order(this.#film().paused ? 'pause' : 'play', {});
  }

  /** @param {number} rate */
  rate(rate) {
    this.#send('rate', { rate });
  }

  /** Seek to the beginning. A film that has not begun starts at once, even if its countdown is paused. */
  begin() {
    if (this.locked) {
      this.#refuse(this.locked);
      return;
    }
    const { begun, paused } = this.#film();
    this.#seekSoon(0);
    // If the countdown is paused, the film stays paused after a seek.
    if (!begun && paused) {
      this.#send('play', {});
    }
  }

  /** @param {number} position s */
  seek(position) {
    // A seek during the countdown would start the film for all, and that must not happen by accident.
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
    // There may be another seek by now.
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
   * @param {OwnAction} action
   * @param {{position?: number, rate?: number}} fields
   */
  async #send(action, fields) {
    if (this.locked) {
      this.#refuse(this.locked);
      return;
    }
    const own = this.#own();
    if (own && this.#room.link) {
      own.drive(action, fields.position ?? fields.rate);
      this.#changed();
      return;
    }
    await this.#order(action, fields);
  }

  /**
   * Order something of the room, wherever one's own picture is.
   *
   * @param {Action} action
   * @param {{position?: number, rate?: number}} fields
   */
  async #order(action, fields) {
    if (this.roomLocked) {
      this.#refuse(this.roomLocked);
      return;
    }
    if (!this.#room.link) {
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
