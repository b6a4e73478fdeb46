// @ts-check
/** Which people this person has bookmarked as friends, for the list of people in the room. */

import * as api from './api.js';

/** Dispatches `change` when a mark has changed. */
export class FriendMarks extends EventTarget {
  /** Bookmark id by user id. @type {Map<string, string>} */
  #bookmarks = new Map();
  #known = false;
  /** User ids whose mark is being changed. @type {Set<string>} */
  #busy = new Set();

  /**
   * Ask the server, once: a room whose server comes back asks nothing of it that is known. Rejects
   * where it does not answer; the next call asks again.
   */
  async load() {
    if (this.#known) {
      return;
    }
    const bookmarks = await api.bookmarks();
    this.#known = true;
    for (const { id, target_id, target_type } of bookmarks) {
      if (target_type === 'user') {
        this.#bookmarks.set(target_id, id);
      }
    }
    this.#changed();
  }

  /** @param {string} user */
  has(user) {
    return this.#bookmarks.has(user);
  }

  /**
   * Add somebody, or remove them. A second call while the first is under way does nothing. Rejects
   * where the server refuses.
   *
   * @param {string} user
   */
  async toggle(user) {
    if (this.#busy.has(user)) {
      return;
    }
    this.#busy.add(user);
    try {
      const bookmark = this.#bookmarks.get(user);
      if (bookmark === undefined) {
        // Where it is not known that they are one, the server answers with the bookmark that there is.
        this.#bookmarks.set(user, (await api.addFriend(user)).id);
      } else {
        await this.#forget(bookmark);
        this.#bookmarks.delete(user);
      }
      this.#changed();
    } finally {
      this.#busy.delete(user);
    }
  }

  /** @param {string} bookmark */
  async #forget(bookmark) {
    try {
      await api.deleteBookmark(bookmark);
    } catch (problem) {
      // It was deleted elsewhere: that is what is wanted.
      if (!(problem instanceof api.Problem) || problem.code !== 'unknown_bookmark') {
        throw problem;
      }
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
