// @ts-check
/** The page's types are those of the server. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TYPES, typedefs } from '../../tools/typedefs.js';

test('the types of messages are what the published schemas say', async () => {
  assert.equal(readFileSync(TYPES, 'utf8'), await typedefs(), 'node tools/typedefs.js writes them anew');
});
