// @ts-check
/** A browser that asks for a language, so that words are heard and not only their keys. */

import { readFile } from 'node:fs/promises';
import { loadLanguage } from '../../static/js/ui/i18n.js';

/** @param {'en' | 'ru'} language */
export async function speak(language) {
  /** @param {string} path */
  const fetch = async (path) => new Response(await readFile(new URL(`../..${path}`, import.meta.url)));
  Object.assign(globalThis, {
    fetch,
    document: { documentElement: { lang: language }, getElementById: () => null },
  });
  // Newer versions of node have one of their own, which cannot be assigned to.
  const languages = [language === 'en' ? 'en-US' : 'ru-RU'];
  Object.defineProperty(globalThis, 'navigator', { value: { languages }, configurable: true });
  await loadLanguage();
}
