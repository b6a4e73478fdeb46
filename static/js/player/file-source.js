// @ts-check
/** A film that is one file, loaded by ranges: it can be sought in and steered by its rate. */

import { backoff } from '../sync/backoff.js';
import { Controller } from '../sync/controller.js';
import { bufferedAhead, droppedFrames } from '../sync/media.js';
import { byTimer } from './by-timer.js';

/** @typedef {import('./picture-source.js').Fault} Fault */
/** @typedef {import('./picture-source.js').PictureSource} PictureSource */
/** @typedef {import('./picture-source.js').SourceEntry} SourceEntry */

/** A film that broke off is loaded again after so long at first, and so long at most, s. */
const FIRST_RELOAD_S = 0.6;
const MAX_RELOAD_S = 15;

/** Without an answer within this a film counts as not there, s. */
const ANSWER_WITHIN_S = 8;

/**
 * @typedef {object} Environment  What tests put in place of the browser's.
 * @property {(callback: () => void, seconds: number) => () => void} schedule  returns what cancels it
 * @property {() => number} random  from 0 to 1
 * @property {(url: string) => Promise<boolean>} exists  whether the server has something there
 */

/** @type {Environment} */
const BROWSER = {
  schedule: byTimer,
  random: Math.random,
  exists: (url) =>
    fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_WITHIN_S * 1000) }).then(
      ({ ok }) => ok,
      () => false,
    ),
};

/** @implements {PictureSource} */
export class FileSource extends EventTarget {
  static kind = 'file';

  /**
   * @param {SourceEntry} entry
   * @param {(type: string) => string} canPlayType  as that of the element
   */
  static plays({ url, type }, canPlayType) {
    return url !== undefined && (!type || canPlayType(type) !== '');
  }

  kind = FileSource.kind;
  canSeek = true;
  canSteer = true;

  /** @type {Fault | null} */
  fault = null;

  #url;
  #environment;

  /** @type {HTMLVideoElement | null} */
  #video = null;
  #abortController = new AbortController();

  /** Whether the element has had a picture of it: then its format is one that can be played. */
  #loaded = false;
  #reloads = 0;
  #cancelReload = () => {};

  /**
   * @param {SourceEntry} entry  that it plays
   * @param {Partial<Environment>} [environment]
   */
  constructor({ url = '' }, environment = {}) {
    super();
    this.#url = url;
    this.#environment = { ...BROWSER, ...environment };
  }

  get figures() {
    return this.#video === null
      ? { buffered: 0, dropped: 0 }
      : { buffered: bufferedAhead(this.#video), dropped: droppedFrames(this.#video) };
  }

  /** @param {HTMLVideoElement} video */
  attach(video) {
    this.#abortController = new AbortController();
    const { signal } = this.#abortController;
    this.#video = video;
    for (const type of ['loadeddata', 'playing']) {
      video.addEventListener(type, () => this.#onLoad(), { signal });
    }
    video.addEventListener('error', () => this.#onError(video), { signal });
    video.src = this.#url;
  }

  detach() {
    this.#abortController.abort();
    this.#cancelReload();
    if (this.#video !== null) {
      this.#video.removeAttribute('src');
      // An element prefers this to `src`. Setting it has the element let go of the film (HTML, "srcObject").
      this.#video.srcObject = null;
    }
    this.#video = null;
  }

  /** The element's position is the film's. */
  filmPosition() {
    return this.#video?.currentTime ?? 0;
  }

  /** @param {import('../sync/follower.js').FollowerParts} parts */
  follower(parts) {
    return new Controller(parts);
  }

  #onLoad() {
    this.#loaded = true;
    this.#reloads = 0;
    this.#setFault(null);
  }

  /**
   * Find out what is wrong. Where the film cannot be got, load it again: elements do not retry.
   *
   * @param {HTMLVideoElement} video
   */
  async #onError(video) {
    const { error } = video;
    const fault = await this.#faultOf(error?.code ?? 0);
    // Meanwhile the source may have been detached, or the film loaded again.
    if (this.#video !== video || video.error !== error) {
      return;
    }
    this.#setFault(fault);
    if (fault === 'network') {
      this.#reload(video);
    }
  }

  /**
   * @param {number} code  of the element's error
   * @returns {Promise<Fault>}
   */
  async #faultOf(code) {
    if (code === MediaError.MEDIA_ERR_DECODE) {
      return 'decode';
    }
    // An element without metadata reports one code both for a format that it cannot play and for a
    // server that does not answer, so every load that fails after a broken one looks like a format
    // (HTML, "dedicated media source failure steps").
    if (code === MediaError.MEDIA_ERR_NETWORK || this.#loaded) {
      return 'network';
    }
    return (await this.#environment.exists(this.#url)) ? 'format' : 'network';
  }

  /**
   * Load the film again after a wait, each longer than the one before.
   *
   * @param {HTMLVideoElement} video
   */
  #reload(video) {
    const { schedule, random } = this.#environment;
    const wait = backoff({
      attempt: this.#reloads,
      first: FIRST_RELOAD_S,
      most: MAX_RELOAD_S,
      random: random(),
    });
    this.#reloads += 1;
    this.#cancelReload();
    this.#cancelReload = schedule(() => video.load(), wait);
  }

  /** @param {Fault | null} fault */
  #setFault(fault) {
    if (fault !== this.fault) {
      this.fault = fault;
      this.dispatchEvent(new Event('change'));
    }
  }
}
