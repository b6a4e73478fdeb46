// @ts-check
/** Why a film is unplayable, or not ready yet, in words. */

import { has, percent, t } from '../i18n.js';

/** @param {import('../../room/api.js').Title} film one that is not ready */
export function whyNot({
  state,
  progress = 0,
  reason = '',
  reason_code: code = '',
  reason_subject: subject,
}) {
  if (state === 'preparing') {
    return t('wall.preparing', { progress: percent(progress) });
  }
  const key = `reason.${code}`;
  return has(key) ? t(key, { subject: subject ?? '' }) : reason;
}
