// @ts-check
/** The chat: the log with who did what, one's own words until they are stored, and the field. */

import { repeat } from '/static/vendor/lit-html/directives/repeat.js';
import { html, render } from '/static/vendor/lit-html/lit-html.js';
import * as api from '../../room/api.js';
import { oncePerFrame } from '../frame.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { problemWords } from '../problem-words.js';
import { uuid } from '../uuid.js';
import { ChatLog } from './chat-log.js';
import { draftView, messageView, noticeView } from './chat-rows.js';

/** @typedef {import('./chat-log.js').Draft} Draft */
/** @typedef {import('./chat-log.js').Entry} Entry */
/** @typedef {import('../../room/protocol.js').ChatMessage} ChatMessage */
/** So close to an edge it counts as reached, px. */
const EDGE_PX = 80;
/** Older messages are fetched in pages of so many. */
const PAGE_SIZE = 50;

export class Chat {
  #root;
  #room;
  #chatLog = new ChatLog();
  /** @type {Draft[]} */
  #drafts = [];
  /** ChatLog that came while one was reading further up. */
  #unseen = 0;
  #following = true;
  #loading = false;
  #undo;
  /** The seek that can be taken back, by its `seq`. @type {number | null} */
  #undoable = null;
  /** What the entries and the field were last drawn for. */
  #drawnState = '';
  /** Draw in the next frame: of hundreds of messages in a second each costs a line alone. */
  show = oncePerFrame(() => {
    this.#draw();
    this.#keepUp();
  });

  /**
   * @param {HTMLElement} root
   * @param {import('../../room/room-client.js').RoomClient} room
   * @param {() => void} undo takes back the seek that {@link offerUndo} named
   */
  constructor(root, room, undo) {
    this.#root = root;
    this.#room = room;
    this.#undo = undo;
    // The last words stay in sight where the picture above takes more room, and behind the other tab.
    new ResizeObserver(() => this.#keepUp()).observe(root);
    /** @type {(type: string, take: (detail: any) => void) => void} */
    const on = (type, take) =>
      room.addEventListener(type, (event) => take(/** @type {CustomEvent} */ (event).detail));
    on('message', (message) => this.#take(message));
    on('notice', (notice) => this.#take(notice));
    on('deleted', ({ id }) => {
      this.#chatLog.delete(id);
      this.show();
    });
    room.addEventListener('change', () => {
      if (this.#state !== this.#drawnState) {
        this.show();
      }
    });
  }

  get #muted() {
    return this.#room.people.get(this.#room.person?.id ?? '')?.muted ?? false;
  }

  get #state() {
    return [this.#room.person?.id, this.#room.may.delete_messages, this.#muted].join();
  }

  /** @param {number | null} seq of the notice that gets the button */
  offerUndo(seq) {
    if (seq !== this.#undoable) {
      this.#undoable = seq;
      this.show();
    }
  }

  get #log() {
    return /** @type {HTMLElement} */ (this.#root.querySelector('[role=log]'));
  }

  /** @param {ChatMessage | import('../../room/protocol.js').Notice} entry */
  #take(entry) {
    // The log may bring one's own words before the answer to them: they must not stand there twice.
    if (entry.type === 'message') {
      this.#drafts = this.#drafts.filter(({ id }) => id !== entry.id);
    }
    if (!this.#chatLog.add(entry)) {
      return;
    }
    const own = entry.type === 'message' && entry.user_id === this.#room.person?.id;
    if (!this.#following && !own) {
      this.#unseen += 1;
    }
    this.show();
  }

  /** @param {string} text */
  say(text) {
    /** @type {Draft} */
    const draft = { type: 'draft', id: uuid(), text, state: 'sending', reason: '' };
    this.#drafts.push(draft);
    this.#toNewest();
    this.#send(draft);
  }

  /** @param {Draft} draft */
  async #send(draft) {
    draft.state = 'sending';
    this.show();
    const answer = await this.#room.link?.say(draft.id, draft.text);
    if (answer?.type === 'accepted') {
      return;
    }
    draft.state = 'failed';
    draft.reason = problemWords(
      new api.Problem(0, answer?.code ?? 'link_lost', answer?.detail, answer?.retry_after),
    );
    this.show();
  }

  /** @param {string} id */
  async #delete(id) {
    try {
      await api.deleteMessage(this.#room.invitation?.show_id ?? '', id);
    } catch (problem) {
      this.#root.dispatchEvent(new CustomEvent('say', { bubbles: true, detail: problemWords(problem) }));
    }
  }

  #scrolled() {
    const log = this.#log;
    const below = log.scrollHeight - log.scrollTop - log.clientHeight;
    this.#following = below < EDGE_PX / 2 && this.#chatLog.atTail;
    if (this.#following && this.#unseen) {
      this.#unseen = 0;
      this.show();
    }
    if (log.scrollTop < EDGE_PX) {
      this.#older();
    } else if (below < EDGE_PX && this.#chatLog.forth()) {
      this.#showInPlace();
    }
  }

  async #older() {
    if (this.#chatLog.back()) {
      this.#showInPlace();
      return;
    }
    const before = this.#chatLog.first;
    if (this.#loading || this.#chatLog.complete || before === undefined) {
      return;
    }
    this.#loading = true;
    try {
      const show = this.#room.invitation?.show_id ?? '';
      const { items } = await api.messages(show, { before, limit: PAGE_SIZE });
      this.#chatLog.complete = items.length < PAGE_SIZE;
      if (items.length) {
        this.#chatLog.prepend(items);
      }
    } catch (problem) {
      // Scrolling up once more asks again.
      if (!(problem instanceof api.Problem)) {
        throw problem;
      }
    } finally {
      this.#loading = false;
      this.#showInPlace();
    }
  }

  #toNewest() {
    this.#chatLog.toTail();
    this.#following = true;
    this.#unseen = 0;
    this.show();
  }

  /** Draw, with what was being read staying where it is on the screen. */
  #showInPlace() {
    const log = this.#log;
    const top = log.scrollTop;
    const anchor = [...log.children].find(
      (child) =>
        child instanceof HTMLElement && child.dataset.key && child.offsetTop + child.offsetHeight > top,
    );
    const offset = anchor instanceof HTMLElement ? anchor.offsetTop - top : 0;
    this.#draw();
    if (anchor instanceof HTMLElement && anchor.isConnected) {
      log.scrollTop = anchor.offsetTop - offset;
    }
  }

  #keepUp() {
    if (this.#following && this.#log) {
      this.#log.scrollTop = this.#log.scrollHeight;
    }
  }

  #draw() {
    this.#drawnState = this.#state;
    const visible = this.#chatLog.visible;
    const drafts = this.#chatLog.atTail ? this.#drafts : [];
    render(
      html`<div
          class="log"
          role="log"
          aria-label=${t('sidebar.chat')}
          tabindex="0"
          @scroll=${() => this.#scrolled()}
        >
          ${visible.length || drafts.length ? '' : html`<p class="note nobody">${t('chat.empty')}</p>`}
          ${repeat(
            visible,
            ({ key }) => key,
            (entry, index) => this.#entry(entry, visible[index - 1]),
          )}
          ${repeat(
            drafts,
            ({ id }) => id,
            (draft) => draftView(draft, () => this.#send(draft)),
          )}
        </div>
        ${
          this.#unseen || !this.#chatLog.atTail
            ? html`<button class="newer" @click=${() => this.#toNewest()}>
                ${icon('arrow-down')}${this.#unseen ? t('chat.new', { count: this.#unseen }) : t('chat.latest')}
              </button>`
            : ''
        }
        ${this.#composer()}`,
      this.#root,
    );
  }

  /** @param {Entry} entry @param {Entry | undefined} before */
  #entry(entry, before) {
    if (entry.type === 'notice') {
      return noticeView(entry, entry.seq === this.#undoable ? this.#undo : null);
    }
    const own = entry.user_id === this.#room.person?.id;
    const remove = own || this.#room.may.delete_messages ? () => this.#delete(entry.id) : null;
    return messageView(entry, { before, own, remove });
  }

  #composer() {
    const muted = this.#muted;
    /** @param {SubmitEvent} event */
    const submit = (event) => {
      event.preventDefault();
      const field = /** @type {HTMLTextAreaElement} */ (this.#root.querySelector('textarea'));
      const text = field.value.trim();
      if (!text || muted) {
        return;
      }
      field.value = '';
      this.say(text);
    };
    /** Enter may also choose a word of an input method. @param {KeyboardEvent & {target: HTMLTextAreaElement}} event */
    const key = (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) {
        return;
      }
      event.preventDefault();
      event.target.form?.requestSubmit();
    };
    return html`<form class="composer" @submit=${submit}>
      <label class="visually-hidden" for="say">${t('chat.message')}</label>
      <textarea
        id="say"
        rows="1"
        maxlength="2000"
        enterkeyhint="send"
        placeholder=${muted ? t('chat.muted') : t('chat.placeholder')}
        ?readonly=${muted}
        aria-disabled=${muted ? 'true' : 'false'}
        @keydown=${key}
      ></textarea>
      <button
        class="main square"
        aria-label=${t('chat.send')}
        title=${t('chat.send')}
        aria-disabled=${muted ? 'true' : 'false'}
      >
        ${icon('send-horizontal')}
      </button>
    </form>`;
  }
}
