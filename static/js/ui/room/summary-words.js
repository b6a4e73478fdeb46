// @ts-check
/** How well a session kept in sync, in words for everybody. */

import { milliseconds, t } from '../i18n.js';

/** For so long a film of 24 frames a second shows each of them, s. */
const FRAME_S = 1 / 24;

/** @param {import('../../room/protocol.js').Summary} summary */
export function summaryWords({ p50, p95, viewers }) {
  if (viewers === 0) {
    return '';
  }
  const kind = viewers === 1 ? 'alone' : p95 < FRAME_S ? 'close' : 'together';
  return t(`summary.${kind}`, { count: viewers, most: milliseconds(p95), half: milliseconds(p50) });
}
