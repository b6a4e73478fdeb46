// @ts-check
/** The text of a notice in the chat: who did what. */

import { clockTime, t } from '../i18n.js';

/**
 * @param {import('../../room/protocol.js').Notice} notice
 * @returns {string}
 */
export function noticeWords({ kind, name, position, from, rate, user, role, reason }) {
  if (reason === 'waiting') {
    return t(kind === 'paused' ? 'notice.waits' : 'notice.goes-on');
  }
  const who = name || t('notice.somebody');
  const place = position ?? 0;
  const time = clockTime(place);
  switch (kind) {
    case 'paused':
      return t(place < 0 ? 'notice.held' : 'notice.paused', { name: who, time });
    case 'played':
      return t(place < 0 ? 'notice.counting' : 'notice.played', { name: who, time });
    case 'sought':
      if ((from ?? 0) < 0) {
        return t('notice.begun', { name: who });
      }
      return t('notice.sought', { name: who, from: clockTime(from ?? 0), to: time });
    case 'rate':
      return t('notice.rate', { name: who, rate: rate ?? 1 });
    case 'role':
      return t('notice.role', { name: who, whom: user?.name ?? '', role: t(`role.${role ?? 'guest'}`) });
    case 'acting':
      return user ? t('notice.acting', { whom: user.name }) : t('notice.acting-over');
    case 'removed':
      return t('notice.removed', { name: who, whom: user?.name ?? '' });
    case 'renamed':
      return t('notice.renamed', { name: who, whom: user?.name ?? '' });
    case 'rescheduled':
    case 'joined':
    case 'left':
      return t(`notice.${kind}`, { name: who });
    default:
      return '';
  }
}

/** @type {Readonly<Record<string, string>>} */
export const NOTICE_ICONS = Object.freeze({
  paused: 'pause',
  played: 'play',
  sought: 'clock',
  rate: 'gauge',
  rescheduled: 'calendar-clock',
  role: 'shield',
  acting: 'shield',
  removed: 'user-minus',
  renamed: 'user-round',
  joined: 'door-open',
  left: 'door-open',
});
