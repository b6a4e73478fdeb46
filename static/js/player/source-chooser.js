// @ts-check
/**
 * Holds a film's sources, and says which one is shown: by what the viewer wishes, and by what works.
 *
 * It dispatches `current` when another source is to be shown, and `change` when something else of it has
 * changed. While a stream is not there, the file stands in; the stream goes on trying meanwhile.
 */

import { firstTarget } from '../sync/jitter-control.js';
import { STREAM_EARLY_S } from '../sync/live-follower.js';
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

  /** @type {readonly SourceEntry[]} */
  #entries = [];

  /** Kinds that have failed. @type {readonly string[]} */
  #failed = [];

  /** @type {import('./live-source.js').LiveSource | null} */
  #live = null;
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
   * @param {() => {live: number, line: number}} parts.delays  by how much the server sends ahead, and
   *   how long the line takes, s
   */
  constructor({ canPlayType, kinds, delays }) {
    super();
    this.#canPlayType = canPlayType;
    this.#kinds = kinds;
    this.#delays = delays;
  }

  /**
   * Take a film's entries, with fresh addresses; what has failed is tried again.
   *
   * @param {readonly SourceEntry[]} entries
   */
  load(entries) {
    this.#entries = entries;
    this.#failed = [];
    this.#starvation.reset(this.#situation.now);
    this.#makeLive();
    this.#forgive();
    this.#choose({ anew: true });
  }

  /**
   * Take entries that say something new, and leave what is shown.
   *
   * @param {readonly SourceEntry[]} entries
   */
  update(entries) {
    this.#entries = entries;
    this.#makeLive();
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
    this.#failed = [];
    this.#starvation.reset(this.#situation.now);
    this.#forgive();
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
    this.#forgive();
    this.#choose();
  }

  /** Whether the page is being left: no stream is to come then. @param {boolean} on */
  set away(on) {
    this.#away = on;
    this.#runLive(this.#wanted);
  }

  /** @returns {Fault | null} */
  get fault() {
    return this.#nothing ?? this.current?.fault ?? null;
  }

  /** Whether there is a file, or another source in which one can go anywhere, that this browser may play. */
  get hasFile() {
    return typeof this.#fileLike() !== 'string';
  }

  /** How the stream does; null where there is none. */
  get liveStatus() {
    const live = this.#live;
    const { progress = null, behind = false } = this.#liveEntry ?? {};
    return live === null
      ? null
      : {
          wanted: this.#wanted,
          shown: this.current === live,
          ready: live.ready,
          trouble: live.trouble,
          progress,
          behind,
        };
  }

  /**
   * Open a channel to the server that carries text in order; null where no stream is connected.
   *
   * @param {string} label
   */
  openChannel(label) {
    return this.#live?.openChannel(label) ?? null;
  }

  /** Do nothing more. */
  close() {
    this.#live?.stop();
    this.current?.detach();
    this.current = null;
  }

  /** Whether something else than a stream is shown. */
  get #standsIn() {
    return this.current !== null && this.current.kind !== 'live';
  }

  get #liveEntry() {
    return this.#entries.find(({ kind }) => kind === 'live');
  }

  get #wanted() {
    return wantsLive({
      preference: this.#preference,
      own: this.#own,
      file: this.hasFile,
      live: this.#live !== null && !(this.#live.refused && this.hasFile),
      starved: this.#starvation.found,
    });
  }

  /** A stream is kept while its address is the same. */
  #makeLive() {
    const entry = this.#liveEntry;
    if ((entry === undefined) === (this.#live === null) && entry?.url === this.#live?.url) {
      return;
    }
    this.#live?.reset();
    const kinds = this.#kinds.filter(({ kind }) => kind === 'live');
    const live = sourceFor(this.#entries, this.#canPlayType, { kinds });
    this.#live = typeof live === 'string' ? null : /** @type {any} */ (live);
    this.#tried = false;
    this.#live?.addEventListener('change', () => live === this.#live && this.#liveChanged());
  }

  /** Let a stream that was refused be asked for again. */
  #forgive() {
    if (this.#live?.refused) {
      this.#live.reset();
    }
  }

  #liveChanged() {
    if (this.#live?.trouble) {
      this.#starvation.reset(this.#situation.now);
    }
    this.#choose();
    this.#changed();
  }

  /** A source of the other kinds, or why there is none. */
  #fileLike() {
    const kinds = this.#kinds.filter(({ kind }) => kind !== 'live');
    return sourceFor(this.#entries, this.#canPlayType, { kinds, failed: this.#failed });
  }

  /**
   * Show what is to be shown now.
   *
   * @param {{anew?: boolean}} [how]  whether to load it also where it is shown already
   */
  #choose({ anew = false } = {}) {
    this.#runLive(this.#wanted);
    // It may have been refused at once.
    const wanted = this.#wanted;
    const live = this.#live;
    if (wanted && live !== null && this.#showsLive(live)) {
      this.#show(live, false);
      return;
    }
    if (!anew && this.#standsIn) {
      return;
    }
    const file = this.#fileLike();
    if (typeof file === 'string') {
      this.#nothing = file;
      return;
    }
    onFailure(file, () => file === this.current && this.#fileFailed(file));
    file.addEventListener('change', () => file === this.current && this.#changed());
    this.#show(file, true);
  }

  /** @param {import('./live-source.js').LiveSource} live */
  #showsLive(live) {
    const { now } = this.#situation;
    if (live.ready) {
      this.#tried = true;
    }
    const tried = this.#tried || this.#standsIn;
    const asked = this.#askedAt === Infinity ? 0 : now - this.#askedAt;
    const { behind = false } = this.#liveEntry ?? {};
    return showsLive({ file: this.hasFile, ready: live.ready, behind, tried, asked });
  }

  /** Have the stream come, or end it. @param {boolean} wanted */
  #runLive(wanted) {
    const { now, entered, countdown } = this.#situation;
    if (!wanted || this.#away) {
      this.#live?.stop();
      this.#askedAt = Infinity;
    } else if (entered && countdown <= STREAM_EARLY_S) {
      this.#askedAt = Math.min(this.#askedAt, now);
      if (this.#admitted) {
        const { live, line } = this.#delays();
        this.#live?.start(firstTarget(live, line));
      }
    }
  }

  /** @param {PictureSource} source */
  #fileFailed(source) {
    this.#failed = [...this.#failed, source.kind];
    const next = this.#fileLike();
    // Where nothing else is left, its fault says more.
    if (typeof next !== 'string' || this.#wanted) {
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
