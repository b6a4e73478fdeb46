// @ts-check
/** Follows the live picture: says what is wrong with it, and asks the server how its making goes. */

import * as api from '../../room/api.js';
import { t } from '../i18n.js';
import { isMute, liveWords } from './live-words.js';

/** @typedef {import('./live-words.js').LiveStatus} LiveStatus */

/** A picture that is not there after so long may have to be made: the server is asked, s. */
const ASK_AFTER_S = 2;

/** How often the server is asked while it is not there, s; spread, because all viewers wait at once. */
const ASK_EVERY_S = 5;
const ASK_JITTER_S = 2;

/**
 * @typedef {object} Scene
 * @property {LiveStatus | null} status  null: there is no live picture
 * @property {boolean} stalled  whether the picture stands though the film moves
 * @property {number} rate  of the film
 * @property {boolean} entered
 * @property {number} now  client time, s
 */

export class LiveNews {
  #session;
  #say;
  #update;
  #random;

  /** What was said last, so that it is said once. */
  #said = '';
  #mute = false;

  /** When the server is asked next, client time, s; Infinity: not at all. */
  #askAt = Infinity;

  /**
   * @param {object} parts
   * @param {() => string} parts.session  its id
   * @param {(words: string) => void} parts.say
   * @param {(entries: api.Source[]) => void} parts.update  takes the session's sources
   * @param {() => number} [parts.random]  from 0 to 1
   */
  constructor({ session, say, update, random = Math.random }) {
    this.#session = session;
    this.#say = say;
    this.#update = update;
    this.#random = random;
  }

  /**
   * Look at how things are.
   *
   * @param {Scene} scene
   */
  follow(scene) {
    if (!scene.entered) {
      return;
    }
    this.#sayTrouble(scene);
    this.#sayMute(scene);
    this.#askWhenDue(scene);
  }

  /** What keeps it away is said once, and again when it has been there meanwhile. @param {Scene} scene */
  #sayTrouble({ status, rate }) {
    if (status === null || (status.shown && status.ready)) {
      this.#said = '';
      return;
    }
    const reason = status.behind ? 'behind' : (status.trouble ?? '');
    if (reason === '' || reason === this.#said) {
      return;
    }
    this.#said = reason;
    const words = liveWords(status, rate);
    this.#say(status.shown ? words : `${words} ${t('live.meanwhile')}`);
  }

  /** @param {Scene} scene */
  #sayMute({ status, rate }) {
    const mute = isMute(status, rate);
    if (mute && !this.#mute) {
      this.#say(t('live.mute'));
    }
    this.#mute = mute;
  }

  /** @param {Scene} scene */
  #askWhenDue({ status, stalled, now }) {
    if (!status?.wanted || (status.shown && status.ready && !stalled)) {
      this.#askAt = Infinity;
    } else if (this.#askAt === Infinity) {
      this.#askAt = now + ASK_AFTER_S;
    } else if (now >= this.#askAt) {
      this.#askAt = now + ASK_EVERY_S + ASK_JITTER_S * (this.#random() - 0.5);
      this.#ask();
    }
  }

  async #ask() {
    try {
      const { sources } = await api.session(this.#session());
      this.#update(sources);
    } catch {
      // It is asked again; that the server is away is said elsewhere.
    }
  }
}
