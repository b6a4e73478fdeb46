// @ts-check
/** The chat log: its entries as one ordered list, of which a window is drawn. */

/** @typedef {import('../../room/protocol.js').ChatMessage} ChatMessage */
/** @typedef {import('../../room/protocol.js').Notice} Notice */

/**
 * A message of one's own that the room has not acknowledged.
 * @typedef {object} Draft
 * @property {'draft'} type
 * @property {string} id
 * @property {string} text
 * @property {'sending' | 'failed'} state
 * @property {string} reason why it failed, in words
 */
/** @typedef {(ChatMessage | Notice) & {key: string}} Entry */

/** ChatLog drawn at once. */
export const MAX_DRAWN = 500;
/** How far the window moves when its edge is reached. */
const WINDOW_STEP = 150;
/** ChatLog kept in memory; the rest lies on the server. */
const MAX_KEPT = 4000;

/** @param {ChatMessage | Notice} entry @returns {Entry} */
function keyed(entry) {
  return { ...entry, key: entry.type === 'notice' ? `n${entry.seq}` : entry.id };
}

export class ChatLog {
  /** @type {Entry[]} ascending by `seq` */
  #all = [];
  #from = 0;
  /** Whether the window ends with the newest entry and goes on with it. */
  atTail = true;
  /** Whether the server has none before the first. */
  complete = false;

  get visible() {
    return this.#all.slice(this.#from, this.#to);
  }

  get #to() {
    return this.atTail ? this.#all.length : Math.min(this.#all.length, this.#from + MAX_DRAWN);
  }

  get first() {
    return this.#all[0]?.seq;
  }

  get hasHidden() {
    return this.#from > 0;
  }

  /**
   * Take a new entry from the room; false for one that is known.
   * @param {ChatMessage | Notice} entry
   */
  add(entry) {
    const last = this.#all.at(-1);
    if (last && entry.seq <= last.seq) {
      return false;
    }
    this.#all.push(keyed(entry));
    if (!this.atTail) {
      return true;
    }
    this.#from = Math.max(0, this.#all.length - MAX_DRAWN);
    if (this.#all.length > MAX_KEPT) {
      this.#all.splice(0, this.#from);
      this.#from = 0;
      this.complete = false;
    }
    return true;
  }

  /**
   * Put older messages before the first, and show them.
   * @param {ChatMessage[]} older ascending
   */
  prepend(older) {
    const first = this.first ?? Infinity;
    const fresh = older
      .filter(({ seq }) => seq < first)
      .map((message) => keyed({ ...message, type: 'message' }));
    this.#all.unshift(...fresh);
    this.#from = 0;
    this.atTail = this.#all.length <= MAX_DRAWN;
  }

  /** Move the window to what comes before; false where nothing more is in memory. */
  back() {
    if (this.#from === 0) {
      return false;
    }
    this.#from = Math.max(0, this.#from - WINDOW_STEP);
    this.atTail = this.#from + MAX_DRAWN >= this.#all.length;
    return true;
  }

  /** Move the window to what comes after; false where it ends with the newest. */
  forth() {
    if (this.atTail) {
      return false;
    }
    this.#from = Math.min(this.#from + WINDOW_STEP, Math.max(0, this.#all.length - MAX_DRAWN));
    this.atTail = this.#from + MAX_DRAWN >= this.#all.length;
    return true;
  }

  toTail() {
    this.atTail = true;
    this.#from = Math.max(0, this.#all.length - MAX_DRAWN);
  }

  /** @param {string} id of a message whose text is gone */
  delete(id) {
    const index = this.#all.findIndex((entry) => entry.type === 'message' && entry.id === id);
    const entry = this.#all[index];
    if (entry?.type === 'message') {
      this.#all[index] = { ...entry, text: '', deleted: true };
    }
  }
}
