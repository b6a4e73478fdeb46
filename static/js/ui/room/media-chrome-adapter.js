// @ts-check
/** Adapts media-chrome: our words for its controls, and a store that shows the room's film. */

import { En } from '/static/vendor/media-chrome/dist/lang/en.js';
import { createMediaStore } from '/static/vendor/media-chrome/dist/media-store/media-store.js';
import { stateMediator } from '/static/vendor/media-chrome/dist/media-store/state-mediator.js';
import { addTranslation } from '/static/vendor/media-chrome/dist/utils/i18n.js';

/** @typedef {Pick<typeof import('../i18n.js'), 'language' | 't'>} Words handed in: a bundle holds them once */
/**
 * @typedef {object} Picture what the controls show: the room's state, the same for everybody
 * @property {boolean} paused
 * @property {number} position s
 * @property {number} rate
 * @property {number} duration s
 */

const UNITS = ['hour', 'hours', 'minute', 'minutes', 'second', 'seconds'];

/**
 * media-chrome's words in ours; Russian it does not bring along at all.
 *
 * @param {Words} words
 * @param {number} skip how far the buttons go back and forward, s
 */
export function translateControls({ language, t }, skip) {
  addTranslation(language(), {
    ...En,
    play: t('controls.play'),
    pause: t('controls.pause'),
    mute: t('controls.mute'),
    unmute: t('controls.unmute'),
    volume: t('controls.volume'),
    seek: t('controls.position'),
    'Playback rate {playbackRate}': t('controls.speed', { rate: '{playbackRate}x' }),
    'seek back {seekOffset} seconds': t('controls.back', { count: skip }),
    'seek forward {seekOffset} seconds': t('controls.forward', { count: skip }),
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

/**
 * A store that shows the room's film instead of the element's own state, and sets nothing of it.
 *
 * @param {object} parts
 * @param {HTMLVideoElement} parts.video
 * @param {HTMLElement} parts.controller what fills the screen
 * @param {() => Picture} parts.picture
 * @param {EventTarget} parts.changes tells by `change` that the picture is another
 */
export function roomStore({ video, controller, picture, changes }) {
  /** @param {(picture: Picture) => unknown} read */
  const ofRoom = (read) => ({
    get: () => read(picture()),
    set: () => {},
    stateOwnersUpdateHandlers: [
      (/** @type {() => void} */ handler) => {
        changes.addEventListener('change', handler);
        return () => changes.removeEventListener('change', handler);
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
      media: video,
      fullscreenElement: controller,
      documentElement: document,
      stateMediator: mediator,
    }),
  );
}
