import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Learned } from '../../static/js/sync/calibration.js';
import { FRAMES, UNSEEN } from '../../static/js/sync/profiles.js';
import { Trim } from '../../static/js/sync/rate-control.js';

/** Show frames that are off by `error`, of an element that says `away`, for so long; s. */
const show = (trim, from, { seconds, error, away }) => {
  for (let now = from; now < from + seconds; now += 0.04) {
    trim.hear(away, now);
    trim.add(error - FRAMES.bias, now);
    const steady = trim.judge(away, now);
    if (steady !== null) {
      trim.correct(steady, now);
    }
  }
};

test('by how much frames lead is learned from them, once for each rest', () => {
  const learned = new Learned({ lead: 0.002 });
  const trim = new Trim(FRAMES, learned);
  for (let from = 0; from < 200; from += 10) {
    trim.restart(1, from);
    show(trim, from, { seconds: 4, error: 0.001, away: -0.011 });
  }

  assert.ok(Math.abs(learned.lead - 0.012) < 0.001, `${learned.lead}`);
});

test('where nobody sees the frames nothing is learned of them', () => {
  const learned = new Learned({ lead: 0.012 });
  const trim = new Trim(FRAMES, learned);
  for (let from = 0; from < 60; from += 10) {
    trim.steer(UNSEEN, from);
    show(trim, from, { seconds: 4, error: 0, away: 0 });
  }

  assert.equal(learned.lead, 0.012);
});

test('after a start small errors are nudged away three times, and no more', () => {
  const trim = new Trim(FRAMES, new Learned());
  trim.started({ late: 0, kind: 'sound' }, 0);
  let nudges = 0;
  let rate = 1;
  for (let now = 0; now < 80; now += 0.04) {
    // Steps, so that the element's own word is not listened to; and no nudge ever helps.
    trim.hear(Math.sin(now * 50) / 10, now);
    trim.add(0.006 - FRAMES.bias, now);
    const steady = trim.judge(0, now);
    if (steady !== null) {
      trim.correct(steady, now);
    }
    nudges += trim.rate !== 1 && rate === 1 ? 1 : 0;
    rate = trim.rate;
  }

  assert.equal(nudges, 3);
});

test('once it was near enough a small error is left alone', () => {
  const trim = new Trim(FRAMES, new Learned());
  trim.started({ late: 0, kind: 'sound' }, 0);
  show(trim, 0, { seconds: 3, error: 0.002, away: -0.004 });
  show(trim, 3, { seconds: 20, error: 0.006, away: 0 });

  assert.equal(trim.rate, 1);
  assert.equal(trim.nudging, false);
});
