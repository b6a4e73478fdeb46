import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Learned } from '../../static/js/sync/calibration.js';
import { seeded } from './random.js';

const near = (value, wanted, by = 1e-9) => assert.ok(Math.abs(value - wanted) < by, `${value}`);

test('what starts take is their mean, chance has no say', () => {
  const random = seeded(4);
  const learned = new Learned({ sound: 0.07 });
  let worst = 0;
  for (let start = 0; start < 400; start += 1) {
    learned.started('sound', learned.sound - (0.065 + 0.0213 * random()));
    worst = start > 20 ? Math.max(worst, Math.abs(learned.sound - 0.0757)) : 0;
  }

  assert.ok(worst < 0.007, `${worst}`);
});

test('a start that chance does not explain is believed at once', () => {
  const learned = new Learned();
  learned.started('sound', -0.15);

  near(learned.sound, 0.22);
  learned.started('sound', -0.01);
  near(learned.sound, 0.225);
});

test('each kind of start is learned on its own', () => {
  const learned = new Learned();
  const { sound, rested } = learned;
  learned.started('silent', 0.01);

  near(learned.silent, 0.033);
  assert.deepEqual([learned.sound, learned.rested], [sound, rested]);
});

test('how far the frames lead is learned slowly, and never believed to be much', () => {
  const learned = new Learned();
  learned.framesLead(0.014);
  near(learned.lead, 0.007);
  for (let i = 0; i < 100; i += 1) {
    learned.framesLead(1);
  }

  near(learned.lead, 0.02);
});

test('what was learned outlasts a visit, and nonsense does not', () => {
  const learned = new Learned();
  learned.started('sound', 0.02);
  learned.framesLead(0.01);

  assert.deepEqual(new Learned(learned.lessons).lessons, learned.lessons);
  const nonsense = [{ sound: 'loud', lead: NaN }, { sound: -1, rested: 20, lead: 1, overshoot: -1 }];
  for (const lessons of nonsense) {
    assert.deepEqual(new Learned(lessons).lessons, new Learned().lessons);
  }
});
