// @ts-check
/** Who is here: the list "People", and what host and moderators may do with a member. */

import { html, render } from '/static/vendor/lit-html/lit-html.js';
import { repeat } from '/static/vendor/lit-html/directives/repeat.js';
import * as api from './api.js';
import { copyButton } from './clipboard.js';
import { t } from './i18n.js';
import { face, icon } from './icons.js';

/** @typedef {import('./protocol.js').MemberRow} MemberRow */
/** @typedef {import('./seat.js').Seat} Seat */

/** A picture further off than this is not in step, s. */
const OUT_OF_STEP = 0.5;
/** Rows that are drawn. */
const MOST = 200;

const ROLE_ICONS = { host: 'crown', moderator: 'shield', guest: 'user-round' };
/** @type {Record<string, string>} */
const STATE_ICONS = {
  waiting: 'hourglass',
  ready: 'circle-check',
  playing: 'circle-check',
  late: 'gauge',
  paused: 'circle-check',
  stalled: 'loader',
  background: 'eye-off',
  blocked: 'triangle-alert',
  away: 'clock',
};

/** @param {MemberRow} row */
function stateOf({ state, error }) {
  if (state === 'playing' && error !== null && Math.abs(error) > OUT_OF_STEP) return 'late';
  return state in STATE_ICONS ? state : 'away';
}

/** @param {MemberRow[]} rows present first, then by role and name */
function ordered(rows) {
  const rank = (/** @type {MemberRow} */ { state, role }) =>
    (state === 'away' ? 10 : 0) + ['host', 'moderator', 'guest'].indexOf(role);
  return rows.toSorted(
    (a, b) => rank(a) - rank(b) || a.user.name.localeCompare(b.user.name, undefined, { numeric: true }),
  );
}

/**
 * Whether one may do anything with somebody at all.
 * @param {Seat} seat
 * @param {MemberRow} row
 */
function mayManage(seat, { user, role }) {
  if (user.id === seat.person?.id || role === 'host') return false;
  return seat.role === 'host' || (seat.role === 'moderator' && role === 'guest');
}

/**
 * @param {Seat} seat
 * @param {MemberRow} row
 * @param {(row: MemberRow) => void} manage
 */
function personRow(seat, row, manage) {
  const { user, role, muted } = row;
  const state = stateOf(row);
  return html`<li class="person ${state === 'away' ? 'away' : ''}">
    ${face(user)}
    <div class="who">
      <p class="name">
        <span>${user.name}</span
        >${user.id === seat.person?.id ? html`<span class="you">${t('people.you')}</span>` : ''}
      </p>
      <p class="facts">
        ${role === 'guest' ? '' : html`<span class="fact role">${icon(ROLE_ICONS[role])}${t(`role.${role}`)}</span>`}
        <span class="fact state-${state}"
          >${icon(STATE_ICONS[state] ?? 'clock')}${t(`state.${state}`)}</span
        >
        ${muted ? html`<span class="fact">${icon('mic-off')}${t('state.muted')}</span>` : ''}
      </p>
    </div>
    ${
      mayManage(seat, row)
        ? html`<button
            class="quiet square"
            aria-label=${t('people.actions', { name: user.name })}
            @click=${() => manage(row)}
          >
            ${icon('ellipsis')}
          </button>`
        : ''
    }
  </li>`;
}

/**
 * @param {Seat} seat
 * @param {(row: MemberRow) => void} manage
 */
export function peopleView(seat, manage) {
  const rows = ordered([...seat.people.values()]).slice(0, MOST);
  const more = seat.total - rows.length;
  return html`<ul class="people" role="list" tabindex="0" aria-label=${t('side.people')}>
      ${repeat(
        rows,
        ({ user }) => user.id,
        (row) => personRow(seat, row, manage),
      )}
    </ul>
    ${more > 0 ? html`<p class="note more-people">${t('people.more', { count: more })}</p>` : ''}`;
}

/** The dialog about one member: what may be done, and the question before what cannot be undone. */
export class MemberDialog {
  #dialog;
  #seat;
  /** @type {MemberRow | null} */
  #row = null;
  /** @type {'menu' | 'host' | 'remove' | 'done'} */
  #step = 'menu';
  #newLink = false;
  #link = '';
  #trouble = '';

  /**
   * @param {HTMLDialogElement} dialog
   * @param {Seat} seat
   */
  constructor(dialog, seat) {
    this.#dialog = dialog;
    this.#seat = seat;
  }

  /** @param {MemberRow} row */
  open(row) {
    this.#row = row;
    this.#newLink = false;
    this.#link = '';
    this.#go('menu');
    this.#dialog.showModal();
  }

  /** @param {'menu' | 'host' | 'remove' | 'done'} step */
  #go(step) {
    this.#step = step;
    this.#trouble = '';
    this.#show();
  }

  /** @param {() => Promise<unknown>} work */
  async #do(work) {
    try {
      await work();
      return true;
    } catch (problem) {
      this.#trouble = api.problemWords(problem);
      this.#show();
      return false;
    }
  }

  /** @param {{role?: api.Role, muted?: boolean}} change */
  async #change(change) {
    const show = this.#seat.invitation?.show_id ?? '';
    if (await this.#do(() => api.changeMember(show, this.#row?.user.id ?? '', change)))
      this.#dialog.close();
  }

  async #remove() {
    const show = this.#seat.invitation?.show_id ?? '';
    const done = await this.#do(async () => {
      await api.removeMember(show, this.#row?.user.id ?? '');
      if (this.#newLink) await this.#renewLink(show);
    });
    if (done) this.#go('done');
  }

  /** The show's own link, taken back, is followed by a new one at once. @param {string} show */
  async #renewLink(show) {
    this.#link = (await api.renewLink(show)) ?? '';
    this.#seat.inviteLink = this.#link;
  }

  #show() {
    const name = this.#row?.user.name ?? '';
    render(
      html`<header>
          <h2 id="dialog-heading">${name}</h2>
          <button class="quiet square" aria-label=${t('action.close')} @click=${() => this.#dialog.close()}>
            ${icon('x')}
          </button>
        </header>
        ${this.#body(name)}
        <p class="trouble" role="alert">
          ${this.#trouble ? html`${icon('circle-alert')}${this.#trouble}` : ''}
        </p>`,
      this.#dialog,
    );
  }

  /** @param {string} name */
  #body(name) {
    const cancel = html`<button @click=${() => this.#go('menu')}>${t('action.cancel')}</button>`;
    if (this.#step === 'host') {
      return html`<p class="sentence">${t('member.host-sure', { name })}</p>
        <div class="actions">
          <button class="main" @click=${() => this.#change({ role: 'host' })}>${t('member.host')}</button
          >${cancel}
        </div>`;
    }
    if (this.#step === 'remove') {
      return html`<p class="sentence">${t('member.remove-sure', { name })}</p>
        <label class="check">
          <input
            type="checkbox"
            aria-describedby="new-link-hint"
            .checked=${this.#newLink}
            @change=${() => (this.#newLink = !this.#newLink)}
          />
          <span>${t('member.new-link')}</span>
        </label>
        <p id="new-link-hint" class="note">${t('member.new-link-hint')}</p>
        <div class="actions">
          <button class="danger" @click=${() => this.#remove()}>
            ${icon('user-minus')}${t('member.remove')}</button
          >${cancel}
        </div>`;
    }
    if (this.#step === 'done') {
      return this.#link
        ? html`<p class="sentence">${t('member.link-made', { name })}</p>
            <label class="field"
              ><span>${t('link.field')}</span><input readonly .value=${this.#link}
            /></label>
            <div class="actions">${copyButton(this.#link, 'main')}</div>`
        : html`<p class="sentence">${t('member.removed', { name })}</p>`;
    }
    return this.#menu();
  }

  #menu() {
    const { role, muted } = this.#row ?? { role: 'guest', muted: false };
    const host = this.#seat.role === 'host';
    return html`<div class="menu">
      ${
        host && role === 'guest'
          ? html`<button @click=${() => this.#change({ role: 'moderator' })}>
              ${icon('shield')}${t('member.moderator')}
            </button>`
          : ''
      }
      ${
        host && role === 'moderator'
          ? html`<button @click=${() => this.#change({ role: 'guest' })}>
              ${icon('user-round')}${t('member.guest')}
            </button>`
          : ''
      }
      ${host ? html`<button @click=${() => this.#go('host')}>${icon('crown')}${t('member.host')}</button>` : ''}
      <button @click=${() => this.#change({ muted: !muted })}>
        ${icon(muted ? 'message-circle' : 'mic-off')}${t(muted ? 'member.unmute' : 'member.mute')}
      </button>
      <button class="danger" @click=${() => this.#go('remove')}>
        ${icon('user-minus')}${t('member.remove')}
      </button>
    </div>`;
  }
}
