// @ts-check
/** The keys of the room, and the dialog that lists them. */

import { html, render } from '/static/vendor/lit-html/lit-html.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';

/** How much an arrow key changes the volume, of 1. */
const VOLUME_STEP = 0.05;

/**
 * @typedef {object} Parts
 * @property {import('../../room/commands.js').Commands} commands
 * @property {import('./screen.js').Screen} screen
 * @property {() => boolean} entered
 * @property {{help: () => void, panel: () => void, syncNow: () => void, own: () => void, undo: () => void, next: () => void}} actions
 */

/** Elements that have a use for the keys themselves. @param {Event} event */
function isTyping(event) {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) {
    return false;
  }
  return target.isContentEditable || target.matches('input:not([type=range]), textarea, select');
}

/** @param {Event} event @param {string} tags of elements, media-chrome's among them */
function isOn(event, tags) {
  return event.composedPath().some((node) => node instanceof HTMLElement && node.matches(tags));
}

/** @param {Parts['screen']} screen @param {number} change */
function changeVolume(screen, change) {
  const { volume, muted } = screen.video;
  const level = Math.min(1, Math.max(0, (muted ? 0 : volume) + change));
  screen.request('mediavolumerequest', Math.round(level * 100) / 100);
}

/** @param {Parts['screen']} screen */
function fullScreen(screen) {
  screen.request(document.fullscreenElement ? 'mediaexitfullscreenrequest' : 'mediaenterfullscreenrequest');
}

/**
 * @param {Parts} parts
 * @returns {Record<string, () => void>} by `KeyboardEvent.key` in lower case
 */
function actionsByKey({ commands, screen, actions }) {
  const muted = () => screen.request(screen.video.muted ? 'mediaunmuterequest' : 'mediamuterequest');
  return {
    ' ': () => commands.toggle(),
    k: () => commands.toggle(),
    arrowleft: () => commands.seekBy(-5),
    arrowright: () => commands.seekBy(5),
    j: () => commands.seekBy(-10),
    l: () => commands.seekBy(10),
    arrowup: () => changeVolume(screen, VOLUME_STEP),
    arrowdown: () => changeVolume(screen, -VOLUME_STEP),
    m: muted,
    f: () => fullScreen(screen),
    ',': () => commands.step(-1),
    '.': () => commands.step(1),
    home: () => commands.begin(),
    z: actions.undo,
    s: actions.syncNow,
    o: actions.own,
    i: actions.panel,
    'shift+n': actions.next,
    '?': actions.help,
  };
}

/** Keys that carry letters in some alphabets. @type {Readonly<Record<string, string>>} */
const BY_CODE = Object.freeze({ Comma: ',', Period: '.' });

/** What lies at this place of a Latin keyboard, whatever alphabet is set. @param {KeyboardEvent} event */
function nameOf({ key, code }) {
  if (/^[ -~]/.test(key)) {
    return key.toLowerCase();
  }
  return BY_CODE[code] ?? /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? key.toLowerCase();
}

/** @param {Parts} parts */
export function bindKeys(parts) {
  const actions = actionsByKey(parts);
  document.addEventListener('keydown', (event) => {
    // media-chrome and the tabs have keys of their own; with Ctrl, Meta or Alt they are the browser's.
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (!parts.entered() || isTyping(event) || isOn(event, 'dialog')) {
      return;
    }
    const latin = nameOf(event);
    // Alone it is too easily pressed for what brings everybody to another film.
    const name = latin === 'n' && event.shiftKey ? 'shift+n' : latin;
    // Buttons are pressed by Space, sliders moved and lists scrolled by arrows and Home.
    if (name === ' ' && isOn(event, 'button, a, [role=button], [role=tab]')) {
      return;
    }
    if (
      /^(arrow|home)/.test(name) &&
      isOn(event, 'media-time-range, media-volume-range, input, [role=log], [role=tab], ul')
    ) {
      return;
    }
    const action = actions[name];
    if (!action) {
      return;
    }
    event.preventDefault();
    action();
    parts.screen.wake();
  });
}

/** @param {HTMLDialogElement} dialog */
export function openKeys(dialog) {
  const rows = [
    [[t('keys.space'), 'K'], 'play'],
    [['←', '→'], 'five'],
    [['J', 'L'], 'ten'],
    [['↑', '↓'], 'volume'],
    [['M'], 'mute'],
    [['F'], 'fullscreen'],
    [[',', '.'], 'frame'],
    [['Home'], 'start'],
    [['Shift+N'], 'next'],
    [['Z'], 'undo'],
    [['S'], 'sync'],
    [['O'], 'own'],
    [['I'], 'panel'],
    [['?'], 'help'],
  ];
  render(
    html`<header>
        <h2 id="dialog-heading">${t('keys.heading')}</h2>
        <button class="quiet square" aria-label=${t('action.close')} @click=${() => dialog.close()}>
          ${icon('x')}
        </button>
      </header>
      <dl class="keys">
        ${rows.map(
          ([keys, what]) =>
            html`<div>
              <dt>${/** @type {string[]} */ (keys).map((key) => html`<kbd>${key}</kbd> `)}</dt>
              <dd>${t(`keys.${what}`)}</dd>
            </div>`,
        )}
      </dl>`,
    dialog,
  );
  dialog.showModal();
}
