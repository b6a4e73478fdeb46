// @ts-check
/**
 * The picture with its controls: media-chrome shows the room's state and asks the room.
 *
 * Its store is given the room's position, rate and pause instead of those of `<video>`, which is
 * moved by the player alone; its requests are caught on their way and handed on as wishes.
 */

import { html, nothing, render } from '/static/vendor/lit-html/lit-html.js';
import '/static/vendor/media-chrome/dist/media-controller.js';
import '/static/vendor/media-chrome/dist/media-fullscreen-button.js';
import '/static/vendor/media-chrome/dist/media-mute-button.js';
import '/static/vendor/media-chrome/dist/media-play-button.js';
import '/static/vendor/media-chrome/dist/media-playback-rate-button.js';
import '/static/vendor/media-chrome/dist/media-seek-backward-button.js';
import '/static/vendor/media-chrome/dist/media-seek-forward-button.js';
import '/static/vendor/media-chrome/dist/media-time-display.js';
import '/static/vendor/media-chrome/dist/media-time-range.js';
import '/static/vendor/media-chrome/dist/media-volume-range.js';
import { En } from '/static/vendor/media-chrome/dist/lang/en.js';
import { createMediaStore } from '/static/vendor/media-chrome/dist/media-store/media-store.js';
import { stateMediator } from '/static/vendor/media-chrome/dist/media-store/state-mediator.js';
import { addTranslation } from '/static/vendor/media-chrome/dist/utils/i18n.js';
import { language, t } from './i18n.js';
import { icon } from './icons.js';

/**
 * @typedef {object} Picture what the controls show: the room's state, the same for everybody
 * @property {boolean} paused
 * @property {number} position s
 * @property {number} rate
 * @property {number} duration s
 */
/**
 * @typedef {object} Wishes
 * @property {() => void} play
 * @property {() => void} pause
 * @property {(position: number) => void} seek
 * @property {(rate: number) => void} rate
 */

const SKIP = 10;
/** The status keeps its words at least so long, ms: screen readers say each of them. */
const SYNC_PAUSE = 1000;
const UNITS = ['hour', 'hours', 'minute', 'minutes', 'second', 'seconds'];
const RATES = '0.5 0.75 1 1.25 1.5 2';

/** media-chrome's words in ours; Russian it does not bring along at all. */
function translateControls() {
  addTranslation(language(), {
    ...En,
    play: t('controls.play'),
    pause: t('controls.pause'),
    mute: t('controls.mute'),
    unmute: t('controls.unmute'),
    volume: t('controls.volume'),
    seek: t('controls.position'),
    'Playback rate {playbackRate}': t('controls.speed', { rate: '{playbackRate}x' }),
    'seek back {seekOffset} seconds': t('controls.back', { count: SKIP }),
    'seek forward {seekOffset} seconds': t('controls.forward', { count: SKIP }),
    'enter fullscreen mode': t('controls.fullscreen'),
    'exit fullscreen mode': t('controls.window'),
    'playback time': t('controls.position'),
    'video player': t('controls.player'),
    'video not loaded, unknown time.': t('controls.unknown'),
    ...Object.fromEntries(UNITS.map((unit) => [unit, t(`unit.${unit}`)])),
    '{currentTime} of {totalTime}': t('controls.time', {
      position: '{currentTime}',
      duration: '{totalTime}',
    }),
  });
}

export class Screen {
  /** @type {Picture} */
  picture = { paused: false, position: 0, rate: 1, duration: Number.NaN };
  #changes = new EventTarget();
  #root;
  #wishes;
  /** The reason why the shared controls are locked, '' where they are not. */
  #locked = '';
  #sync = { kind: 'busy', words: '' };
  #syncAt = -Infinity;
  #title = '';

  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} over what lies over the picture, but under its controls
   * @param {Wishes} wishes
   */
  constructor(root, over, wishes) {
    this.#root = root;
    this.#wishes = wishes;
    translateControls();
    this.show();
    over.slot = 'centered-chrome';
    over.toggleAttribute('noautohide', true);
    this.controller.insertBefore(over, root.querySelector('.controls'));
    // With no keys of its own it is no place to stop at; below zero Tab would pass by its controls.
    this.controller.removeAttribute('tabindex');
    this.#catchRequests();
    /** @type {any} */ (this.controller).mediaStore = this.#store();
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

  /** @param {{locked: string, sync: {kind: string, words: string}, title: string}} state */
  showState({ locked, sync, title }) {
    const hurried = sync.kind === this.#sync.kind && performance.now() - this.#syncAt < SYNC_PAUSE;
    const words = hurried ? this.#sync.words : sync.words;
    const before = [this.#locked, this.#sync.words, this.#sync.kind, this.#title].join('\n');
    if ([locked, words, sync.kind, title].join('\n') === before) return;
    if (words !== this.#sync.words) this.#syncAt = performance.now();
    this.#locked = locked;
    this.#sync = { kind: sync.kind, words };
    this.#title = title;
    this.show();
  }

  languageChanged() {
    translateControls();
    this.show();
  }

  /** Bring the keyboard to the first control that everybody has. */
  focus() {
    /** @type {HTMLElement} */ (this.#root.querySelector('media-play-button')).focus({
      preventScroll: true,
    });
  }

  /** Keep the controls in sight for a while, as a movement of the pointer does. */
  wake() {
    this.controller.dispatchEvent(
      new PointerEvent('pointermove', { bubbles: true, composed: true, pointerType: 'mouse' }),
    );
  }

  #store() {
    /** @param {(picture: Picture) => unknown} read */
    const ofRoom = (read) => ({
      get: () => read(this.picture),
      set: () => {},
      stateOwnersUpdateHandlers: [
        (/** @type {() => void} */ handler) => {
          this.#changes.addEventListener('change', handler);
          return () => this.#changes.removeEventListener('change', handler);
        },
      ],
    });
    const mediator = {
      ...stateMediator,
      mediaPaused: ofRoom(({ paused }) => paused),
      mediaCurrentTime: ofRoom(({ position }) => position),
      mediaPlaybackRate: ofRoom(({ rate }) => rate),
      mediaDuration: ofRoom(({ duration }) => duration),
      mediaSeekable: ofRoom(({ duration }) => (Number.isFinite(duration) ? [0, duration] : undefined)),
    };
    return createMediaStore(
      /** @type {any} */ ({
        media: this.video,
        fullscreenElement: this.controller,
        documentElement: document,
        stateMediator: mediator,
      }),
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
        event.stopImmediatePropagation();
        wish(/** @type {CustomEvent} */ (event).detail);
      };
      this.controller.addEventListener(type, caught, { capture: true });
    }
  }

  show() {
    const why = this.#locked ? 'locked-reason' : nothing;
    const off = this.#locked ? 'true' : nothing;
    render(
      html`<media-controller lang=${language()} nodefaultstore nohotkeys gesturesdisabled autohide="3">
        <video slot="media" playsinline preload="auto"></video>
        <h1 slot="top-chrome" class="screen-top">${this.#title}</h1>
        <div class="controls">
          <media-time-range></media-time-range>
          <div class="bar">
            <div class="group" role="group" aria-label=${t('controls.shared')}>
              <media-play-button notooltip aria-disabled=${off} aria-describedby=${why}></media-play-button>
              <media-seek-backward-button
                notooltip
                seekoffset=${SKIP}
                aria-disabled=${off}
                aria-describedby=${why}
              ></media-seek-backward-button>
              <media-seek-forward-button
                notooltip
                seekoffset=${SKIP}
                aria-disabled=${off}
                aria-describedby=${why}
              ></media-seek-forward-button>
              <media-playback-rate-button
                notooltip
                rates=${RATES}
                aria-disabled=${off}
                aria-describedby=${why}
              ></media-playback-rate-button>
              ${this.#locked ? html`<span class="lock">${icon('lock')}</span>` : ''}
              <span id="locked-reason" class="why">${this.#locked}</span>
            </div>
            <media-time-display showduration notoggle></media-time-display>
            <span class="hairline"></span>
            <div class="group" role="group" aria-label=${t('controls.own')}>
              <media-mute-button notooltip></media-mute-button>
              <media-volume-range></media-volume-range>
              <media-fullscreen-button notooltip></media-fullscreen-button>
            </div>
            <div class="sync" role="status" aria-label=${t('sync.label')} data-kind=${this.#sync.kind}>
              <span class="dot" aria-hidden="true"></span><span>${this.#sync.words}</span>
            </div>
          </div>
        </div>
      </media-controller>`,
      this.#root,
    );
    this.#lockRange();
  }

  /** What is focused of the range lies in its shadow tree, out of reach of attributes here. */
  #lockRange() {
    const range = /** @type {any} */ (this.#root.querySelector('media-time-range'))?.range;
    if (!range) return;
    if (this.#locked) {
      range.setAttribute('aria-disabled', 'true');
      range.setAttribute('aria-description', this.#locked);
    } else {
      range.removeAttribute('aria-disabled');
      range.removeAttribute('aria-description');
    }
  }
}
