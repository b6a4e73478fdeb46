// @ts-check
/** Removals that can be undone for a while: the server is asked only when that is over. */

import { byTimer } from './page-environment.js';

/** How long a removal can be undone, s. */
export const UNDO_WITHIN_S = 8;

/**
 * @typedef {object} Parts
 * @property {(id: string) => Promise<void>} remove  asks the server, and deals with its refusal
 * @property {() => void} changed  called when something has another state
 * @property {import('./page-environment.js').Schedule} [schedule]
 */

export class DelayedRemoval {
  #parts;
  #schedule;
  /** What cancels the timer of each. @type {Map<string, () => void>} */
  #waiting = new Map();
  /** What the server is being asked to remove. @type {Set<string>} */
  #ending = new Set();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#schedule = parts.schedule ?? byTimer;
  }

  /**
   * Whether something stays, can still be had back, or is being removed.
   *
   * @param {string} id
   * @returns {'kept' | 'undoable' | 'ending'}
   */
  state(id) {
    return this.#waiting.has(id) ? 'undoable' : this.#ending.has(id) ? 'ending' : 'kept';
  }

  /** Remove it, unless it is undone in time. @param {string} id */
  begin(id) {
    if (this.state(id) !== 'kept') {
      return;
    }
    this.#waiting.set(
      id,
      this.#schedule(() => this.#end(id), UNDO_WITHIN_S),
    );
    this.#parts.changed();
  }

  /** Keep it after all; nothing once the server is being asked. @param {string} id */
  undo(id) {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
    this.#parts.changed();
  }

  /** Remove at once whatever can still be undone: the page is being left. */
  flush() {
    for (const [id, cancel] of [...this.#waiting]) {
      cancel();
      this.#end(id);
    }
  }

  /** @param {string} id */
  async #end(id) {
    this.#waiting.delete(id);
    this.#ending.add(id);
    this.#parts.changed();
    try {
      await this.#parts.remove(id);
    } finally {
      this.#ending.delete(id);
      this.#parts.changed();
    }
  }
}
