import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Calibration, startKind } from '../../static/js/sync/calibration.js';
import { seeded } from './random.js';
import { line, SERVER, Simulation } from './simulation.js';

/** @param {number} value @param {number} wanted */
const near = (value, wanted, by = 1e-9) => assert.ok(Math.abs(value - wanted) < by, `${value}`);

test('what starts take is their mean, chance has no say', () => {
  const random = seeded(4);
  const calibration = new Calibration({ sound: 0.07 });
  let worst = 0;
  for (let start = 0; start < 400; start += 1) {
    calibration.recordStart('sound', calibration.sound - (0.065 + 0.0213 * random()));
    worst = start > 20 ? Math.max(worst, Math.abs(calibration.sound - 0.0757)) : 0;
  }

  assert.ok(worst < 0.007, `${worst}`);
});

test('a start that chance does not explain is believed at once', () => {
  const calibration = new Calibration();
  calibration.recordStart('sound', -0.15);

  near(calibration.sound, 0.22);
  calibration.recordStart('sound', -0.01);
  near(calibration.sound, 0.225);
});

test('each kind of start is learned on its own', () => {
  const calibration = new Calibration();
  const { sound, asleep } = calibration;
  calibration.recordStart('silent', 0.01);

  near(calibration.silent, 0.033);
  assert.deepEqual([calibration.sound, calibration.asleep], [sound, asleep]);
});

test('how far the frames lead is learned slowly, and never believed to be much', () => {
  const calibration = new Calibration();
  calibration.recordFrameLead(0.014);
  near(calibration.lead, 0.007);
  for (let i = 0; i < 100; i += 1) {
    calibration.recordFrameLead(1);
  }

  near(calibration.lead, 0.02);
});

test('what was learned outlasts a visit, and nonsense does not', () => {
  const calibration = new Calibration();
  calibration.recordStart('sound', 0.02);
  calibration.recordFrameLead(0.01);

  assert.deepEqual(new Calibration(calibration.figures).figures, calibration.figures);
  const nonsense = [
    { sound: 'loud', lead: NaN },
    { sound: -1, asleep: 20, lead: 1, overshoot: -1 },
  ];
  for (const lessons of nonsense) {
    assert.deepEqual(new Calibration(/** @type {any} */ (lessons)).figures, new Calibration().figures);
  }
});

test('a device that slept, one that is awake and one without sound start apart', () => {
  const kinds = [startKind(true, 3), startKind(false, 3), startKind(false, 10.5), startKind(false, Infinity)];

  assert.deepEqual(kinds, ['silent', 'sound', 'asleep', 'sound']);
});

test('what a start would take now depends on how long the film has stood', () => {
  const simulation = new Simulation({ timeline: line(1, 0, 1, SERVER - 20) });
  const { controller } = simulation;
  const { calibration } = controller;
  simulation.load();
  simulation.enter();
  simulation.run(5);
  assert.equal(controller.figures.latency, calibration.sound);

  simulation.order(line(2, 30, 0, simulation.server + 0.3));
  simulation.run(8);
  assert.equal(controller.figures.latency, calibration.sound);
  simulation.run(5);
  assert.equal(controller.figures.latency, calibration.asleep);
});
