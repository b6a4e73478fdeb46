// @ts-check
/** Who may move the film for everybody: the table of sessions/core/roles.py, for the page's buttons. */

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
