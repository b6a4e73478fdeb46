// @ts-check
/** How well every viewer keeps in sync, for host and moderators: a table that is polled while it is open. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { milliseconds, secondsWords, t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';
import { memberStatus } from '../room/member-status.js';

/** How often it is asked for, ms. */
const REFRESH_MS = 5000;

/** @param {number | null} seconds */
const time = (seconds) => (seconds === null ? '–' : milliseconds(seconds));

export class Viewers {
  #room;
  #changed;
  #timer = 0;
  /** @type {api.SyncTable | null} */
  #table = null;
  #trouble = '';

  /**
   * @param {import('../../room/room-client.js').RoomClient} room
   * @param {() => void} changed called when there is something new to draw
   */
  constructor(room, changed) {
    this.#room = room;
    this.#changed = changed;
  }

  get #allowed() {
    return this.#room.may.see_sync;
  }

  /** Ask until {@link leave}. */
  watch() {
    this.#ask();
    this.#timer = setInterval(() => this.#ask(), REFRESH_MS);
  }

  leave() {
    clearInterval(this.#timer);
    this.#table = null;
  }

  async #ask() {
    if (!this.#allowed) {
      return;
    }
    try {
      this.#table = await api.syncOf(this.#room.invitation?.session_id ?? '');
      this.#trouble = '';
    } catch (problem) {
      this.#trouble = problemWords(problem);
    }
    this.#changed();
  }

  view() {
    if (!this.#allowed) {
      return '';
    }
    return html`<section class="viewers" aria-labelledby="viewers-heading">
      <h3 id="viewers-heading">${t('viewers.heading')}</h3>
      ${this.#trouble ? html`<p class="trouble">${icon('circle-alert')}${this.#trouble}</p>` : ''}
      ${this.#table ? this.#tableView(this.#table) : ''}
    </section>`;
  }

  /** @param {api.SyncTable} table */
  #tableView({ viewers, in_step: inStep, p50, p95, rows }) {
    if (rows.length === 0) {
      return html`<p class="note">${t('viewers.none')}</p>`;
    }
    const measured =
      p50 === null || p95 === null ? '' : t('viewers.all', { half: time(p50), most: time(p95) });
    return html`<p class="note">${t('viewers.in-step', { inStep, viewers })} ${measured}</p>
      <div class="scroll" tabindex="0" role="group" aria-labelledby="viewers-heading">
        <table>
          <thead>
            <tr>
              ${['name', 'p50', 'p95', 'delay', 'buffered'].map((name) => html`<th scope="col">${t(`viewers.${name}`)}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(row)}
          </tbody>
        </table>
      </div>`;
  }
}

/** @param {api.Viewer} viewer */
function row(viewer) {
  const status = memberStatus(viewer);
  return html`<tr>
    <th scope="row">
      ${viewer.user.name}<span class="fact ${status.kind}">${icon(status.icon)}${status.words}</span>
    </th>
    <td>${time(viewer.p50)}</td>
    <td>${time(viewer.p95)}</td>
    <td>${time(viewer.delay)}</td>
    <td>${viewer.buffered === null ? '–' : secondsWords(viewer.buffered, 0)}</td>
  </tr>`;
}
