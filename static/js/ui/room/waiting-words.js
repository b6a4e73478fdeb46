// @ts-check
/** The room waits: for whom, and how long at most, in words. */

import { listWords, secondsWords, t } from '../i18n.js';

/** Names that are said before the rest becomes a number. */
const MAX_NAMES = 3;

/**
 * @param {import('../../room/protocol.js').Waiting} waiting
 * @param {string | undefined} me one's own id
 * @param {number} now server time, s
 * @returns {{words: string, limit: string}} `limit`: how long at most, '' where nobody said
 */
export function waitingWords({ for: people, until }, me, now) {
  const others = people.filter(({ id }) => id !== me).map(({ name }) => name);
  const limit =
    until === null ? '' : t('waiting.limit', { time: secondsWords(Math.max(Math.floor(until - now), 0), 0) });
  if (others.length === 0) {
    return { words: t('waiting.for-you'), limit };
  }
  const names = people.length > others.length ? [...others, t('waiting.you')] : others;
  // "and 1 more" would take the place of the name.
  const shown = names.length > MAX_NAMES + 1 ? names.slice(0, MAX_NAMES) : names;
  const more = names.length - shown.length;
  const list = listWords(more ? [...shown, t('waiting.more', { count: more })] : shown);
  return { words: t('waiting.for', { names: list }), limit };
}
