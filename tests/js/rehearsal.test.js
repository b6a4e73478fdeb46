import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Calibration } from '../../static/js/sync/calibration.js';
import { line, SERVER, Simulation } from './simulation.js';

/** @param {number} inSeconds */
const scheduled = (inSeconds) => line(1, 0, 1, SERVER + inSeconds);

/**
 * Somebody in the lobby, the film beginning in so many seconds.
 *
 * @param {{begins: number} & Partial<import('./simulation.js').About>} about
 */
const waiting = ({ begins, ...about }) => {
  const simulation = new Simulation({ timeline: scheduled(begins), ...about });
  simulation.load();
  simulation.run(0.8);
  simulation.enter();
  return simulation;
};

test('what a start takes is learned before the one that counts', () => {
  for (const latency of [0.02, 0.08, 0.15, 0.25]) {
    const traits = { latency, latencyJitter: 0.005 };
    const simulation = waiting({ begins: 8, traits });
    simulation.run(7.3);
    let worst = 0;
    simulation.run(2, ({ error }) => {
      worst = Math.max(worst, Math.abs(error));
    });

    assert.ok(worst < 0.02, `${latency}: ${worst}`);
    assert.ok(Math.abs(simulation.controller.calibration.latency('sound') - latency) < 0.02, `${latency}`);
  }
});

test('nothing of a rehearsal is heard, and the film is back at its place in time', () => {
  const simulation = waiting({ begins: 8 });
  let moved = false;
  simulation.run(7.1, ({ element }) => {
    moved ||= element.position > 0.1;
    assert.ok(element.paused || element.silenced);
  });

  assert.ok(moved);
  assert.equal(simulation.element.silenced, false);
  assert.ok(simulation.element.position < 0.001);
  assert.equal(simulation.controller.state, 'armed');
});

test('it is rehearsed once, shortly before the film begins', () => {
  const simulation = waiting({ begins: 40 });
  simulation.run(30);
  assert.equal(simulation.orders.filter(({ do: what }) => what === 'play').length, 0);

  simulation.run(9);
  assert.equal(simulation.orders.filter(({ do: what }) => what === 'play').length, 1);
});

test('without the time for it nothing is rehearsed', () => {
  const simulation = waiting({ begins: 3.5 });
  simulation.run(2);

  assert.equal(simulation.orders.filter(({ do: what }) => what === 'play').length, 0);
});

test('who has not entered is not rehearsed, and who leaves, hides or watches alone stops it', () => {
  const outside = new Simulation({ timeline: scheduled(8) });
  outside.load();
  outside.run(6);
  assert.equal(outside.orders.filter(({ do: what }) => what === 'play').length, 0);

  for (const type of /** @type {const} */ (['leave', 'hidden', 'own', 'refused'])) {
    const simulation = waiting({ begins: 8 });
    simulation.run(0.6);
    assert.equal(simulation.element.paused, false, type);
    simulation.tell({ type });
    simulation.run(0.3);

    assert.equal(simulation.element.paused, true, type);
    assert.equal(simulation.element.silenced, false, type);
  }
});

test('a film that is begun at once in the middle of it begins', () => {
  const simulation = waiting({ begins: 8 });
  simulation.run(0.6);
  simulation.order(line(2, 0, 1, simulation.server + 0.7));
  simulation.run(3);

  assert.equal(simulation.element.silenced, false);
  assert.ok(Math.abs(simulation.error) < 0.03, `${simulation.error}`);
});

test('an element that cannot be silenced is not rehearsed', () => {
  const simulation = waiting({ begins: 8 });
  simulation.element.canSilence = false;
  simulation.run(7);
  assert.equal(simulation.orders.filter(({ do: what }) => what === 'play').length, 0);

  simulation.run(2);
  assert.equal(simulation.orders.filter(({ do: what }) => what === 'play').length, 1);
  assert.ok(Math.abs(simulation.error) < 0.03, `${simulation.error}`);
});

test('frames that do not come teach nothing', () => {
  const simulation = waiting({ begins: 8 });
  simulation.element.blind = true;
  simulation.run(4);

  assert.deepEqual(simulation.controller.calibration.figures, new Calibration().figures);
  assert.equal(simulation.element.paused, true);
});

test('after a long pause the start is another, for the sound has to wake', () => {
  for (const pause of [5, 15]) {
    const simulation = waiting({
      begins: 8,
      traits: { latency: 0.09, asleepLatency: 0.03, latencyJitter: 0 },
    });
    simulation.run(12);
    const at = simulation.server + 0.2;
    const position = simulation.timelines.motion(at)?.position ?? NaN;
    simulation.order(line(2, position, 0, at));
    simulation.run(pause);
    const on = simulation.server + 0.6;
    simulation.order(line(3, position, 1, on));
    simulation.run(1.2);

    assert.ok(Math.abs(simulation.error) < 0.012, `${pause} s: ${simulation.error}`);
  }
});
