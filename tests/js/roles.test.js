import assert from 'node:assert/strict';
import { test } from 'node:test';

import { allowed, reason } from '../../static/js/room/roles.js';

const ROLES = ['host', 'moderator', 'guest'];

const whoMay = (control) => ROLES.filter((role) => allowed(role, 'pause', control));

test('the show says who may move the film', () => {
  assert.deepEqual(whoMay('host'), ['host']);
  assert.deepEqual(whoMay('moderators'), ['host', 'moderator']);
  assert.deepEqual(whoMay('everyone'), ROLES);
});

test('all four actions are ruled alike', () => {
  for (const action of ['play', 'pause', 'seek', 'rate']) {
    assert.equal(allowed('guest', action, 'everyone'), true);
    assert.equal(allowed('guest', action, 'host'), false);
  }
});

test('what is not known is not allowed', () => {
  assert.equal(allowed('host', 'explode', 'everyone'), false);
  assert.equal(allowed('guest', 'play', 'nobody'), false);
  assert.equal(allowed('nobody', 'play', 'everyone'), false);
});

test('who may not is told who may', () => {
  assert.equal(reason('guest', 'seek', 'host'), 'locked.host');
  assert.equal(reason('guest', 'seek', 'moderators'), 'locked.moderators');
  assert.equal(reason('host', 'seek', 'host'), '');
});
