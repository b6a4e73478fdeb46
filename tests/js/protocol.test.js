import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { encode, inLog, parse } from '../../static/js/room/protocol.js';

/** @param {'server' | 'client'} side */
const golden = (side) => {
  const folder = fileURLToPath(new URL(`../golden/${side}/`, import.meta.url));
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, text: readFileSync(`${folder}${name}`, 'utf8') }));
};

for (const { name, text } of golden('server')) {
  test(`the server's ${name} is read as it is meant`, () => {
    assert.deepEqual(parse(text), JSON.parse(text));
  });
}

for (const { name, text } of golden('client')) {
  test(`the client's ${name} keeps its meaning in text`, () => {
    assert.deepEqual(JSON.parse(encode(JSON.parse(text))), JSON.parse(text));
  });
}

test('entries of the log are told from what only carries a place in it', () => {
  const logged = golden('server')
    .flatMap(({ text }) => parse(text) ?? [])
    .filter(inLog)
    .map(({ type }) => type);

  assert.deepEqual([...new Set(logged)].sort(), ['deleted', 'message', 'notice']);
});

test('what cannot be used is nothing', () => {
  const timeline = { revision: 1, position: 0, rate: 1, instant: 5 };
  const unusable = [
    '',
    'null',
    '1',
    '[]',
    '{',
    '{}',
    '{"type": 5}',
    new ArrayBuffer(8),
    undefined,
    '{"type": "pong", "c0": 1, "s1": null, "s2": 2}',
    '{"type": "message", "seq": 0}',
    '{"type": "notice", "seq": 1.5}',
    JSON.stringify({ type: 'timeline', now: 1, timeline, next: 5 }),
    JSON.stringify({ type: 'timeline', now: 1, timeline: { ...timeline, rate: 'fast' }, next: null }),
    JSON.stringify({ type: 'welcome', now: 1, timeline, next: null }),
  ];

  for (const text of unusable) {
    assert.equal(parse(text), null, String(text));
  }
});

test('a type of a later version is passed on, for nobody listens to it', () => {
  assert.equal(parse('{"type": "constructor"}')?.type, 'constructor');
  assert.equal(inLog(/** @type {any} */ (parse('{"type": "pinned", "seq": 7}'))), true);
});
