// @ts-check
/** Toasts: single lines over the picture, such as late, reconnecting, and why a control did nothing. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { agoWords, clockTime, t } from '../i18n.js';
import { icon } from '../icons.js';

/** How long a remark stays, ms; longer where it offers something. */
const TOAST_MS = 4000;
const OFFER_MS = 8000;
/** From here on one is late, s. */
const LATE_AFTER_S = 5;
/** A link that comes back sooner is not worth a word, s. */
const MIN_OUTAGE_S = 0.6;
const TIMER_SLACK_S = 0.05;

/**
 * @typedef {object} Moment
 * @property {import('../../room/room-client.js').RoomClient} room
 * @property {import('../../room/film-state.js').Film} film
 * @property {boolean} entered
 * @property {boolean} lost whether the link to the room is down
 * @property {boolean} live whether the picture is the live one: nothing of it is loaded ahead
 * @property {{state: string}} snapshot
 * @property {number} serverNow s
 * @property {boolean} own whether one watches on one's own
 * @property {() => void} back ends that
 */
/** @typedef {{icon: string, words: string, do: () => void}} Offer */

export class Toasts {
  #toast = '';
  /** @type {Offer | null} */
  #offer = null;
  #timer = 0;
  #late = false;
  #lostSince = Infinity;
  #changed;

  /** @param {() => void} changed called when there is something else to draw */
  constructor(changed) {
    this.#changed = changed;
  }

  /**
   * @param {string} words
   * @param {Offer | null} [offer] what one may do about it
   */
  say(words, offer = null) {
    this.#toast = words;
    this.#offer = offer;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear(), offer ? OFFER_MS : TOAST_MS);
    this.#changed();
  }

  /** What was said is of no interest any more. */
  clear() {
    this.#toast = '';
    this.#offer = null;
    this.#changed();
  }

  /** @param {import('../../room/film-state.js').Film} film as it stands on entering */
  entered(film) {
    this.#late = film.position > LATE_AFTER_S && !film.paused;
  }

  /** @param {Moment} moment */
  view(moment) {
    return html`<div class="toasts">
      ${this.#banner(moment)} ${this.#ownLine(moment)} ${this.#lateLine(moment)}
      <div class="line toast">
        <p role="status">
          ${this.#toast ? html`${icon(this.#offer?.icon ?? 'circle-alert')}${this.#toast}` : ''}
        </p>
        ${this.#offer ? this.#offerButton(this.#offer) : ''}
      </div>
    </div>`;
  }

  /** @param {Offer} offer */
  #offerButton(offer) {
    const take = () => {
      this.clear();
      offer.do();
    };
    return html`<button @click=${take}>${offer.words}</button>`;
  }

  /** @param {Moment} moment */
  #ownLine({ own, film, back }) {
    if (!own) {
      return '';
    }
    const key = film.over ? 'own.over' : film.begun ? (film.paused ? 'own.paused' : 'own.at') : 'own.before';
    return html`<div class="line own-line">
      <p>${icon('split')}${t(key, { time: clockTime(Math.abs(film.position)) })}</p>
      <button class="main" @click=${back}>${icon('users')}${t('own.back')}</button>
    </div>`;
  }

  /** @param {Moment} moment */
  #banner({ room, film, lost, live, serverNow }) {
    if (lost && this.#lostSince === Infinity) {
      // A little later, or a timer that goes off early finds nothing to say yet.
      setTimeout(this.#changed, (MIN_OUTAGE_S + TIMER_SLACK_S) * 1000);
    }
    this.#lostSince = lost ? Math.min(this.#lostSince, serverNow) : Infinity;
    if (serverNow - this.#lostSince < MIN_OUTAGE_S || !lost) {
      return '';
    }
    const why = room.lostReason;
    const usual = film.begun && !film.paused && !live ? 'lost' : 'still';
    const key = why === 'too_slow' ? 'slow' : why === 'server_stops' ? 'restart' : usual;
    return html`<p class="line banner" role="status">${icon('wifi-off')}${t(`banner.${key}`)}</p>`;
  }

  /** @param {Moment} moment */
  #lateLine({ room, film, entered, snapshot, serverNow }) {
    if (['own', 'locked', 'nudge', 'paused'].includes(snapshot.state)) {
      this.#late = false;
    }
    if (!this.#late || !entered) {
      return '';
    }
    const since = serverNow - Date.parse(room.invitation?.movie_time ?? '') / 1000;
    const values = { ago: agoWords(since), time: clockTime(film.position) };
    return html`<p class="line" role="status">${icon('hourglass')}${t('late.line', values)}</p>`;
  }
}
