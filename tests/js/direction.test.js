// @ts-check
/** Which folder of the page may import which: one direction, so that each is understood without those above. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';

const root = new URL('../../static/js/', import.meta.url);

/** @type {Readonly<Record<string, readonly string[]>>} what each folder may import besides itself */
const MAY_IMPORT = {
  pages: ['ui', 'room', 'player', 'sync'],
  ui: ['room', 'sync'],
  room: ['sync'],
  player: ['sync'],
  sync: [],
};

/** Types say what a view is handed; nothing of the player is loaded for them. */
const MAY_NAME_TYPES_OF = { ...MAY_IMPORT, ui: ['room', 'player', 'sync'] };

const IMPORT = /\b(?:from|import)\s*'(\.[^']+)'|\bimport\('(\.[^']+)'\)(?!\.)/g;
const TYPE = /\bimport\('(\.[^']+)'\)\./g;

const files = readdirSync(root, { encoding: 'utf8', recursive: true }).filter((name) => name.endsWith('.js'));

/** @param {string} path */
const folderOf = (path) => path.split('/')[0] ?? '';

/** @param {RegExp} pattern @param {Readonly<Record<string, readonly string[]>>} allowed */
const against = (pattern, allowed) =>
  files.flatMap((file) =>
    [...readFileSync(new URL(file, root), 'utf8').matchAll(pattern)]
      .map(([, name, dynamic]) => posix.join(posix.dirname(file), name ?? dynamic ?? ''))
      .filter((target) => {
        const [from, to] = [folderOf(file), folderOf(target)];
        return from !== to && !allowed[from]?.includes(to);
      })
      .map((target) => `${file} -> ${target}`),
  );

test('every module lies in a folder that has its place', () => {
  assert.ok(files.length > 50);
  assert.deepEqual(
    files.filter((file) => !(folderOf(file) in MAY_IMPORT)),
    [],
  );
});

test('no folder imports one above it', () => {
  assert.deepEqual(against(IMPORT, MAY_IMPORT), []);
});

test('no folder names types of one above it', () => {
  assert.deepEqual(against(TYPE, MAY_NAME_TYPES_OF), []);
});
