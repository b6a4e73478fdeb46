import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  allowed,
  mayDeleteMessage,
  mayEditShow,
  mayModerate,
  maySeeSync,
  reason,
} from '../../static/js/room/roles.js';

const ROLES = /** @type {const} */ (['host', 'moderator', 'guest']);
const UNKNOWN = /** @type {any} */ ('unknown');

/** @param {import('../../static/js/room/roles.js').Control} control */
const whoMay = (control) => ROLES.filter((role) => allowed(role, 'pause', control));

test('the show says who may move the film', () => {
  assert.deepEqual(whoMay('host'), ['host']);
  assert.deepEqual(whoMay('moderators'), ['host', 'moderator']);
  assert.deepEqual(whoMay('everyone'), ROLES);
});

test('all four actions are ruled alike', () => {
  for (const action of /** @type {const} */ (['play', 'pause', 'seek', 'rate'])) {
    assert.equal(allowed('guest', action, 'everyone'), true);
    assert.equal(allowed('guest', action, 'host'), false);
  }
});

test('what is not known is not allowed', () => {
  assert.equal(allowed('host', UNKNOWN, 'everyone'), false);
  assert.equal(allowed('guest', 'play', UNKNOWN), false);
  assert.equal(allowed(UNKNOWN, 'play', 'everyone'), false);
});

test('who may not is told who may', () => {
  assert.equal(reason('guest', 'seek', 'host'), 'locked.host');
  assert.equal(reason('guest', 'seek', 'moderators'), 'locked.moderators');
  assert.equal(reason('host', 'seek', 'host'), '');
});

test('who may moderate whom, and what else roles allow', () => {
  const pairs = ROLES.flatMap((role) =>
    ROLES.filter((target) => mayModerate(role, target)).map((t) => `${role} ${t}`),
  );

  assert.deepEqual(pairs, ['host moderator', 'host guest', 'moderator guest']);
  assert.deepEqual(ROLES.map(mayEditShow), [true, false, false]);
  assert.deepEqual(ROLES.map(maySeeSync), [true, true, false]);
  assert.deepEqual(
    ROLES.map((role) => mayDeleteMessage(role, false)),
    [true, true, false],
  );
  assert.equal(mayDeleteMessage('guest', true), true);
});
