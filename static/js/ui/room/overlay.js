// @ts-check
/** All that lies over the picture: the lobby, toasts, whom the room waits for, blockers. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { t } from '../i18n.js';
import { icon } from '../icons.js';
import { blockerOf, blockerView } from './blockers.js';
import { lobbyView } from './lobby.js';
import { nextCard } from './next-card.js';
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
 * @property {import('./next-card.js').Upcoming} upcoming what follows in the show
 * @property {string} filmTitle which of the show's films it is; '' where there is one
 * @property {boolean} roomLocked whether one may not move the room's film
 */
/**
 * @typedef {object} Actions
 * @property {(event: SubmitEvent) => void} enter
 * @property {() => void} back with the room, for who watches on their own
 * @property {() => void} goOn lets a film that waits go on
 * @property {() => void} next lets the room go on to the next film
 * @property {() => void} stay stops that
 */

/**
 * @param {Scene} scene
 * @param {Actions & import('./blockers.js').Remedies} actions
 * @param {import('./toasts.js').Toasts} toasts
 */
export function overlayOf(scene, actions, toasts) {
  const { room, film, shown, own, entered, refusal, fault, snapshot, upcoming } = scene;
  const blocker = blockerOf({ room, refusal, fault, snapshot, entered, film: shown, upcoming }, actions);
  const instead = blocker?.instead ?? false;
  const lobby = (!entered || !(film.begun || own)) && !instead;
  return {
    /** Whether nothing of the picture is to be seen. */
    covered: lobby || instead,
    lobby,
    blocked: blocker !== null,
    /** Whether the film is over, and another one follows. */
    between: entered && film.over && !own && upcoming.session !== null,
    /** Whether there is no film for this person any more. */
    gone: instead,
    view: [
      lobby ? lobbyView(scene, actions.enter) : '',
      toasts.view({ ...scene, back: actions.back }),
      blocker ? blockerView(blocker) : entered && !own ? waitingView(scene, actions.goOn) : '',
      blocker || !entered || room.waiting
        ? ''
        : nextCard({ ...scene, ...upcoming, over: film.over && !own, locked: scene.roomLocked }, actions),
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
