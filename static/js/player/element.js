// @ts-check
/** Carries out orders on the `<video>` element; nothing else writes to it. */

import { mediaState } from '../sync/media.js';

/** A volume that nobody hears; at 0 the browser lets the sound device sleep (ADR 0005). */
const INAUDIBLE_VOLUME = 1e-4;

/**
 * Whether an element's volume can be set. On iPhone and iPad it cannot: the setter does nothing and
 * the volume stays 1, so a rehearsal would be played aloud (ADR 0005).
 *
 * @param {HTMLVideoElement} video
 */
function canSetVolume(video) {
  const before = video.volume;
  video.volume = INAUDIBLE_VOLUME;
  const isSet = video.volume <= 2 * INAUDIBLE_VOLUME;
  video.volume = before;
  return isSet;
}

export class FilmElement {
  #video;
  #onRefusal;
  #rate = 1;

  /**
   * The volume to go back to after a silence, and the one meanwhile; null: there is no silence.
   *
   * @type {{before: number, meanwhile: number} | null}
   */
  #volumes = null;

  /** Whether the volume can be set. */
  #canSetVolume;

  /**
   * @param {HTMLVideoElement} video
   * @param {object} about
   * @param {() => void} about.refused  the browser wants a gesture before it plays
   * @param {AbortSignal} about.signal  ends it
   */
  constructor(video, { refused, signal }) {
    this.#video = video;
    this.#onRefusal = refused;
    this.#canSetVolume = canSetVolume(video);
    video.addEventListener('ratechange', () => this.#keepRate(), { signal });
  }

  /** The element's state; `silent` as it would be without a silence of ours. */
  get state() {
    const media = { ...mediaState(this.#video), canSilence: this.#canSetVolume || this.#video.muted };
    return this.#volumes === null
      ? media
      : { ...media, silent: this.#video.muted || this.#volumes.before === 0 };
  }

  /** @param {import('../sync/media.js').ElementOrder} order */
  obey(order) {
    const video = this.#video;
    switch (order.do) {
      case 'play':
        // AbortError, the other one, only means that a pause or another film came sooner.
        video.play().catch((error) => {
          if (error.name === 'NotAllowedError') {
            this.#onRefusal();
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
   * Let nothing be heard, but keep the sound device awake.
   *
   * @param {boolean} on
   */
  #silence(on) {
    const video = this.#video;
    if (on && this.#volumes === null) {
      const before = video.volume;
      video.volume = Math.min(before, INAUDIBLE_VOLUME);
      // Read back, because where the volume cannot be set it is still the old one.
      this.#volumes = { before, meanwhile: video.volume };
    } else if (!on && this.#volumes !== null) {
      const { before, meanwhile } = this.#volumes;
      // A volume that the viewer has set meanwhile stays.
      if (video.volume === meanwhile) {
        video.volume = before;
      }
      this.#volumes = null;
    }
  }

  /** Put the rate back: loading a film resets it, and menus of some browsers set it. */
  #keepRate() {
    if (this.#video.playbackRate !== this.#rate) {
      this.#video.playbackRate = this.#rate;
    }
  }
}
