// @ts-check
/** What went wrong, and why something is not allowed, in words for the person. */

import { Problem } from '../room/api.js';
import { has, t } from './i18n.js';

/** Faults that the console has: a view may ask for their words at every drawing. */
const logged = new WeakSet();

/**
 * What went wrong, in words for the person. What is no answer of the server is a fault of this page:
 * it is said as one, for trying again does not help, and told to the console.
 * @param {unknown} problem
 */
export function problemWords(problem) {
  if (!(problem instanceof Problem)) {
    logOnce(problem);
    return t('problem.page');
  }
  const { code } = problem;
  const key = `problem.${code}`;
  if (code === 'rate_limited') {
    return t(key, { count: Math.max(1, Math.ceil(problem.retryAfter)) });
  }
  return has(key) ? t(key) : t('problem.other');
}

/** @param {unknown} fault */
function logOnce(fault) {
  if (fault instanceof Object && !logged.has(fault)) {
    logged.add(fault);
    console.error(fault);
  }
}

/**
 * Why a command was not carried out.
 * @param {import('../room/commands.js').Refusal} refusal
 */
export function refusalWords(refusal) {
  return refusal instanceof Problem ? problemWords(refusal) : t(refusal);
}
