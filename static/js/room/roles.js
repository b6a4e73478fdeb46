// @ts-check
/** This person's rights in a show: the server sends them in `may`, and the buttons follow them. */

/** @typedef {import('./messages').MayRecord} May */
/** @typedef {import('./messages').ShowRecord['role']} Role */
/** @typedef {import('./messages').ShowRecord['control']} Control */

/** The rights before the server has sent any. @type {Readonly<May>} */
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
 * Return the i18n key of why this person may not move the film; '' if they may.
 *
 * @param {May} may
 * @param {Control} control  of the show: who may move the film
 */
export function reason(may, control) {
  // A setting that this version does not know is shown as the strictest one.
  return may.command ? '' : (REASON[control] ?? REASON.host);
}

/**
 * Whether this person may mute or remove a member with the role `target`.
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
