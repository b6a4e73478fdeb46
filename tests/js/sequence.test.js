import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sequence } from '../../static/js/room/sequence.js';
import { seeded } from './random.js';

/** @param {Sequence<{seq: number}>} sequence @param {number[]} seqs */
const taken = (sequence, ...seqs) => seqs.flatMap((seq) => sequence.take({ seq }).map((entry) => entry.seq));

test('the first entry may have any place', () => {
  assert.deepEqual(taken(new Sequence(), 41, 42), [41, 42]);
});

test('an entry that was had already is not handed on again', () => {
  assert.deepEqual(taken(new Sequence(), 1, 2, 2, 1, 3), [1, 2, 3]);
});

test('an early entry waits for those before it', () => {
  const sequence = new Sequence();

  assert.deepEqual(taken(sequence, 1, 4, 3), [1]);
  assert.equal(sequence.gap, true);
  assert.deepEqual(taken(sequence, 2), [2, 3, 4]);
  assert.equal(sequence.gap, false);
});

test('over replays that overlap and arrive in any order each comes once, in order', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = seeded(seed);
    const sequence = new Sequence();
    const seen = taken(sequence, 1);
    for (let last = 1; last < 60; last = sequence.last ?? 0) {
      const from = Math.max(1, last - Math.floor(random() * 5));
      const replay = Array.from({ length: 12 }, (_, i) => from + i).filter(() => random() < 0.8);
      seen.push(...taken(sequence, ...replay.sort(() => random() - 0.5)));
    }
    assert.deepEqual(
      seen,
      Array.from({ length: seen.length }, (_, i) => i + 1),
      `seed ${seed}`,
    );
  }
});

test('what came too early is forgotten where it will be sent again', () => {
  const sequence = new Sequence();
  taken(sequence, 1, 3);
  sequence.restart();

  assert.equal(sequence.gap, false);
  assert.deepEqual(taken(sequence, 2, 3), [2, 3]);
});

test('no more than a bound is kept waiting', () => {
  const sequence = new Sequence();
  const many = Array.from({ length: 2000 }, (_, i) => i + 3);

  assert.deepEqual(taken(sequence, 1, ...many), [1]);
  assert.equal(taken(sequence, 2).length, 513);
});
