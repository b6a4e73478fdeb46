// @ts-check
/** What this person may do in a show: the server says so in `may`, and the buttons follow it. */

/** @typedef {'host' | 'moderator' | 'guest'} Role */
/** @typedef {'play' | 'pause' | 'seek' | 'rate'} Action */
/** @typedef {'host' | 'moderators' | 'everyone'} Control */

/**
 * @typedef {object} May
 * @property {boolean} command  move the film
 * @property {boolean} edit  change, reschedule or call off the show, and give roles
 * @property {boolean} invite  make links
 * @property {boolean} invite_moderators  make links that make moderators
 * @property {boolean} moderate_guests  mute and remove guests
 * @property {boolean} moderate_moderators  the same with moderators
 * @property {boolean} delete_messages  take back messages of others
 * @property {boolean} see_sync  be shown how well everybody keeps in sync
 */

/** What one may do before the server has said anything. @type {Readonly<May>} */
export const NOTHING = Object.freeze({
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
