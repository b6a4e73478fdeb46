// @ts-check
/**
 * media-chrome, whole: what screen.js asks for once the countdown is on the screen.
 *
 * It imports nothing that the page's script has as well: so that a bundle has no third file, which
 * the page would wait for.
 */

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

export { roomStore, translateControls } from './media-chrome-adapter.js';
