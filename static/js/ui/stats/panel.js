// @ts-check
/** The statistics panel behind the status "Sync": how well the picture keeps in sync, and what is done for it. */

import { live } from '/static/vendor/lit-html/directives/live.js';
import { html, render } from '/static/vendor/lit-html/lit-html.js';
import { copyButton } from '../clipboard.js';
import { oncePerFrame } from '../frame.js';
import { megabits, milliseconds, percent, t } from '../i18n.js';
import { icon } from '../icons.js';
import { plotView } from './plot-view.js';
import { statisticsOf } from './statistics.js';
import { Viewers } from './viewers.js';

/** @typedef {import('../../player/player.js').SyncedPlayer} SyncedPlayer */
/** @typedef {import('../../sync/snapshot.js').Snapshot} Snapshot */
/** @typedef {import('./statistics.js').Statistics} Statistics */
/** @typedef {import('../../player/stream-figures.js').StreamFigures} StreamFigures */

/** How often the figures are drawn anew, ms. */
const REFRESH_MS = 500;
/** The slider moves in steps of this, s. */
const SLIDER_STEP_S = 0.001;

/**
 * @typedef {object} Parts
 * @property {import('../../room/room-client.js').RoomClient} room
 * @property {() => SyncedPlayer | null} player
 * @property {() => import('../room/sync-status.js').Status} status
 * @property {() => number} now client time, s
 */

export class Panel {
  #root;
  #parts;
  #viewers;
  #timer = 0;
  /** What had the focus before. @type {Element | null} */
  #focusedBefore = null;

  /**
   * @param {HTMLElement} root a popover
   * @param {Parts} parts
   */
  constructor(root, parts) {
    this.#root = root;
    this.#parts = parts;
    this.#viewers = new Viewers(parts.room, () => this.show());
    document.addEventListener('fullscreenchange', () => this.#followFullScreen());
    document.addEventListener('keydown', (event) => {
      // A dialog above it is left first, by itself.
      if (event.key === 'Escape' && this.isOpen && !document.querySelector('dialog[open]')) {
        this.close();
      }
    });
  }

  get isOpen() {
    return this.#root.matches(':popover-open');
  }

  toggle() {
    if (this.isOpen) {
      this.close();
    } else {
      this.#open();
    }
  }

  #open() {
    this.#focusedBefore = document.activeElement;
    this.#root.showPopover();
    this.#viewers.watch();
    this.#timer = setInterval(() => this.show(), REFRESH_MS);
    this.show();
    this.#root.focus();
  }

  close() {
    clearInterval(this.#timer);
    this.#viewers.leave();
    const inside = this.#root.contains(document.activeElement);
    this.#root.hidePopover();
    // Whoever writes in the chat meanwhile goes on writing.
    if (inside && this.#focusedBefore instanceof HTMLElement) {
      this.#focusedBefore.focus();
    }
  }

  /** What is not part of what fills the screen can be seen there, but not pressed. */
  #followFullScreen() {
    const wasOpen = this.isOpen;
    const focused = this.#root.contains(document.activeElement) ? document.activeElement : null;
    (document.fullscreenElement ?? document.body).append(this.#root);
    if (!wasOpen) {
      return;
    }
    this.#root.showPopover();
    if (focused instanceof HTMLElement) {
      focused.focus();
    }
  }

  /** Draw it in the next frame, where it is open. */
  show = oncePerFrame(() => this.#draw());

  #draw() {
    const player = this.#parts.player();
    if (!this.isOpen || player === null) {
      return;
    }
    const { snapshot } = player;
    const { samples } = player.history;
    const statistics = statisticsOf(samples);
    render(
      html`<header>
          <h2 id="panel-heading">${t('panel.heading')}</h2>
          <button class="quiet square" aria-label=${t('action.close')} @click=${() => this.close()}>
            ${icon('x')}
          </button>
        </header>
        ${this.#headline(snapshot, statistics)} ${plotView(samples, statistics, this.#parts.now())}
        <div class="actions">
          <button class="main" @click=${() => player.syncNow()}>${icon('rotate-cw')}${t('sync.now')}</button>
          ${copyButton(() => this.#record(player), '', t('panel.copy'))}
        </div>
        ${figuresView(snapshot, player.history.drift, player.streamFigures)} ${adjustmentField(player, snapshot.bound)} ${this.#viewers.view()}`,
      this.#root,
    );
  }

  /** @param {Snapshot} snapshot @param {Statistics | null} statistics */
  #headline({ error }, statistics) {
    const { kind, words } = this.#parts.status();
    return html`<div class="headline">
      <p class="verdict" data-kind=${kind}><span class="dot" aria-hidden="true"></span>${words}</p>
      <p class="error-now">${error === null ? t('panel.unmeasured') : errorWords(error)}</p>
      ${
        statistics
          ? html`<p class="note">
              ${t('panel.statistics', { half: milliseconds(statistics.p50), most: milliseconds(statistics.p95) })}
            </p>`
          : ''
      }
    </div>`;
  }

  /** All there is, for who is to look into it. @param {SyncedPlayer} player */
  #record(player) {
    const { snapshot, adjustment, history, streamFigures: stream } = player;
    const record = {
      at: new Date().toISOString(),
      browser: navigator.userAgent,
      session: this.#parts.room.invitation?.session_id,
      snapshot,
      stream,
      drift: history.drift,
      adjustment,
      statistics: statisticsOf(history.samples),
    };
    // A sample a line: there are hundreds.
    const samples = history.samples.map((sample) => JSON.stringify(sample)).join(',\n  ');
    return `${JSON.stringify(record, null, 1).slice(0, -2)},\n "history": [\n  ${samples}\n ]\n}`;
  }
}

/** @param {number} error s */
function errorWords(error) {
  const time = milliseconds(Math.abs(error));
  return t(error < 0 ? 'panel.behind' : 'panel.ahead', { time });
}

/** What this computer's clock shows, less what the server's does. @param {Snapshot} snapshot */
function clockWords({ offset, bound }) {
  if (bound === null) {
    return t('panel.unknown');
  }
  const wrong = performance.timeOrigin / 1000 - offset;
  const values = { time: milliseconds(Math.abs(wrong)), bound: milliseconds(bound) };
  return t(wrong < 0 ? 'panel.clock-behind' : 'panel.clock-ahead', values);
}

/**
 * @param {Snapshot} snapshot
 * @param {number | null} drift
 * @param {StreamFigures | null} stream
 */
function figuresView(snapshot, drift, stream) {
  const { method, delay, latency, seekCost, dropped, seeks, nudges } = snapshot;
  // The server starts and jumps for a live picture, and the browser's buffer corrects it.
  const fileRows = [
    ['latency', milliseconds(latency)],
    ['seek-cost', milliseconds(seekCost)],
    ['corrections', t('panel.counts', { nudges, seeks })],
  ];
  const rows = [
    ['method', t(`method.${method}`)],
    ['clock', clockWords(snapshot)],
    ['drift', drift === null ? t('panel.unknown') : t('panel.ppm', { rate: Math.round(drift * 1e6) })],
    ['delay', milliseconds(delay)],
    ...(stream === null ? fileRows : []),
    ['dropped', String(dropped)],
    ...(stream === null ? [] : streamRows(stream)),
  ];
  return html`<dl class="figures-list">
    ${rows.map(
      ([name, words]) =>
        html`<div>
          <dt>${t(`panel.${name}`)}</dt>
          <dd>${words}</dd>
        </div>`,
    )}
  </dl>`;
}

/**
 * The figures of a live stream; a row is there also while its figure is not known.
 *
 * @param {StreamFigures} stream
 * @returns {[string, string][]}
 */
function streamRows({ bitRate, loss, jitterBuffer, roundTrip }) {
  /** @type {(value: number | null, words: (value: number) => string) => string} */
  const known = (value, words) => (value === null ? t('panel.unknown') : words(value));
  return [
    ['bit-rate', known(bitRate, megabits)],
    ['loss', known(loss, (share) => percent(share, 1))],
    ['jitter-buffer', known(jitterBuffer, milliseconds)],
    ['round-trip', known(roundTrip, milliseconds)],
  ];
}

/**
 * What no measurement can tell: that the line takes longer one way than the other.
 * @param {SyncedPlayer} player
 * @param {number | null} bound s
 */
function adjustmentField(player, bound) {
  if (bound === null) {
    return '';
  }
  const most = Math.max(Math.floor(bound / SLIDER_STEP_S) * SLIDER_STEP_S, SLIDER_STEP_S);
  const { adjustment } = player;
  const words = milliseconds(adjustment, 'exceptZero');
  return html`<div class="field line-field">
    <label for="adjustment">${t('line.label')} <output class="value">${words}</output></label>
    <input
      id="adjustment"
      type="range"
      min=${-most}
      max=${most}
      step=${SLIDER_STEP_S}
      aria-describedby="adjustment-hint"
      aria-valuetext=${words}
      .value=${live(String(adjustment))}
      @input=${(/** @type {InputEvent & {target: HTMLInputElement}} */ { target }) =>
        (player.adjustment = Number(target.value))}
    />
    <p id="adjustment-hint" class="note">${t('line.hint', { bound: milliseconds(bound) })}</p>
    ${adjustment ? html`<button @click=${() => (player.adjustment = 0)}>${t('line.reset')}</button>` : ''}
  </div>`;
}
