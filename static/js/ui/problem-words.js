// @ts-check
/** What went wrong, and why something is not allowed, in words for the person. */

import { Problem } from '../room/api.js';
import { has, t } from './i18n.js';

/**
 * What went wrong, in words for the person.
 * @param {unknown} problem
 */
export function problemWords(problem) {
  const code = problem instanceof Problem ? problem.code : '';
  const key = `problem.${code}`;
  if (problem instanceof Problem && code === 'rate_limited') {
    return t(key, { count: Math.max(1, Math.ceil(problem.retryAfter)) });
  }
  return has(key) ? t(key) : t('problem.other');
}

/**
 * Why a command was not carried out.
 * @param {import('../room/commands.js').Refusal} refusal
 */
export function refusalWords(refusal) {
  return refusal instanceof Problem ? problemWords(refusal) : t(refusal);
}
