// @ts-check
/** All that lies over the picture: the lobby, toasts, whom the room waits for, blockers. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { blockerOf, blockerView } from './blockers.js';
import { lobbyView } from './lobby.js';
import { waitingWords } from './waiting-words.js';

/** @typedef {import('../../room/film-state.js').Film} Film */
/** @typedef {import('./blockers.js').Blocker} Blocker */

/**
 * @typedef {object} Scene
 * @property {import('../../room/room-client.js').RoomClient} room
 * @property {Film} film as the room has it
 * @property {Film} shown as the picture has it: another for who watches on their own
 * @property {boolean} own
 * @property {boolean} entered
 * @property {boolean} lost whether the link to the room is down
 * @property {boolean} live whether the picture is the live one: nothing of it is loaded ahead
 * @property {boolean} ready whether the picture's place is there: a form that moves loses what is typed
 * @property {boolean} locked whether one may not move the film
 * @property {import('./lobby.js').Joining} joining
 * @property {import('../sign-in.js').TakingAlong} along
 * @property {import('../../player/picture-source.js').Fault | null} fault of the film
 * @property {unknown} refusal why the page could not be opened at all
 * @property {{state: string}} snapshot
 * @property {number} serverNow s
 * @property {import('../reminders.js').Reminders} reminders
 */
/**
 * @typedef {object} Actions
 * @property {(event: SubmitEvent) => void} enter
 * @property {() => void} back with the room, for who watches on their own
 * @property {() => void} goOn lets a film that waits go on
 */

/**
 * @param {Scene} scene
 * @param {Actions & import('./blockers.js').Remedies} actions
 * @param {import('./toasts.js').Toasts} toasts
 */
export function overlayOf(scene, actions, toasts) {
  const { room, film, shown, own, entered, refusal, fault, snapshot } = scene;
  const blocker = blockerOf({ room, refusal, fault, snapshot, entered, film: shown }, actions);
  const instead = blocker?.instead ?? false;
  const lobby = (!entered || !(film.begun || own)) && !instead;
  return {
    /** Whether nothing of the picture is to be seen. */
    covered: lobby || instead,
    lobby,
    blocked: blocker !== null,
    /** Whether there is no film for this person any more. */
    gone: instead,
    view: [
      lobby ? lobbyView(scene, actions.enter) : '',
      toasts.view({ ...scene, back: actions.back }),
      blocker ? blockerView(blocker) : entered && !own ? waitingView(scene, actions.goOn) : '',
    ],
  };
}

/** @param {Scene} scene @param {() => void} goOn */
function waitingView({ room, locked, serverNow }, goOn) {
  if (room.waiting === null) {
    return '';
  }
  const { words, limit } = waitingWords(room.waiting, room.person?.id, serverNow);
  return html`<section class="waiting-card" aria-label=${t('waiting.label')}>
    ${icon('hourglass')}
    <div>
      <p class="sentence" role="status">${words}</p>
      <p class="note limit" role="timer">${limit}</p>
    </div>
    ${locked ? '' : html`<button class="main" @click=${goOn}>${icon('play')}${t('waiting.go-on')}</button>`}
  </section>`;
}
