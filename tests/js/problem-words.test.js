// @ts-check
/** What went wrong, in words: what the server refused, and what is the page's own fault. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '../../static/js/room/api.js';
import { problemWords, refusalWords } from '../../static/js/ui/problem-words.js';
import { speak } from './language.js';

test('what the server refuses is said in the words for it', async () => {
  await speak('en');

  assert.equal(
    problemWords(new Problem(429, 'rate_limited', '', 2)),
    'That was too fast. Try again in 2 seconds.',
  );
  assert.equal(problemWords(new Problem(0, 'offline')), 'The server does not answer. Are you connected?');
  assert.equal(problemWords(new Problem(500, 'brand_new')), 'That did not work. Try again in a moment.');
  assert.equal(refusalWords('locked.host'), 'Only the host moves the film.');
});

test('a fault of the page is said as one, and told to the console once', async (context) => {
  await speak('en');
  const error = context.mock.method(console, 'error', () => {});
  const fault = new TypeError('x is not a function');

  assert.match(problemWords(fault), /^This page does not work in this browser\./);
  assert.equal(refusalWords(/** @type {any} */ ('nothing')), 'nothing');
  problemWords(fault);
  assert.deepEqual(
    error.mock.calls.map(({ arguments: said }) => said),
    [[fault]],
  );
});
