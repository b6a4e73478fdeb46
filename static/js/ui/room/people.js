// @ts-check
/** Who is here: the list "People", with how well each one keeps step. */

import { repeat } from '/static/vendor/lit-html/directives/repeat.js';
import { html } from '/static/vendor/lit-html/lit-html.js';
import { mayModerate } from '../../room/roles.js';
import { t } from '../i18n.js';
import { face, icon } from '../icons.js';
import { memberStatus } from './member-status.js';

/** @typedef {import('../../room/protocol.js').MemberRow} MemberRow */
/** @typedef {import('../../room/room-client.js').RoomClient} RoomClient */

/** Rows that are drawn. */
const MAX_ROWS = 200;

const ROLE_ICONS = { host: 'crown', moderator: 'shield', guest: 'user-round' };

/** @param {MemberRow[]} rows present first, then by role and name */
function ordered(rows) {
  const rank = (/** @type {MemberRow} */ { state, role }) =>
    (state === 'away' ? 10 : 0) + ['host', 'moderator', 'guest'].indexOf(role);
  return rows.toSorted(
    (a, b) => rank(a) - rank(b) || a.user.name.localeCompare(b.user.name, undefined, { numeric: true }),
  );
}

/**
 * @typedef {object} PeopleActions
 * @property {(row: MemberRow) => void} manage
 * @property {() => boolean} over whether the film is
 * @property {import('../../room/friend-marks.js').FriendMarks} friends
 * @property {(user: {id: string, name: string}) => void} toggleFriend
 */

/**
 * Quiet, and where there is little room without words beside its icon.
 *
 * @param {{id: string, name: string}} user
 * @param {PeopleActions} actions
 */
function friendButton(user, { friends, toggleFriend }) {
  const isFriend = friends.has(user.id);
  const words = t(isFriend ? 'friends.is' : 'friends.add');
  return html`<button
    class="quiet befriend ${isFriend ? 'is-friend' : ''}"
    aria-label="${words}: ${user.name}"
    title=${t(isFriend ? 'friends.is-hint' : 'friends.add-hint', { name: user.name })}
    @click=${() => toggleFriend(user)}
  >
    ${icon(isFriend ? 'user-round-check' : 'user-round-plus')}<span>${words}</span>
  </button>`;
}

/**
 * @param {RoomClient} room
 * @param {MemberRow} row
 * @param {PeopleActions} actions
 */
function personRow(room, row, actions) {
  const over = actions.over();
  const { user, role, muted, state, transport } = row;
  const status = memberStatus(row, over);
  const waitedFor = room.waiting?.for.some(({ id }) => id === user.id) ?? false;
  return html`<li class="person ${state === 'away' ? 'away' : ''}">
    ${face(user)}
    <div class="who">
      <p class="name">
        <span>${user.name}</span
        >${user.id === room.person?.id ? html`<span class="you">${t('people.you')}</span>` : ''}
      </p>
      <p class="facts">
        ${role === 'guest' ? '' : html`<span class="fact role">${icon(ROLE_ICONS[role])}${t(`role.${role}`)}</span>`}
        <span class="fact ${status.kind}">${icon(status.icon)}${status.words}</span>
        ${transport === 'webrtc' ? html`<span class="fact">${icon('radio')}${t('state.live')}</span>` : ''}
        ${waitedFor ? html`<span class="fact waits">${icon('hourglass')}${t('state.waited-for')}</span>` : ''}
        ${muted ? html`<span class="fact">${icon('mic-off')}${t('state.muted')}</span>` : ''}
      </p>
    </div>
    ${user.id === room.person?.id ? '' : friendButton(user, actions)}
    ${
      user.id !== room.person?.id && mayModerate(room.may, role)
        ? html`<button
            class="quiet square"
            aria-label=${t('people.actions', { name: user.name })}
            @click=${() => actions.manage(row)}
          >
            ${icon('ellipsis')}
          </button>`
        : ''
    }
  </li>`;
}

/**
 * @param {RoomClient} room
 * @param {PeopleActions} actions
 */
export function peopleView(room, actions) {
  const rows = ordered([...room.people.values()]).slice(0, MAX_ROWS);
  const more = room.total - rows.length;
  return html`<ul class="people" role="list" tabindex="0" aria-label=${t('sidebar.people')}>
      ${repeat(
        rows,
        ({ user }) => user.id,
        (row) => personRow(room, row, actions),
      )}
    </ul>
    ${more > 0 ? html`<p class="note more-people">${t('people.more', { count: more })}</p>` : ''}`;
}
