import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Calibration } from '../../static/js/sync/calibration.js';
import { FRAMES, UNSEEN } from '../../static/js/sync/profiles.js';
import { RateControl } from '../../static/js/sync/rate-control.js';

/**
 * Show frames that are off by `error`, of an element that says `elementError`, for so long; s.
 *
 * @param {RateControl} rateControl
 * @param {number} from
 * @param {{seconds: number, error: number, elementError: number}} about
 */
const show = (rateControl, from, { seconds, error, elementError }) => {
  for (let now = from; now < from + seconds; now += 0.04) {
    rateControl.checkStart(elementError, now);
    rateControl.add(error - FRAMES.bias, now);
    rateControl.watch(elementError, now);
    const steady = rateControl.steadyError(now);
    if (steady !== null) {
      rateControl.correct(steady, now);
    }
  }
};

test('by how much frames lead is learned from them, once for each rest', () => {
  const calibration = new Calibration({ lead: 0.002 });
  const rateControl = new RateControl(FRAMES, calibration);
  for (let from = 0; from < 200; from += 10) {
    rateControl.restart(1, from);
    show(rateControl, from, { seconds: 4, error: 0.001, elementError: -0.011 });
  }

  assert.ok(Math.abs(calibration.lead - 0.012) < 0.001, `${calibration.lead}`);
});

test('where nobody sees the frames nothing is calibration of them', () => {
  const calibration = new Calibration({ lead: 0.012 });
  const rateControl = new RateControl(FRAMES, calibration);
  for (let from = 0; from < 60; from += 10) {
    rateControl.steer(UNSEEN, from);
    show(rateControl, from, { seconds: 4, error: 0, elementError: 0 });
  }

  assert.equal(calibration.lead, 0.012);
});

test('after a start small errors are nudged away three times, and no more', () => {
  const rateControl = new RateControl(FRAMES, new Calibration());
  rateControl.started({ lateBy: 0, kind: 'sound' }, 0);
  let nudges = 0;
  let rate = 1;
  for (let now = 0; now < 80; now += 0.04) {
    // Steps, so that the element's own word is not listened to; and no nudge ever helps.
    rateControl.checkStart(Math.sin(now * 50) / 10, now);
    rateControl.add(0.006 - FRAMES.bias, now);
    rateControl.watch(0, now);
    const steady = rateControl.steadyError(now);
    if (steady !== null) {
      rateControl.correct(steady, now);
    }
    nudges += rateControl.rate !== 1 && rate === 1 ? 1 : 0;
    rate = rateControl.rate;
  }

  assert.equal(nudges, 3);
});

test('once it was near enough a small error is left alone', () => {
  const rateControl = new RateControl(FRAMES, new Calibration());
  rateControl.started({ lateBy: 0, kind: 'sound' }, 0);
  show(rateControl, 0, { seconds: 3, error: 0.002, elementError: -0.004 });
  show(rateControl, 3, { seconds: 20, error: 0.006, elementError: 0 });

  assert.equal(rateControl.rate, 1);
  assert.equal(rateControl.nudging, false);
});
