// @ts-check
/** The film's file for `<video>`: which one it is, and what went wrong with it. */

/** @typedef {'none' | 'format' | 'decode' | 'network'} Fault */
/** @typedef {{kind: string, url?: string, type?: string}} SourceEntry  one of a title's `sources` */

export class FilmSource {
  /** @type {Fault | null} */
  fault = null;
  #video;

  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.#video = video;
    for (const type of ['loadeddata', 'playing']) {
      video.addEventListener(type, () => (this.fault = null));
    }
  }

  /**
   * Load the file among the sources: the only kind that this version has.
   * @param {readonly SourceEntry[]} sources
   */
  load(sources) {
    const file = sources.find(({ kind, url }) => kind === 'file' && url);
    if (!file?.url) {
      this.fault = 'none';
    } else if (file.type && this.#video.canPlayType(file.type) === '') {
      this.fault = 'format';
    } else {
      this.fault = null;
      this.#video.src = file.url;
    }
    return this.fault === null;
  }

  /**
   * Take what the element says went wrong. It calls a file unsupported that it could not get, too:
   * whether it is there tells the two apart.
   * @param {number} code of the MediaError
   */
  async failed(code) {
    if (code === MediaError.MEDIA_ERR_DECODE) {
      this.fault = 'decode';
    } else if (code === MediaError.MEDIA_ERR_NETWORK) {
      this.fault = 'network';
    } else {
      this.fault = (await this.#isThere()) ? 'format' : 'network';
    }
  }

  async #isThere() {
    try {
      return (await fetch(this.#video.currentSrc, { method: 'HEAD' })).ok;
    } catch {
      return false;
    }
  }
}
