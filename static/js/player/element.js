// @ts-check
/** Carries out orders on the `<video>` element; nothing else writes to it. */

import { mediaState } from '../sync/media.js';

/** A loudness that nobody hears; at none the browser lets the sound's device sleep. */
const INAUDIBLE_VOLUME = 1e-4;

/**
 * Whether an element's volume can be set. On iPhone and iPad it cannot: the setter does nothing and
 * the volume stays 1, so what is meant to be unheard is played aloud (ADR 0005).
 *
 * @param {HTMLVideoElement} video
 */
function takesVolume(video) {
  const before = video.volume;
  video.volume = INAUDIBLE_VOLUME;
  const taken = video.volume <= 2 * INAUDIBLE_VOLUME;
  video.volume = before;
  return taken;
}

export class FilmElement {
  #video;
  #refused;
  #rate = 1;

  /**
   * The loudness to come back to while nothing is to be heard, and the one meanwhile.
   *
   * @type {{before: number, meanwhile: number} | null}
   */
  #silenced = null;

  /** Whether the volume is what it is set to. */
  #hasVolume;

  /**
   * @param {HTMLVideoElement} video
   * @param {object} about
   * @param {() => void} about.refused  the browser wants a gesture before it plays
   * @param {AbortSignal} about.signal  ends it
   */
  constructor(video, { refused, signal }) {
    this.#video = video;
    this.#refused = refused;
    this.#hasVolume = takesVolume(video);
    video.addEventListener('ratechange', () => this.#keepRate(), { signal });
  }

  /** What the element says of itself, but for a silence that is ours. */
  get state() {
    const media = { ...mediaState(this.#video), canSilence: this.#hasVolume || this.#video.muted };
    return this.#silenced === null
      ? media
      : { ...media, silent: this.#video.muted || this.#silenced.before === 0 };
  }

  /** @param {import('../sync/media.js').Order} order */
  obey(order) {
    const video = this.#video;
    switch (order.do) {
      case 'play':
        video.play().catch((error) => {
          if (error.name === 'NotAllowedError') {
            this.#refused();
          }
        });
        break;
      case 'pause':
        video.pause();
        break;
      case 'seek':
        video.currentTime = order.position;
        break;
      case 'rate':
        this.#rate = order.rate;
        video.preservesPitch = order.pitch;
        video.playbackRate = order.rate;
        break;
      case 'silence':
        this.#silence(order.on);
        break;
    }
  }

  /**
   * Let nothing be heard, with the sound's device at work all the same.
   *
   * @param {boolean} on
   */
  #silence(on) {
    const video = this.#video;
    if (on && this.#silenced === null) {
      const before = video.volume;
      video.volume = Math.min(before, INAUDIBLE_VOLUME);
      this.#silenced = { before, meanwhile: video.volume };
    } else if (!on && this.#silenced !== null) {
      const { before, meanwhile } = this.#silenced;
      // Whoever has chosen another loudness meanwhile keeps it.
      if (video.volume === meanwhile) {
        video.volume = before;
      }
      this.#silenced = null;
    }
  }

  /** Nobody else sets the rate: a new source does, and some browsers' own menus. */
  #keepRate() {
    if (this.#video.playbackRate !== this.#rate) {
      this.#video.playbackRate = this.#rate;
    }
  }
}
