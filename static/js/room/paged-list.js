// @ts-check
/** A list that the server gives in pages: asked anew or further, and never twice at a time. */

/**
 * @template T, Q
 */
export class PagedList {
  /** What is known of it; null until something is. @type {T[] | null} */
  items = null;

  /** Cursor of the next page; null where there is none. @type {string | null} */
  next = null;

  #ask;

  /** What the items answer. @type {Q | undefined} */
  #query;

  /** The newest request, while it has no answer. @type {object | null} */
  #request = null;

  /** @param {(query: Q, cursor: string | undefined) => Promise<import('./api.js').Page<T>>} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * Ask for the first page. A request on the way counts no more, nor does its failure.
   *
   * @param {Q} query
   * @returns {Promise<boolean>}  whether the answer counts
   */
  async load(query) {
    const page = await this.#fetch(query, undefined);
    if (page === null) {
      return false;
    }
    this.items = page.items;
    this.next = page.next;
    this.#query = query;
    return true;
  }

  /**
   * Ask for the next page, unless something is on the way already.
   *
   * @returns {Promise<boolean>}  whether there is an answer, and it counts
   */
  async more() {
    if (this.next === null || this.#request !== null) {
      return false;
    }
    const page = await this.#fetch(/** @type {Q} */ (this.#query), this.next);
    if (page === null) {
      return false;
    }
    this.items = [...(this.items ?? []), ...page.items];
    this.next = page.next;
    return true;
  }

  /**
   * Change what is known. A request on the way counts no more: its answer may be of before the change.
   *
   * @param {(items: T[]) => T[]} change
   */
  change(change) {
    this.#request = null;
    this.items = change(this.items ?? []);
  }

  /**
   * @param {Q} query
   * @param {string | undefined} cursor
   * @returns {Promise<import('./api.js').Page<T> | null>}  null where it counts no more
   */
  async #fetch(query, cursor) {
    const request = {};
    this.#request = request;
    try {
      const page = await this.#ask(query, cursor);
      return this.#request === request ? page : null;
    } catch (problem) {
      if (this.#request !== request) {
        return null;
      }
      throw problem;
    } finally {
      if (this.#request === request) {
        this.#request = null;
      }
    }
  }
}
