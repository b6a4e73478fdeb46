// @ts-check
/**
 * The picture with its controls: media-chrome shows the room's state and asks the room.
 *
 * Its store is given the room's position, rate and pause instead of those of `<video>`, which is
 * moved by the player alone; its requests are caught on their way and handed on as wishes.
 */

import { html, nothing, render } from '/static/vendor/lit-html/lit-html.js';
import { language, t } from '../i18n.js';
import { icon } from '../icons.js';
import { sourceMenu } from './source-menu.js';

/** @typedef {import('./media-chrome-adapter.js').Picture} Picture */
/**
 * @typedef {object} Wishes
 * @property {() => void} play
 * @property {() => void} pause
 * @property {(position: number) => void} seek
 * @property {(rate: number) => void} rate
 * @property {() => void} own changes between watching on one's own and with the room
 * @property {() => void} panel opens the figures, or closes them
 * @property {() => void} syncNow
 * @property {() => void} next brings the room to the next film
 * @property {(preference: import('./source-menu.js').Preference) => void} source where the picture is to come from
 */
/**
 * @typedef {object} State
 * @property {string} locked the reason why the shared controls are locked, '' where they are not
 * @property {string} seekLocked the reason why the film cannot be wound, '' where it can
 * @property {{kind: string, words: string, off?: boolean}} sync
 * @property {string} title
 * @property {boolean} next whether another film follows
 * @property {string} nextLocked the reason why one may not bring the room to it, '' where one may
 * @property {boolean} own whether one watches on one's own
 * @property {string} ownLocked the reason why one cannot, '' where one can
 * @property {boolean} panel whether the figures are open
 * @property {import('./source-menu.js').SourceState | null} source null where there is no choice
 */

/** The status keeps its words at least so long, ms: screen readers say each of them. */
const SYNC_WORDS_MIN_MS = 1000;
const PLAYBACK_RATES = '0.5 0.75 1 1.25 1.5 2';
/** So far the buttons go back and forward, s. */
const SKIP_S = 10;

export class Screen {
  /** @type {Picture} */
  picture = { paused: false, position: 0, rate: 1, duration: Number.NaN };
  #changes = new EventTarget();
  #root;
  #wishes;
  /** @type {State} */
  #state = {
    locked: '',
    seekLocked: '',
    sync: { kind: 'busy', words: '' },
    title: '',
    next: false,
    nextLocked: '',
    own: false,
    ownLocked: '',
    panel: false,
    source: null,
  };
  #syncAt = -Infinity;
  /** media-chrome, once it is here. @type {typeof import('./controls.js') | null} */
  #controls = null;
  #wantsFocus = false;

  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} over what lies over the picture, but under its controls
   * @param {Wishes} wishes
   */
  constructor(root, over, wishes) {
    this.#root = root;
    this.#wishes = wishes;
    this.show();
    over.slot = 'centered-chrome';
    over.toggleAttribute('noautohide', true);
    // At its place from the first: a form that moves loses what is typed.
    root.querySelector('.screen-top')?.after(over);
    this.#catchRequests();
  }

  /**
   * Fetch the controls: without them a film can be waited for, and entered. Rejects where they
   * cannot be had.
   */
  async loadControls() {
    const controls = await import('./controls.js');
    this.#controls = controls;
    controls.translateControls({ language, t }, SKIP_S);
    this.show();
    // With no keys of its own it is no place to stop at; below zero Tab would pass by its controls.
    this.controller.removeAttribute('tabindex');
    /** @type {any} */ (this.controller).mediaStore = controls.roomStore({
      video: this.video,
      controller: this.controller,
      picture: () => this.picture,
      changes: this.#changes,
    });
    // Controls that come late must not take the focus from a field that somebody types into.
    if (this.#wantsFocus && document.activeElement === document.body) {
      this.focus();
    }
  }

  get controller() {
    return /** @type {HTMLElement} */ (this.#root.querySelector('media-controller'));
  }

  get video() {
    return /** @type {HTMLVideoElement} */ (this.#root.querySelector('video'));
  }

  /** @param {string} type of a request of media-chrome about one's own view @param {unknown} [detail] */
  request(type, detail) {
    this.controller.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {Picture} picture */
  showPicture(picture) {
    this.picture = picture;
    this.#changes.dispatchEvent(new Event('change'));
  }

  /** @param {State} state */
  showState(state) {
    const { sync: before } = this.#state;
    const hurried = state.sync.kind === before.kind && performance.now() - this.#syncAt < SYNC_WORDS_MIN_MS;
    const next = hurried ? { ...state, sync: before } : state;
    if (JSON.stringify(next) === JSON.stringify(this.#state)) {
      return;
    }
    if (next.sync.words !== before.words) {
      this.#syncAt = performance.now();
    }
    this.#state = next;
    this.show();
  }

  /** What the status "Sync" says: a hurried change of words is left for later. */
  get syncWords() {
    return this.#state.sync.words;
  }

  languageChanged() {
    this.#controls?.translateControls({ language, t }, SKIP_S);
    this.show();
  }

  /**
   * Bring the keyboard to the first control that everybody has. Nobody asked yet whether they may
   * use it: the reason why not is kept until the focus has gone on.
   */
  focus() {
    const play = /** @type {HTMLElement | null} */ (this.#root.querySelector('media-play-button'));
    this.#wantsFocus = play === null;
    if (play === null) {
      return;
    }
    const group = play.closest('.group');
    group?.classList.add('unasked');
    play.addEventListener('blur', () => group?.classList.remove('unasked'), { once: true });
    play.focus({ preventScroll: true });
  }

  /** Keep the controls in sight for a while, as a movement of the pointer does. */
  wake() {
    this.controller.dispatchEvent(
      new PointerEvent('pointermove', { bubbles: true, composed: true, pointerType: 'mouse' }),
    );
  }

  /** Requests to move the film end here and become wishes; volume and full screen go on. */
  #catchRequests() {
    /** @type {Record<string, (detail: any) => void>} */
    const shared = {
      mediaplayrequest: () => this.#wishes.play(),
      mediapauserequest: () => this.#wishes.pause(),
      mediaseekrequest: (position) => this.#wishes.seek(position),
      mediaplaybackraterequest: (rate) => this.#wishes.rate(Number(rate)),
    };
    for (const [type, wish] of Object.entries(shared)) {
      const caught = (/** @type {Event} */ event) => {
        // media-chrome would move the element itself, out of step with everybody.
        event.stopImmediatePropagation();
        wish(/** @type {CustomEvent} */ (event).detail);
      };
      this.controller.addEventListener(type, caught, { capture: true });
    }
  }

  show() {
    const { title, sync } = this.#state;
    // Who sees no picture yet sees why: the status stays in sight.
    const autohide = sync.kind === 'busy' || sync.kind === 'warn' ? -1 : 3;
    render(
      html`<media-controller lang=${language()} nodefaultstore nohotkeys gesturesdisabled autohide=${autohide}>
        <video slot="media" playsinline preload="auto"></video>
        <h1 slot="top-chrome" class="screen-top">${title}</h1>
        ${this.#controls ? this.#bar() : ''}
      </media-controller>`,
      this.#root,
    );
    this.#lockRange();
  }

  #bar() {
    return html`<div class="controls">
      <media-time-range></media-time-range>
      <div class="bar">
        ${this.#filmControls()}
        <media-time-display showduration notoggle></media-time-display>
        <span class="hairline"></span>
        ${this.#ownControls()} ${this.#syncStatus()}
      </div>
    </div>`;
  }

  #filmControls() {
    const { locked, seekLocked, own } = this.#state;
    const [off, why] = locked ? ['true', 'locked-reason'] : [nothing, nothing];
    const [seekOff, seekWhy] = seekLocked ? ['true', 'locked-reason'] : [nothing, nothing];
    return html`<div class="group" role="group" aria-label=${t(own ? 'controls.alone' : 'controls.shared')}>
      <media-play-button notooltip aria-disabled=${off} aria-describedby=${why}></media-play-button>
      <media-seek-backward-button
        notooltip
        seekoffset=${SKIP_S}
        aria-disabled=${seekOff}
        aria-describedby=${seekWhy}
      ></media-seek-backward-button>
      <media-seek-forward-button
        notooltip
        seekoffset=${SKIP_S}
        aria-disabled=${seekOff}
        aria-describedby=${seekWhy}
      ></media-seek-forward-button>
      ${this.#state.next ? this.#nextButton() : ''}
      <media-playback-rate-button
        notooltip
        rates=${PLAYBACK_RATES}
        aria-disabled=${off}
        aria-describedby=${why}
      ></media-playback-rate-button>
      ${locked ? html`<span class="lock">${icon('lock')}</span>` : ''}
      <span id="locked-reason" class="why">${seekLocked}</span>
    </div>`;
  }

  #nextButton() {
    const { nextLocked } = this.#state;
    const [off, why] = nextLocked ? ['true', 'next-reason'] : [nothing, nothing];
    return html`<button
        class="control next"
        aria-label=${t('next.go')}
        title="${t('next.go')} (Shift+N)"
        aria-keyshortcuts="Shift+N"
        aria-disabled=${off}
        aria-describedby=${why}
        @click=${() => this.#wishes.next()}
      >
        ${icon('skip-forward')}
      </button>
      <span id="next-reason" class="visually-hidden">${nextLocked}</span>`;
  }

  #ownControls() {
    const { own, ownLocked } = this.#state;
    const words = t(own ? 'own.back' : 'own.watch');
    const [off, why] = ownLocked ? ['true', 'own-reason'] : [nothing, nothing];
    return html`<div class="group" role="group" aria-label=${t('controls.own')}>
      <media-mute-button notooltip></media-mute-button>
      <media-volume-range></media-volume-range>
      <button
        class="control own-toggle"
        aria-label=${words}
        title=${words}
        aria-disabled=${off}
        aria-describedby=${why}
        @click=${() => this.#wishes.own()}
      >
        ${icon(own ? 'users' : 'split')}
      </button>
      <media-fullscreen-button notooltip></media-fullscreen-button>
      <span id="own-reason" class="visually-hidden">${ownLocked}</span>
    </div>`;
  }

  /** The status is no part of its button: what lies in a button is not told when it changes. */
  #syncStatus() {
    const { sync, panel, source } = this.#state;
    return html`<div class="sync-corner">
      ${sourceMenu(source, (preference) => this.#wishes.source(preference))}
      ${
        sync.off
          ? html`<button class="sync-now" @click=${() => this.#wishes.syncNow()}>
              ${icon('rotate-cw')}${t('sync.now')}
            </button>`
          : ''
      }
      <div class="sync-open">
        <button
          class="control"
          aria-label=${t('panel.open')}
          title=${t('panel.open')}
          aria-haspopup="dialog"
          aria-expanded=${panel ? 'true' : 'false'}
          @click=${() => this.#wishes.panel()}
        ></button>
        <div class="sync" role="status" aria-label=${t('sync.label')} data-kind=${sync.kind}>
          <span class="dot" aria-hidden="true"></span><span>${sync.words}</span>
        </div>
      </div>
    </div>`;
  }

  /** What is focused of the range lies in its shadow tree, out of reach of attributes here. */
  #lockRange() {
    const range = /** @type {any} */ (this.#root.querySelector('media-time-range'))?.range;
    if (!range) {
      return;
    }
    if (this.#state.seekLocked) {
      range.setAttribute('aria-disabled', 'true');
      range.setAttribute('aria-description', this.#state.seekLocked);
    } else {
      range.removeAttribute('aria-disabled');
      range.removeAttribute('aria-description');
    }
  }
}
