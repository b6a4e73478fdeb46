// @ts-check
/** The chat's window over its entries: bounded, and moving with what one reads. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatLog, MAX_DRAWN } from '../../static/js/ui/chat/chat-log.js';

/** @param {number} seq @returns {import('../../static/js/room/protocol.js').ChatMessage} */
const message = (seq) => ({
  type: 'message',
  id: `m${seq}`,
  seq,
  created_at: '2026-01-01T00:00:00Z',
  user_id: 'u',
  name: 'Anna',
  text: String(seq),
  session_id: 's',
  position: 0,
  target_id: 'h',
  target_type: 'show',
});

/** @param {number} first @param {number} last */
function filled(first, last) {
  const entries = new ChatLog();
  for (let seq = first; seq <= last; seq += 1) {
    entries.add(message(seq));
  }
  return entries;
}

/** @param {ChatLog} entries */
const range = (entries) => [entries.visible[0]?.seq, entries.visible.at(-1)?.seq];

test('the window follows the newest and stays bounded', () => {
  assert.deepEqual(range(filled(1, MAX_DRAWN + 40)), [41, MAX_DRAWN + 40]);
});

test('an entry that is known already is not taken twice', () => {
  const entries = filled(1, 3);

  assert.equal(entries.add(message(3)), false);
  assert.equal(entries.visible.length, 3);
});

test('what was hidden is shown again before older ones have to be fetched', () => {
  const entries = filled(1, MAX_DRAWN + 100);

  assert.equal(entries.back(), true);
  assert.deepEqual(range(entries), [1, MAX_DRAWN]);
  assert.equal(entries.back(), false);
});

test('older messages are put before the first, without those that are there', () => {
  const entries = filled(10, 12);
  entries.prepend([message(8), message(9), message(10)]);

  assert.deepEqual(range(entries), [8, 12]);
  assert.equal(entries.visible.length, 5);
});

test('while one reads further up a new entry does not move the window', () => {
  const entries = filled(100, 100 + MAX_DRAWN - 1);
  entries.prepend([message(98), message(99)]);
  const before = range(entries);
  entries.add(message(100 + MAX_DRAWN));

  assert.equal(entries.atTail, false);
  assert.deepEqual(range(entries), before);
  assert.equal(entries.visible.length, MAX_DRAWN);
});

test('the window goes down again to the newest', () => {
  const entries = filled(100, 100 + MAX_DRAWN - 1);
  entries.prepend(Array.from({ length: 90 }, (_, n) => message(10 + n)));

  while (entries.forth()) {}
  assert.deepEqual(range(entries), [100, 100 + MAX_DRAWN - 1]);
  assert.equal(entries.atTail, true);
});

test('a deleted message keeps its place and loses its text', () => {
  const entries = filled(1, 3);
  entries.delete('m2');
  const entry = entries.visible[1];

  assert.ok(entry?.type === 'message');
  assert.equal(entry.deleted, true);
  assert.equal(entry.text, '');
});
