/** Whatever the device, the line and the room do: the picture converges, and then it is left alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seeded } from './random.js';
import { line, SERVER, Simulation } from './simulation.js';

const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);
const LENGTH = 3600;

/** A device, a clock and a line between good and bad. @param {number} seed */
const anywhere = (seed) => {
  const random = seeded(seed * 7919);
  /** @param {number} low @param {number} high */
  const between = (low, high) => low + (high - low) * random();
  const simulation = new Simulation({
    seed,
    duration: LENGTH,
    timeline: line(1, 0, 1, SERVER - between(10, 600)),
    offset: between(-400, 400),
    drift: between(-1e-4, 1e-4),
    delay: between(0.002, 0.2),
    traits: {
      latency: between(0.01, 0.25),
      latencyJitter: between(0, 0.02),
      seekCost: between(0.03, 0.9),
      seekJitter: between(0, 0.6),
      slip: between(0, 0.006),
      drift: between(-1e-4, 1e-4),
      gulp: between(0, 1) < 0.5 ? 0 : between(0.003, 0.022),
      pattern: between(0, 0.008),
    },
  });
  simulation.load();
  simulation.run(1);
  simulation.enter();
  return { simulation, between };
};

/** @param {Simulation} simulation @param {string} what */
const ordersOf = (simulation, what, since = 0) =>
  simulation.orders.filter((order) => order.do === what && order.at >= since);

/**
 * Demand that it is in step from now on, with nothing that anybody would notice.
 *
 * @param {Simulation} simulation
 * @param {string} name
 */
const assertSteady = (simulation, name, seconds = 60) => {
  const since = simulation.server;
  let worst = 0;
  simulation.run(seconds, ({ error }) => {
    worst = Math.max(worst, Math.abs(error));
  });

  assert.ok(worst < 0.03, `${name}: ${worst}`);
  assert.equal(ordersOf(simulation, 'seek', since).length, 0, name);
  const rates = ordersOf(simulation, 'rate', since);
  assert.ok(rates.length <= 2 * Math.ceil(seconds / 5), `${name}: ${rates.length} changes of the rate`);
  assert.ok(
    rates.every(({ rate = NaN }) => Math.abs(rate - 1) < 0.0201),
    name,
  );
};

test('from anywhere it converges, and then it is left alone', () => {
  for (const seed of SEEDS) {
    const { simulation, between } = anywhere(seed);
    simulation.run(3);
    simulation.element.position += between(-5, 5);
    simulation.run(14);

    assertSteady(simulation, `seed ${seed}`);
  }
});

test('it converges after data that came and went', () => {
  for (const seed of SEEDS) {
    const { simulation, between } = anywhere(seed);
    for (let i = 0; i < 6; i += 1) {
      simulation.run(between(0.2, 4));
      simulation.element.dry = !simulation.element.dry;
    }
    simulation.element.dry = false;
    simulation.run(16);

    assertSteady(simulation, `seed ${seed}`, 30);
  }
});

test('it converges after whatever was ordered, however fast', () => {
  for (const seed of SEEDS) {
    const { simulation, between } = anywhere(seed);
    simulation.run(3);
    for (let revision = 2; revision <= 11; revision += 1) {
      const instant = simulation.server + between(0.15, 1.5);
      const rate = revision < 11 && between(0, 1) < 0.3 ? 0 : 1;
      simulation.order(line(revision, between(0, 600), rate, instant));
      simulation.run(between(0.05, 3));
    }
    simulation.run(16);

    assertSteady(simulation, `seed ${seed}`, 30);
  }
});

test('it converges after having been hidden, asleep, and on its own', () => {
  for (const seed of SEEDS) {
    const { simulation, between } = anywhere(seed);
    simulation.run(3);
    simulation.tell({ type: 'hidden' });
    simulation.element.position += between(-1, 1);
    simulation.run(between(0, 10));
    simulation.tell({ type: 'visible' });
    simulation.run(between(0, 3));
    simulation.now += between(0, 100);
    simulation.run(between(0, 3));
    simulation.tell({ type: 'own' });
    simulation.run(between(0, 5));
    simulation.tell({ type: 'back' });
    simulation.run(14);

    assertSteady(simulation, `seed ${seed}`, 30);
  }
});

test('through two hours of clocks and a sound device that drift it is left alone', () => {
  for (const [clock, device] of [
    [1.2e-4, -1e-4],
    [-1.2e-4, 1e-4],
    [1e-4, 1e-4],
  ]) {
    const simulation = new Simulation({
      duration: 3 * 3600,
      timeline: line(1, 0, 1, SERVER - 60),
      drift: clock,
      delay: 0.1,
      traits: { latency: 0.07, drift: device },
    });
    simulation.load();
    simulation.run(1);
    simulation.enter();
    simulation.run(20);

    assertSteady(simulation, `${clock} ${device}`, 2 * 3600);
  }
});
