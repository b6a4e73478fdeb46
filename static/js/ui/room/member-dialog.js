// @ts-check
/** The dialog about one member: what host and moderators may do with them. */

import { html, render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { copyButton } from '../clipboard.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';

/** @typedef {import('../../room/protocol.js').MemberRow} MemberRow */
/** @typedef {import('../../room/room-client.js').RoomClient} RoomClient */

/** What may be done, and the question before what cannot be undone. */
export class MemberDialog {
  #dialog;
  #room;
  /** @type {MemberRow | null} */
  #row = null;
  /** @type {'menu' | 'host' | 'remove' | 'done'} */
  #step = 'menu';
  #newLink = false;
  #link = '';
  #trouble = '';

  /**
   * @param {HTMLDialogElement} dialog
   * @param {RoomClient} room
   */
  constructor(dialog, room) {
    this.#dialog = dialog;
    this.#room = room;
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
      this.#trouble = problemWords(problem);
      this.#show();
      return false;
    }
  }

  /** @param {{role?: api.Role, muted?: boolean}} change */
  async #change(change) {
    const show = this.#room.invitation?.show_id ?? '';
    if (await this.#do(() => api.changeMember(show, this.#row?.user.id ?? '', change))) {
      this.#dialog.close();
    }
  }

  async #remove() {
    const show = this.#room.invitation?.show_id ?? '';
    const done = await this.#do(async () => {
      await api.removeMember(show, this.#row?.user.id ?? '');
      if (this.#newLink) {
        await this.#renewLink(show);
      }
    });
    if (done) {
      this.#go('done');
    }
  }

  /** The show's own link, taken back, is followed by a new one at once. @param {string} show */
  async #renewLink(show) {
    this.#link = (await api.renewLink(show)) ?? '';
    this.#room.inviteLink = this.#link;
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
    const host = this.#room.may.edit;
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
