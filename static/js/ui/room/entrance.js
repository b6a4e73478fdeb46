// @ts-check
/** The way into the room: the click that lets one in, and what is wrong where it does not. */

import { t } from '../i18n.js';
import { problemWords } from '../problem-words.js';

/**
 * @typedef {object} Parts
 * @property {import('../../room/room-client.js').RoomClient} room
 * @property {() => import('../../player/player.js').SyncedPlayer | null} player
 * @property {() => void} changed called when there is something else to draw
 * @property {() => void} done called when the room has let one in, or refused
 */

export class Entrance {
  /** Whether one is in. */
  entered = false;
  /** Why one is not, in words. */
  trouble = '';
  /** Whether the room has been asked, and has not answered. */
  busy = false;
  /** Whether a guest who is known wants another name. */
  renaming = false;
  #parts;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Ask a guest who is known for another name. */
  rename() {
    this.renaming = true;
    this.#parts.changed();
    const field = /** @type {HTMLInputElement | null} */ (document.querySelector('.join input'));
    field?.select();
  }

  /** @param {SubmitEvent} event the click on "Enter the hall", which is also what allows sound */
  async enter(event) {
    event.preventDefault();
    if (this.busy) {
      return;
    }
    const form = /** @type {HTMLFormElement} */ (event.target);
    const field = /** @type {HTMLInputElement | null} */ (form.elements.namedItem('name'));
    const name = field?.value.trim() ?? '';
    if (field && !name) {
      this.#say(t('name.missing'));
      field.focus();
      return;
    }
    // Before anything is awaited: browsers allow sound within the click alone.
    this.#parts.player()?.enter();
    this.busy = true;
    this.#say('');
    try {
      await this.#parts.room.enter(name);
      this.entered = true;
      this.renaming = false;
    } catch (problem) {
      this.#parts.player()?.leave();
      this.trouble = problemWords(problem);
    }
    this.busy = false;
    this.#parts.done();
  }

  /** @param {string} trouble */
  #say(trouble) {
    this.trouble = trouble;
    this.#parts.changed();
  }
}
