// @ts-check
/** The words of both languages: the same keys, all that the code asks for, plurals in full. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../static/', import.meta.url);

/** @param {string} path */
const read = (path) => readFileSync(new URL(path, folder), 'utf8');

/** @type {Record<string, Record<string, string | Record<string, string>>>} */
const words = { en: JSON.parse(read('i18n/en.json')), ru: JSON.parse(read('i18n/ru.json')) };
const code = readdirSync(new URL('js/', folder), { encoding: 'utf8', recursive: true })
  .filter((name) => name.endsWith('.js'))
  .map((name) => read(`js/${name}`))
  .join('\n');

/** @param {string | Record<string, string>} entry @returns {string} */
const placeholders = (entry) => {
  const text = typeof entry === 'string' ? entry : (entry.other ?? '');
  return (text.match(/\{\w+\}/g) ?? []).sort().join();
};

test('both languages have the same keys', () => {
  assert.deepEqual(Object.keys(words.ru ?? {}).sort(), Object.keys(words.en ?? {}).sort());
});

test('both say the same things about each key', () => {
  for (const [key, entry] of Object.entries(words.en ?? {})) {
    assert.equal(placeholders(words.ru?.[key] ?? ''), placeholders(entry), key);
  }
});

test('every plural has the forms of its language', () => {
  for (const [language, entries] of Object.entries(words)) {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const [key, entry] of Object.entries(entries)) {
      if (typeof entry === 'string') {
        continue;
      }
      assert.deepEqual(Object.keys(entry).sort(), [...pluralCategories].sort(), key);
    }
  }
});

test('every key that the code names is there', () => {
  const named = [...code.matchAll(/\bt\('([a-z][\w.-]*)'/g)].map(([, key]) => key ?? '');
  assert.ok(named.length > 50);
  assert.deepEqual(
    named.filter((key) => !(key in (words.en ?? {}))),
    [],
  );
});

test('no key is left that nobody asks for', () => {
  const built = [...code.matchAll(/`([a-z]+)\.\$\{/g)].map(([, prefix]) => `${prefix}.`);
  const unused = Object.keys(words.en ?? {}).filter(
    (key) => !code.includes(`'${key}'`) && !built.some((prefix) => key.startsWith(prefix)),
  );
  assert.deepEqual(unused, []);
});
