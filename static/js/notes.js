// @ts-check
/** Single lines over the picture: late, reconnecting, and why a control did nothing. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { clockTime, durationWords, t } from './i18n.js';
import { icon } from './icons.js';

/** How long a remark stays, ms. */
const REMARK = 4000;
/** From here on one is late, s. */
const LATE = 5;
/** A link that comes back sooner is not worth a word, s. */
const BLINK = 0.6;

/**
 * @typedef {object} Moment
 * @property {import('./seat.js').Seat} seat
 * @property {import('./film.js').Film} film
 * @property {boolean} entered
 * @property {boolean} lost whether the link to the room is down
 * @property {{state: string}} snapshot
 * @property {number} serverNow s
 */

export class Notes {
  #remark = '';
  #timer = 0;
  #late = false;
  #lostSince = Infinity;

  /** @param {string} words */
  say(words) {
    this.#remark = words;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#remark = ''), REMARK);
  }

  /** @param {import('./film.js').Film} film as it stands on entering */
  entered(film) {
    this.#late = film.position > LATE && !film.paused;
  }

  /** @param {Moment} moment */
  view(moment) {
    return html`<div class="notes">
      ${this.#banner(moment)} ${this.#lateLine(moment)}
      <p class="line remark" role="status">
        ${this.#remark ? html`${icon('circle-alert')}${this.#remark}` : ''}
      </p>
    </div>`;
  }

  /** @param {Moment} moment */
  #banner({ seat, lost, serverNow }) {
    this.#lostSince = lost ? Math.min(this.#lostSince, serverNow) : Infinity;
    if (serverNow - this.#lostSince < BLINK || !lost) return '';
    const why = seat.lostBy;
    const key = why === 'too_slow' ? 'slow' : why === 'server_stops' ? 'restart' : 'lost';
    return html`<p class="line banner" role="status">${icon('wifi-off')}${t(`banner.${key}`)}</p>`;
  }

  /** @param {Moment} moment */
  #lateLine({ seat, film, entered, snapshot, serverNow }) {
    if (['locked', 'nudge', 'paused'].includes(snapshot.state)) this.#late = false;
    if (!this.#late || !entered) return '';
    const since = serverNow - Date.parse(seat.invitation?.movie_time ?? '') / 1000;
    const values = { duration: durationWords(since, 'long'), time: clockTime(film.position) };
    return html`<p class="line" role="status">${icon('hourglass')}${t('late.line', values)}</p>`;
  }
}
