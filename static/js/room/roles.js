// @ts-check
/** Who may do what: mirrors sessions/core/roles.py, for the page's buttons; the server decides. */

/** @typedef {'host' | 'moderator' | 'guest'} Role */
/** @typedef {'play' | 'pause' | 'seek' | 'rate'} Action */
/** @typedef {'host' | 'moderators' | 'everyone'} Control */

/** @type {Readonly<Record<Control, readonly Role[]>>} */
const MAY = Object.freeze({
  host: ['host'],
  moderators: ['host', 'moderator'],
  everyone: ['host', 'moderator', 'guest'],
});

/** @type {Readonly<Record<Control, string>>} */
const REASON = Object.freeze({
  host: 'locked.host',
  moderators: 'locked.moderators',
  everyone: 'locked.host',
});

/** @type {readonly Action[]} */
const ACTIONS = ['play', 'pause', 'seek', 'rate'];

/**
 * @param {Role} role
 * @param {Action} action
 * @param {Control} control
 */
export function allowed(role, action, control) {
  // A setting that this version does not know counts as the strictest.
  return ACTIONS.includes(action) && (MAY[control] ?? MAY.host).includes(role);
}

/**
 * Return the i18n key of why it is not allowed, '' where it is.
 *
 * @param {Role} role
 * @param {Action} action
 * @param {Control} control
 */
export function reason(role, action, control) {
  return allowed(role, action, control) ? '' : (REASON[control] ?? REASON.host);
}

/**
 * Whether one may change, reschedule or call off the show, and give roles.
 *
 * @param {Role} role
 */
export const mayEditShow = (role) => role === 'host';

/**
 * Whether one is shown how well everybody keeps in sync.
 *
 * @param {Role} role
 */
export const maySeeSync = (role) => role !== 'guest';

/**
 * Whether one may mute or remove a member who is `target`.
 *
 * @param {Role} role
 * @param {Role} target
 */
export const mayModerate = (role, target) =>
  target !== 'host' && (role === 'host' || (role === 'moderator' && target === 'guest'));

/**
 * Whether one may delete a message.
 *
 * @param {Role} role
 * @param {boolean} own  whether it is one's own
 */
export const mayDeleteMessage = (role, own) => own || role !== 'guest';
