// @ts-check
/** The show's log as it arrives, over whatever links: each entry once, in order of its `seq`. */

/** So many entries at most wait for those before them; others are asked for again. */
const MAX_EARLY = 512;

/** @template {{seq: number}} Entry */
export class Sequence {
  /** @type {Map<number, Entry>} */
  #early = new Map();

  /** The last `seq` handed on; null before the first. @type {number | null} */
  last = null;

  /** Whether entries wait for one that has not come. */
  get gap() {
    return this.#early.size > 0;
  }

  /**
   * Take an entry and return those that are next, in order: none where it came before, or comes too
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
    // A replay after a hello overlaps with what comes live.
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

  /** Forget what came too early: it will be sent again. */
  restart() {
    this.#early.clear();
  }
}
