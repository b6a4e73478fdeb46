// @ts-check
/** The page does as the server says in `may`, and has no table of its own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayModerate, NO_RIGHTS, reason } from '../../static/js/room/roles.js';

const UNKNOWN = /** @type {any} */ ('unknown');

test('who may move the film is given no reason why not', () => {
  assert.equal(reason({ ...NO_RIGHTS, command: true }, 'host'), '');
});

test('who may not is told who may', () => {
  assert.equal(reason(NO_RIGHTS, 'host'), 'locked.host');
  assert.equal(reason(NO_RIGHTS, 'moderators'), 'locked.moderators');
  assert.equal(reason(NO_RIGHTS, UNKNOWN), 'locked.host');
});

test('whom one may moderate is what the server says of their role', () => {
  const targets = /** @type {const} */ (['guest', 'moderator', 'host', UNKNOWN]);
  /** @param {Partial<import('../../static/js/room/roles.js').May>} may */
  const moderated = (may) => targets.filter((target) => mayModerate({ ...NO_RIGHTS, ...may }, target));

  assert.deepEqual(moderated({}), []);
  assert.deepEqual(moderated({ moderate_guests: true }), ['guest']);
  assert.deepEqual(moderated({ moderate_guests: true, moderate_moderators: true }), ['guest', 'moderator']);
});
