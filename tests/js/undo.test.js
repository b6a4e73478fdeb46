// @ts-check
/** Which seek can be taken back, and where that leads. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Undo } from '../../static/js/room/undo.js';

const NOW = Date.parse('2027-01-15T08:00:00Z') / 1000;

/** @param {object} fields @returns {import('../../static/js/room/protocol.js').Notice} */
const notice = (fields) => ({
  type: 'notice',
  seq: 1,
  kind: 'sought',
  by: 'u',
  name: 'Anna',
  position: 600,
  from: 120,
  session_id: 's',
  revision: 2,
  created_at: '2027-01-15T08:00:00Z',
  ...fields,
});

/** @param {...object} notices */
function after(...notices) {
  const undo = new Undo();
  for (const fields of notices) {
    undo.take(notice(fields));
  }
  return undo;
}

test('a seek is taken back to where the film was, however long it has run since', () => {
  assert.equal(after({}).offered(NOW + 90)?.from, 120);
});

test('only the newest can be', () => {
  assert.equal(after({}, { seq: 2, from: 700, position: 10 }).offered(NOW)?.seq, 2);
});

test('pausing in between changes nothing', () => {
  assert.equal(after({}, { seq: 2, kind: 'paused', from: undefined }).offered(NOW)?.seq, 1);
});

test('nothing was sought, nothing can be', () => {
  assert.equal(after({ kind: 'joined', from: undefined }).offered(NOW), null);
});

test('a film that a seek began cannot be made to wait again', () => {
  assert.equal(after({}, { seq: 2, from: -40, position: 0 }).offered(NOW), null);
});

test('after ten minutes nobody remembers where the film was', () => {
  assert.notEqual(after({}).offered(NOW + 599), null);
  assert.equal(after({}).offered(NOW + 601), null);
});
