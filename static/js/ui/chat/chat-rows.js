// @ts-check
/** Rows of the chat: messages, notices of who did what, and what is not stored yet. */

import { html, nothing } from '/static/vendor/lit-html/lit-html.js';
import { clockTime, t } from '../i18n.js';
import { face, icon } from '../icons.js';
import { NOTICE_ICONS, noticeWords } from './notice-text.js';

/** @typedef {import('./chat-log.js').Draft} Draft */
/** @typedef {import('./chat-log.js').Entry} Entry */
/** @typedef {import('../../room/protocol.js').ChatMessage} ChatMessage */
/** @typedef {import('../../room/protocol.js').Notice} Notice */

/** Messages of one person within this time stand under one name, ms. */
const SAME_GROUP_MS = 5 * 60_000;

/**
 * @param {Notice & {key: string}} notice
 * @param {(() => void) | null} undo where it can be taken back
 */
export function noticeView(notice, undo) {
  const words = noticeWords(notice);
  if (!words) {
    return nothing;
  }
  const time = clockTime(notice.from ?? 0);
  return html`<p class="notice" data-key=${notice.key}>
    ${icon(NOTICE_ICONS[notice.kind] ?? 'clapperboard')}<span>${words}</span>
    ${
      undo
        ? html`<button class="undo" aria-label=${t('undo.to', { time })} @click=${undo}>
            ${icon('undo-2')}${t('undo.button')}
          </button>`
        : ''
    }
  </p>`;
}

/**
 * @param {ChatMessage & {key: string}} message
 * @param {object} about
 * @param {Entry | undefined} about.before the entry above it
 * @param {boolean} about.own
 * @param {(() => void) | null} about.remove where one may
 */
export function messageView(message, { before, own, remove }) {
  const goesOn =
    before?.type === 'message' &&
    before.user_id === message.user_id &&
    Date.parse(message.created_at) - Date.parse(before.created_at) < SAME_GROUP_MS;
  const user = { id: message.user_id, name: message.name };
  const name = own ? t('chat.you') : message.name;
  return html`<div class="message ${own ? 'own' : ''} ${goesOn ? 'goes-on' : ''}" data-key=${message.key}>
    ${own ? '' : goesOn ? html`<span class="gap"></span>` : face(user)}
    <div class="bubble">
      ${
        goesOn
          ? html`<span class="visually-hidden">${name}</span>`
          : html`<p class="by"><strong>${name}</strong>${stamp(message)}</p>`
      }
      ${message.deleted ? html`<p class="gone">${icon('ban')}${t('chat.deleted')}</p>` : html`<p class="text">${message.text}</p>`}
    </div>
    ${
      remove && !message.deleted
        ? html`<button
            class="quiet square delete"
            aria-label=${t('chat.delete')}
            title=${t('chat.delete')}
            @click=${remove}
          >
            ${icon('trash-2')}
          </button>`
        : ''
    }
  </div>`;
}

/** Where the film stood. @param {ChatMessage} message */
function stamp({ position }) {
  if (position === null || position < 0) {
    return '';
  }
  const time = clockTime(position);
  return html`<span class="stamp" title=${t('chat.at', { time })}>${time}</span>`;
}

/**
 * @param {Draft} draft
 * @param {() => void} again sends it once more
 */
export function draftView({ id, text, state, reason }, again) {
  const failed = state === 'failed';
  return html`<div class="message own draft" data-key=${id}>
    <div class="bubble">
      <p class="text">${text}</p>
      <p class="delivery ${state}">
        ${icon(failed ? 'circle-alert' : 'clock')}${failed ? t('chat.failed', { reason }) : t('chat.sending')}
      </p>
      ${failed ? html`<button @click=${again}>${icon('rotate-cw')}${t('chat.again')}</button>` : ''}
    </div>
  </div>`;
}
