// @ts-check
/** The show's log as it arrives over all links: each entry once, in the order of `seq`. */

/** How many entries may wait for earlier ones; the others are requested again. */
const MAX_EARLY = 512;

/** @template {{seq: number}} Entry */
export class Sequence {
  /** @type {Map<number, Entry>} */
  #early = new Map();

  /** The last `seq` returned; null before the first. @type {number | null} */
  last = null;

  /** Whether entries wait for an earlier one that has not arrived. */
  get gap() {
    return this.#early.size > 0;
  }

  /**
   * Take an entry and return the entries that are next, in order; none if it came before, or is too
   * early.
   *
   * @param {Entry} entry
   * @returns {Entry[]}
   */
  take(entry) {
    if (this.last !== null && entry.seq > this.last + 1) {
      if (this.#early.size < MAX_EARLY) {
        this.#early.set(entry.seq, entry);
      }
      return [];
    }
    // A replay after a hello overlaps with live entries.
    if (this.last !== null && entry.seq <= this.last) {
      return [];
    }
    const ready = [entry];
    this.last = entry.seq;
    for (let next = this.#early.get(this.last + 1); next; next = this.#early.get(this.last + 1)) {
      this.#early.delete(next.seq);
      this.last = next.seq;
      ready.push(next);
    }
    return ready;
  }

  /** Discard entries that came too early: they will be sent again. */
  restart() {
    this.#early.clear();
  }
}
