// @ts-check
/** Who is here: the list "People", with how well each one keeps step. */

import { html } from '/static/vendor/lit-html/lit-html.js';
import { repeat } from '/static/vendor/lit-html/directives/repeat.js';
import { t } from '../i18n.js';
import { face, icon } from '../icons.js';
import { standingOf } from './member-status.js';

/** @typedef {import('../../room/protocol.js').MemberRow} MemberRow */
/** @typedef {import('../../room/room-client.js').Seat} Seat */

/** Rows that are drawn. */
const MOST = 200;

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
 * Whether one may do anything with somebody at all.
 * @param {Seat} seat
 * @param {MemberRow} row
 */
function mayManage(seat, { user, role }) {
  if (user.id === seat.person?.id || role === 'host') return false;
  return seat.role === 'host' || (seat.role === 'moderator' && role === 'guest');
}

/**
 * @param {Seat} seat
 * @param {MemberRow} row
 * @param {boolean} over whether the film is
 * @param {(row: MemberRow) => void} manage
 */
function personRow(seat, row, over, manage) {
  const { user, role, muted, state } = row;
  const standing = standingOf(row, over);
  const waitedFor = seat.waiting?.for.some(({ id }) => id === user.id) ?? false;
  return html`<li class="person ${state === 'away' ? 'away' : ''}">
    ${face(user)}
    <div class="who">
      <p class="name">
        <span>${user.name}</span
        >${user.id === seat.person?.id ? html`<span class="you">${t('people.you')}</span>` : ''}
      </p>
      <p class="facts">
        ${role === 'guest' ? '' : html`<span class="fact role">${icon(ROLE_ICONS[role])}${t(`role.${role}`)}</span>`}
        <span class="fact ${standing.kind}">${icon(standing.icon)}${standing.words}</span>
        ${waitedFor ? html`<span class="fact waits">${icon('hourglass')}${t('state.waited-for')}</span>` : ''}
        ${muted ? html`<span class="fact">${icon('mic-off')}${t('state.muted')}</span>` : ''}
      </p>
    </div>
    ${
      mayManage(seat, row)
        ? html`<button
            class="quiet square"
            aria-label=${t('people.actions', { name: user.name })}
            @click=${() => manage(row)}
          >
            ${icon('ellipsis')}
          </button>`
        : ''
    }
  </li>`;
}

/**
 * @param {Seat} seat
 * @param {{manage: (row: MemberRow) => void, over: () => boolean}} actions
 */
export function peopleView(seat, { manage, over }) {
  const rows = ordered([...seat.people.values()]).slice(0, MOST);
  const more = seat.total - rows.length;
  return html`<ul class="people" role="list" tabindex="0" aria-label=${t('side.people')}>
      ${repeat(
        rows,
        ({ user }) => user.id,
        (row) => personRow(seat, row, over(), manage),
      )}
    </ul>
    ${more > 0 ? html`<p class="note more-people">${t('people.more', { count: more })}</p>` : ''}`;
}
