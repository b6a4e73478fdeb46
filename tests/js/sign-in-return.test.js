// @ts-check
/** What is read of the address to which the Auth service leads back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { returnOf } from '../../static/js/room/sign-in-return.js';

test('a token stands behind the #, and the state there or in the query', () => {
  const expected = { state: 's', token: 't', refused: false };
  assert.deepEqual(returnOf('#token=t&state=s', ''), expected);
  assert.deepEqual(returnOf('#token=t', '?state=s'), expected);
  assert.deepEqual(returnOf('#id_token=t&state=s&session_state=x', ''), expected);
  assert.deepEqual(returnOf('#access_token=t&token_type=Bearer&state=s', ''), expected);
});

test('our own name goes before the others', () => {
  assert.equal(returnOf('#access_token=a&id_token=i&token=t', '').token, 't');
  assert.equal(returnOf('#access_token=a&id_token=i', '').token, 'i');
});

test('a token in the query is not taken: logs have it', () => {
  assert.deepEqual(returnOf('', '?token=t&state=s'), { state: 's', refused: false });
});

test('a service that sets the cookie itself brings the state alone', () => {
  assert.deepEqual(returnOf('', '?state=s'), { state: 's', refused: false });
});

test('who did not sign in comes back with an error', () => {
  assert.equal(returnOf('#error=access_denied&state=s', '').refused, true);
  assert.equal(returnOf('', '?error=access_denied&state=s').refused, true);
});

test('nothing at all is no token', () => {
  assert.deepEqual(returnOf('', ''), { state: '', refused: false });
  assert.deepEqual(returnOf('#token=', ''), { state: '', refused: false });
});
