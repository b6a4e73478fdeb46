// @ts-check
/** What this person may do in a show: the server says so in `may`, and the buttons follow it. */

/** @typedef {import('./messages').MayRecord} May */
/** @typedef {import('./messages').ShowRecord['role']} Role */
/** @typedef {import('./messages').ShowRecord['control']} Control */

/** What one may do before the server has said anything. @type {Readonly<May>} */
export const NO_RIGHTS = Object.freeze({
  command: false,
  edit: false,
  invite: false,
  invite_moderators: false,
  moderate_guests: false,
  moderate_moderators: false,
  delete_messages: false,
  see_sync: false,
});

/** @type {Readonly<Record<Control, string>>} */
const REASON = Object.freeze({
  host: 'locked.host',
  moderators: 'locked.moderators',
  everyone: 'locked.host',
});

/**
 * Return the i18n key of why one may not move the film, '' where one may.
 *
 * @param {May} may
 * @param {Control} control  of the show: it says who may
 */
export function reason(may, control) {
  // A setting that this version does not know is told as the strictest.
  return may.command ? '' : (REASON[control] ?? REASON.host);
}

/**
 * Whether one may mute or remove a member who is `target`.
 *
 * @param {May} may
 * @param {Role} target
 */
export function mayModerate(may, target) {
  if (target === 'guest') {
    return may.moderate_guests;
  }
  return target === 'moderator' && may.moderate_moderators;
}
