// @ts-check
/**
 * Holds a film's sources, and says which one is shown: by what the viewer wishes, and by what works.
 *
 * It dispatches `current` when another source is to be shown, and `change` when something else of it has
 * changed. While a stream is not there, the file stands in; the stream goes on trying meanwhile.
 */

import { STREAM_EARLY_S } from '../sync/thresholds.js';
import { LiveOffer } from './live-offer.js';
import { onFailure, sourceFor } from './picture-source.js';
import { Starvation, showsLive, wantsLive } from './source-choice.js';

/** @typedef {import('./picture-source.js').Fault} Fault */
/** @typedef {import('./picture-source.js').PictureSource} PictureSource */
/** @typedef {import('./picture-source.js').SourceEntry} SourceEntry */
/** @typedef {import('./source-choice.js').Preference} Preference */

/**
 * @typedef {object} Situation
 * @property {number} now  client time, s
 * @property {boolean} entered
 * @property {number} countdown  until the film begins, s
 * @property {boolean} lacksData  whether the picture should move, and has nothing to show
 * @property {number} [bitRate]  of the line, bit/s, where the browser says it
 */

export class SourceChooser extends EventTarget {
  #canPlayType;
  #kinds;
  #delays;
  #live;

  /** @type {readonly SourceEntry[]} */
  #entries = [];

  /** Kinds that have failed. @type {readonly string[]} */
  #failed = [];
  #starvation = new Starvation();

  /** @type {Preference} */
  #preference = 'auto';
  #own = false;
  #away = false;
  #admitted = false;

  /** @type {Situation} */
  #situation = { now: 0, entered: false, countdown: Infinity, lacksData: false };

  /** Since when the stream has been asked for, client time, s. */
  #askedAt = Infinity;

  /** Whether it is not awaited any more: frames came before, or another picture is there. */
  #tried = false;

  /** What is shown. @type {(PictureSource & EventTarget) | null} */
  current = null;

  /** Why there is nothing to show. @type {Fault | null} */
  #nothing = null;

  /**
   * @param {object} parts
   * @param {(type: string) => string} parts.canPlayType  as that of the element
   * @param {readonly import('./picture-source.js').SourceClass[]} parts.kinds  the preferred one first
   * @param {import('./picture-source.js').LiveKind} parts.liveKind
   * @param {() => {live: number, line: number}} parts.delays  by how much the server sends ahead, and
   *   how long the line takes, s
   */
  constructor({ canPlayType, kinds, liveKind, delays }) {
    super();
    this.#canPlayType = canPlayType;
    this.#kinds = kinds;
    this.#delays = delays;
    this.#live = new LiveOffer({ kind: liveKind, canPlayType, changed: () => this.#liveChanged() });
  }

  /**
   * Take a film's entries, with fresh addresses; what has failed is tried again.
   *
   * @param {readonly SourceEntry[]} entries
   */
  load(entries) {
    this.#take(entries);
    this.#tryAgain();
    this.#choose({ anew: true });
  }

  /**
   * Take entries that say something new, and leave what is shown.
   *
   * @param {readonly SourceEntry[]} entries
   */
  update(entries) {
    this.#take(entries);
    this.#choose();
  }

  /** @param {Situation} situation */
  note(situation) {
    this.#situation = situation;
    if (this.#standsIn) {
      this.#starvation.note({ bitRate: undefined, ...situation });
    }
    this.#choose();
  }

  get preference() {
    return this.#preference;
  }

  /** @param {Preference} preference */
  set preference(preference) {
    this.#preference = preference;
    this.#tryAgain();
    this.#choose();
    this.#changed();
  }

  /** Whether the viewer watches on their own. @param {boolean} on */
  set own(on) {
    this.#own = on;
    this.#choose();
  }

  /** The room has let the viewer in: the server would refuse a stream before. */
  admit() {
    this.#admitted = true;
    this.#live.forgive();
    this.#choose();
  }

  /** Whether the page is being left: no stream is to come then. @param {boolean} on */
  set away(on) {
    this.#away = on;
    this.#runLive(this.#wanted);
  }

  /** @returns {Fault | null} */
  get fault() {
    // A file that has failed is left in a moment, for the stream.
    const isLeft = this.#wanted && this.#failed.includes(this.current?.kind ?? '');
    return this.#nothing ?? (isLeft ? null : (this.current?.fault ?? null));
  }

  /** Whether there is a file, or another source in which one can go anywhere, that this browser may play. */
  get hasFile() {
    return typeof this.#fileLike() !== 'string';
  }

  /** How the stream does; null where there is none. */
  get liveStatus() {
    const { entry, source, ready, behind } = this.#live;
    return entry === undefined
      ? null
      : {
          wanted: this.#wanted,
          shown: source !== null && this.current === source,
          ready,
          trouble: source?.trouble ?? null,
          progress: entry.progress ?? null,
          behind,
        };
  }

  /**
   * Open a channel to the server that carries text in order; null where no stream is connected.
   *
   * @param {string} label
   */
  openChannel(label) {
    return this.#live.source?.openChannel(label) ?? null;
  }

  /** Do nothing more. */
  close() {
    this.#live.source?.stop();
    this.current?.detach();
    this.current = null;
  }

  /** Whether something else than a stream is shown. */
  get #standsIn() {
    return this.current !== null && this.current.kind !== 'live';
  }

  get #wanted() {
    return wantsLive({
      preference: this.#preference,
      own: this.#own,
      file: this.hasFile,
      live: this.#live.entry !== undefined && !(this.#live.refused && this.hasFile),
      starved: this.#starvation.found,
    });
  }

  /** @param {readonly SourceEntry[]} entries */
  #take(entries) {
    this.#entries = entries;
    if (this.#live.take(entries)) {
      this.#tried = false;
    }
  }

  /** Forget what has failed. */
  #tryAgain() {
    this.#failed = [];
    this.#starvation.reset(this.#situation.now);
    this.#live.forgive();
  }

  #liveChanged() {
    if (this.#live.source?.trouble) {
      this.#starvation.reset(this.#situation.now);
    }
    this.#choose();
    this.#changed();
  }

  /** A source in which one can go anywhere, or why there is none. */
  #fileLike() {
    return sourceFor(this.#entries, this.#canPlayType, { kinds: this.#kinds, failed: this.#failed });
  }

  /**
   * Show what is to be shown now.
   *
   * @param {{anew?: boolean}} [how]  whether to load it also where it is shown already
   */
  #choose({ anew = false } = {}) {
    this.#runLive(this.#wanted);
    // It may have been refused at once.
    if (this.#wanted && this.#showsLive()) {
      this.#nothing = null;
      if (this.#live.source !== null) {
        this.#show(this.#live.source, false);
      }
    } else if (anew || !this.#standsIn) {
      this.#showFile();
    }
  }

  #showFile() {
    const file = this.#fileLike();
    if (typeof file === 'string') {
      this.#nothing = file;
      return;
    }
    onFailure(file, () => file === this.current && this.#fileFailed(file));
    file.addEventListener('change', () => file === this.current && this.#changed());
    this.#show(file, true);
  }

  #showsLive() {
    const { ready, behind } = this.#live;
    this.#tried ||= ready;
    const tried = this.#tried || this.#standsIn;
    const asked = this.#askedAt === Infinity ? 0 : this.#situation.now - this.#askedAt;
    return showsLive({ file: this.hasFile, ready, behind, tried, asked });
  }

  /** Have the stream come, or end it. @param {boolean} wanted */
  #runLive(wanted) {
    const { now, entered, countdown } = this.#situation;
    if (!wanted || this.#away) {
      this.#live.source?.stop();
      this.#askedAt = Infinity;
      return;
    }
    this.#live.load(now);
    if (entered && countdown <= STREAM_EARLY_S) {
      this.#askedAt = Math.min(this.#askedAt, now);
      if (this.#admitted) {
        this.#live.source?.start(this.#delays());
      }
    }
  }

  /** @param {PictureSource} source */
  #fileFailed(source) {
    this.#failed = [...this.#failed, source.kind];
    // Where nothing else is left, its fault says more.
    if (this.hasFile || this.#wanted) {
      this.#choose({ anew: true });
    }
  }

  /**
   * @param {PictureSource & EventTarget} source
   * @param {boolean} anew
   */
  #show(source, anew) {
    this.#nothing = null;
    if (source !== this.current || anew) {
      this.current = source;
      this.dispatchEvent(new Event('current'));
    }
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
