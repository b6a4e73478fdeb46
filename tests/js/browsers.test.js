// @ts-check
/** The pages use no syntax that a browser of package.json's list does not know. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { transform } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');
/** @type {string[]} */
const LISTED = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).browserslist;
const BROWSERS = LISTED.map((name) => name.replace('ios_saf', 'ios').replace(' >= ', ''));

/**
 * What esbuild would write otherwise for these browsers is not known to all of them. The modules are
 * served as they are where there is no bundle.
 *
 * @param {string} code
 * @param {'js' | 'css'} loader
 */
async function isKnown(code, loader) {
  const written = await Promise.all(
    [BROWSERS, 'esnext'].map((target) => transform(code, { loader, target, logLevel: 'silent' })),
  );
  return written[0]?.code === written[1]?.code;
}

function sources() {
  const there = readdirSync(join(ROOT, 'static'), { recursive: true, encoding: 'utf8' });
  return there.filter(
    (name) => /\.(?:js|css)$/.test(name) && !name.startsWith('vendor') && !name.startsWith('built'),
  );
}

test('every browser of the list knows the syntax of the pages', async () => {
  const names = sources();
  assert.ok(names.length > 50);

  const unknown = [];
  for (const name of names) {
    const loader = extname(name) === '.css' ? 'css' : 'js';
    if (!(await isKnown(readFileSync(join(ROOT, 'static', name), 'utf8'), loader))) {
      unknown.push(name);
    }
  }

  assert.deepEqual(unknown, []);
});

test('newer syntax is found', async () => {
  assert.equal(await isKnown('using film = open();', 'js'), false);
  assert.equal(await isKnown('a?.b ?? c', 'js'), true);
});
