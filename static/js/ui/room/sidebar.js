// @ts-check
/** The column beside the picture: the show, who is here, the chat; on narrow pages behind tabs. */

import { html, render } from '/static/vendor/lit-html/lit-html.js';
import { copyButton } from '../clipboard.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { preferences } from '../preferences.js';
import { peopleView } from './people.js';

/** Below this width chat and people take turns. */
const NARROW_QUERY = '(max-width: 860px)';

/** @typedef {'chat' | 'people'} Tab */

export class Sidebar {
  /** @type {import('../chat/chat.js').Chat | null} */
  chat = null;
  /** Where the chat draws itself. */
  chatBody = document.createElement('div');
  #chatPanel = document.createElement('section');
  #chatHeading = document.createElement('h2');
  #peoplePanel = document.createElement('section');
  #top = document.createElement('div');
  #root;
  #room;
  #actions;
  #narrow = matchMedia(NARROW_QUERY);
  /** @type {Tab} */
  #tab = 'chat';

  /**
   * @param {HTMLElement} root
   * @param {import('../../room/room-client.js').RoomClient} room
   * @param {import('./people.js').PeopleActions & {help: () => void}} actions
   */
  constructor(root, room, actions) {
    this.#root = root;
    this.#room = room;
    this.#actions = actions;
    this.#top.className = 'sidebar-top';
    this.chatBody.className = 'chat-body';
    this.#chatPanel.className = 'chat';
    this.#chatPanel.id = 'panel-chat';
    this.#chatPanel.append(this.#chatHeading, this.chatBody);
    this.#peoplePanel.className = 'people-panel';
    this.#peoplePanel.id = 'panel-people';
    root.append(this.#top, this.#peoplePanel, this.#chatPanel);
    this.#narrow.addEventListener('change', () => this.show());
  }

  /** Draw as things stand; who is no member, or none any more, sees nothing of it. */
  show() {
    this.#root.hidden = !this.#room.member || this.#room.linkState.state === 'closed';
    render(this.#topView(), this.#top);
    const heading = html`<h2>${t('sidebar.people')}<span class="count">${this.#room.present}</span></h2>`;
    render(
      html`${this.#narrow.matches ? '' : heading}
      ${peopleView(this.#room, this.#actions)}`,
      this.#peoplePanel,
    );
    this.#panels();
  }

  #panels() {
    const narrow = this.#narrow.matches;
    this.#chatHeading.textContent = t('sidebar.chat');
    this.#chatHeading.hidden = narrow;
    for (const [panel, tab] of /** @type {[HTMLElement, Tab][]} */ ([
      [this.#chatPanel, 'chat'],
      [this.#peoplePanel, 'people'],
    ])) {
      panel.hidden = narrow && this.#tab !== tab;
      if (narrow) {
        panel.setAttribute('role', 'tabpanel');
        panel.setAttribute('aria-labelledby', `tab-${tab}`);
      } else {
        panel.removeAttribute('role');
        panel.removeAttribute('aria-labelledby');
      }
    }
  }

  /** @param {Tab} tab */
  #choose(tab) {
    this.#tab = tab;
    this.show();
    this.chat?.show();
  }

  #topView() {
    // Of a show for the invited it would let in nobody new.
    const link = this.#room.access === 'invited' ? null : this.#room.inviteLink;
    return html`<div class="about">
        <a class="mark square" href="/" aria-label="Seans"><img src="/static/icons/seans.svg" alt="" /></a>
        ${link ? copyButton(link, 'quiet') : ''}
        <span class="grow"></span>
        ${preferences(() => this.show())}
        <button
          class="quiet square only-wide"
          aria-label=${t('controls.keys')}
          title=${t('controls.keys')}
          @click=${this.#actions.help}
        >
          ${icon('keyboard')}
        </button>
      </div>
      ${this.#narrow.matches ? this.#tabs() : ''}`;
  }

  #tabs() {
    /** @param {KeyboardEvent} event */
    const turn = (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') {
        return;
      }
      event.preventDefault();
      this.#choose(this.#tab === 'chat' ? 'people' : 'chat');
      /** @type {HTMLElement | null} */ (this.#top.querySelector('[aria-selected=true]'))?.focus();
    };
    return html`<div class="tabs" role="tablist" @keydown=${turn}>
      ${
        /** @type {Tab[]} */ (['chat', 'people']).map(
          (tab) =>
            html`<button
              role="tab"
              id="tab-${tab}"
              aria-controls="panel-${tab}"
              aria-selected=${this.#tab === tab}
              tabindex=${this.#tab === tab ? 0 : -1}
              @click=${() => this.#choose(tab)}
            >
              ${icon(tab === 'chat' ? 'message-circle' : 'users')}${t(`sidebar.${tab}`)}${
                tab === 'people'
                  ? html`<span class="count" aria-hidden="true">${this.#room.present}</span>`
                  : ''
              }
            </button>`,
        )
      }
    </div>`;
  }
}
