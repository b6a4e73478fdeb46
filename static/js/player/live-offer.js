// @ts-check
/** The stream that a film's entries offer: loaded once it is wanted, started, ended, and forgotten. */

/** @typedef {import('./picture-source.js').LiveKind} LiveKind */
/** @typedef {import('./picture-source.js').LiveSource} LiveSource */
/** @typedef {import('./picture-source.js').SourceEntry} SourceEntry */

/** Code that could not be loaded is asked for again after this, s. */
const LOAD_AGAIN_S = 5;

export class LiveOffer {
  #kind;
  #canPlayType;
  #changed;

  /** The entry of a stream that this browser can be sent. @type {SourceEntry | undefined} */
  entry;

  /** The stream, once it is loaded. @type {LiveSource | null} */
  source = null;

  /** Whether its code is being loaded. */
  #loading = false;

  /** When that may be tried, client time, s. */
  #loadAt = -Infinity;

  /**
   * @param {object} parts
   * @param {LiveKind} parts.kind
   * @param {(type: string) => string} parts.canPlayType  as that of the element
   * @param {() => void} parts.changed  called when something of the stream has changed
   */
  constructor({ kind, canPlayType, changed }) {
    this.#kind = kind;
    this.#canPlayType = canPlayType;
    this.#changed = changed;
  }

  /** Whether it is not to be had. */
  get refused() {
    return this.source?.refused ?? false;
  }

  /** Whether frames come. */
  get ready() {
    return this.source?.ready ?? false;
  }

  /** Whether the server cannot make it fast enough. */
  get behind() {
    return this.entry?.behind ?? false;
  }

  /**
   * Take a film's entries. A stream is kept while its address is the same.
   *
   * @param {readonly SourceEntry[]} entries
   * @returns {boolean}  whether it is another one
   */
  take(entries) {
    const { kind, plays } = this.#kind;
    const before = this.entry;
    this.entry = entries.find((entry) => entry.kind === kind && plays(entry, this.#canPlayType));
    const isOther = this.entry?.url !== before?.url;
    if (isOther) {
      this.source?.reset();
      this.source = null;
    }
    return isOther;
  }

  /**
   * Have its code loaded.
   *
   * @param {number} now  client time, s
   */
  async load(now) {
    if (this.entry === undefined || this.source !== null || this.#loading || now < this.#loadAt) {
      return;
    }
    this.#loading = true;
    try {
      const Kind = await this.#kind.load();
      this.#make(Kind);
    } catch {
      // The line may be down; whoever can plays the file meanwhile.
      this.#loadAt = now + LOAD_AGAIN_S;
    } finally {
      this.#loading = false;
    }
  }

  /** @param {new (entry: SourceEntry) => LiveSource} Kind */
  #make(Kind) {
    // Meanwhile the film may have lost it.
    if (this.entry === undefined) {
      return;
    }
    const source = new Kind(this.entry);
    this.source = source;
    source.addEventListener('change', () => source === this.source && this.#changed());
    this.#changed();
  }

  /** Let one that was refused be asked for again. */
  forgive() {
    if (this.refused) {
      this.source?.reset();
    }
  }
}
