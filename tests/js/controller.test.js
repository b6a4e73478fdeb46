import assert from 'node:assert/strict';
import { test } from 'node:test';

import { line, SERVER, Simulation } from './simulation.js';

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

/** @param {number} inSeconds */
const scheduled = (inSeconds) => line(1, 0, 1, SERVER + inSeconds);

/**
 * Somebody who entered, with the film loaded, and as long in the lobby as said.
 *
 * @param {import('./simulation.js').About & {after?: number}} about
 */
const joined = ({ after = 5, ...about }) => {
  const simulation = new Simulation(about);
  simulation.load();
  simulation.run(1);
  simulation.enter();
  simulation.run(after);
  return simulation;
};

/** @param {Simulation} simulation @param {string} what */
const count = (simulation, what) => simulation.orders.filter((order) => order.do === what).length;

/**
 * The largest error while `seconds` pass.
 *
 * @param {Simulation} simulation
 * @param {number} seconds
 */
const worst = (simulation, seconds) => {
  let error = 0;
  simulation.run(seconds, () => {
    error = Math.max(error, Math.abs(simulation.error));
  });
  return error;
};

test('the clock comes first', () => {
  const simulation = new Simulation({ timeline: scheduled(5) });
  simulation.load();
  simulation.enter();

  assert.equal(simulation.controller.state, 'clock');
  assert.deepEqual(simulation.orders, []);
});

test('before the film begins it is held on its first frame', () => {
  const simulation = joined({ timeline: scheduled(30), after: 10 });

  assert.equal(simulation.controller.state, 'armed');
  assert.equal(simulation.element.paused, true);
  assert.ok(simulation.element.position < 0.001);
});

test('nobody who has not entered is played anything', () => {
  const simulation = new Simulation({ timeline: scheduled(2) });
  simulation.load();
  simulation.run(10);

  assert.equal(count(simulation, 'play'), 0);
  assert.equal(simulation.controller.state, 'preroll');
});

test('who is not let in after all is played nothing', () => {
  for (const begins of [3, -20]) {
    const simulation = new Simulation({ timeline: scheduled(begins) });
    simulation.load();
    simulation.enter();
    simulation.run(2);
    simulation.tell({ type: 'leave' });
    simulation.run(4);

    assert.equal(simulation.element.paused, true, `begins in ${begins} s`);
    assert.equal(simulation.controller.state, 'preroll');
  }
});

test('the film begins at its time', () => {
  for (const seed of SEEDS) {
    const simulation = joined({ seed, timeline: scheduled(6), after: 4 });
    simulation.run(1.5);

    assert.ok(Math.abs(simulation.error) < 0.03, `seed ${seed}: ${simulation.error}`);
    assert.equal(count(simulation, 'seek'), 2, 'one to the place, one back after the rehearsal');
  }
});

test('what the gulps of the sound do to a start is made good within a second, whatever the frames say', () => {
  const traits = { latency: 0.06, latencyJitter: 0.01, gulp: 1024 / 48000, pattern: 0.01 };
  for (const seed of SEEDS) {
    const simulation = joined({ seed, traits, delay: 0.002, timeline: scheduled(-20) });
    for (const revision of [2, 4, 6]) {
      simulation.order({
        ...line(revision, simulation.film + 0.3, 0, simulation.server + 0.3),
        reason: 'pause',
      });
      simulation.run(1 + seed / 7);
      const { lead } = simulation.controller.calibration;
      simulation.order(line(revision + 1, simulation.film, 1, simulation.server + 0.5));
      simulation.run(0.5 + 0.75);

      assert.ok(Math.abs(simulation.error + lead) < 0.006, `seed ${seed}: ${simulation.error}`);
      simulation.run(5);
    }
    assert.ok(
      simulation.orders.every(({ rate = 1 }) => Math.abs(rate - 1) < 0.0201),
      `seed ${seed}`,
    );
  }
});

test('a start that came out well is not held to answer for what happens a moment later', () => {
  for (const seed of SEEDS) {
    const simulation = joined({ seed, delay: 0.002, timeline: scheduled(-20), after: 0 });
    while (count(simulation, 'play') === 0) {
      simulation.run(0.01);
    }
    simulation.run(0.4);
    const seeks = count(simulation, 'seek');
    simulation.element.position -= 0.28;
    simulation.run(3);

    assert.equal(count(simulation, 'seek'), seeks, `seed ${seed}`);
    assert.equal(simulation.controller.state, 'nudge', `seed ${seed}`);
  }
});

test('a latecomer is in step within two seconds', () => {
  for (const seed of SEEDS) {
    const simulation = joined({ seed, timeline: scheduled(-20), after: 2 });

    assert.ok(worst(simulation, 5) < 0.04, `seed ${seed}`);
    assert.equal(simulation.controller.state, 'locked');
  }
});

test('it gets into step from anywhere, and stays without a seek', () => {
  for (const seed of SEEDS) {
    const traits = {
      latency: 0.02 + (seed % 5) * 0.05,
      seekCost: 0.05 + (seed % 7) * 0.15,
      slip: 0.005,
      drift: (seed % 3) * 5e-5,
    };
    const simulation = joined({ seed, traits, timeline: scheduled(-10), after: 2, duration: 1000 });
    simulation.element.position += (seed - 10) * 0.25;
    simulation.run(12);
    const seeks = count(simulation, 'seek');

    assert.ok(worst(simulation, 30) < 0.025, `seed ${seed}`);
    assert.equal(count(simulation, 'seek'), seeks, `seed ${seed}`);
  }
});

test('corrections die out', () => {
  for (const seed of SEEDS) {
    const simulation = joined({
      seed,
      traits: { slip: 0.004 },
      timeline: scheduled(-10),
      after: 20,
      duration: 1000,
    });
    const rates = count(simulation, 'rate');
    simulation.run(60);

    assert.ok(count(simulation, 'rate') - rates <= 2, `seed ${seed}`);
  }
});

test('a small error is nudged away, a large one is not waited for', () => {
  const small = joined({ timeline: scheduled(-10), after: 5 });
  const seeks = count(small, 'seek');
  small.element.position -= 0.1;
  small.run(8);

  assert.ok(Math.abs(small.error) < 0.015, `${small.error}`);
  assert.equal(count(small, 'seek'), seeks);
  assert.ok(count(small, 'rate') >= 2);

  const large = joined({ timeline: scheduled(-10), after: 5 });
  large.element.position -= 1;
  large.run(2.5);

  assert.ok(Math.abs(large.error) < 0.04, `${large.error}`);
  assert.equal(count(large, 'seek'), seeks + 1);
});

test('a nudge keeps no pitch, a film at another rate does', () => {
  const simulation = joined({ timeline: line(1, 0, 1.5, SERVER - 10), after: 5 });
  assert.deepEqual(
    simulation.orders.find((order) => order.do === 'rate'),
    {
      do: 'rate',
      rate: 1.5,
      pitch: true,
      at: simulation.orders.find((order) => order.do === 'rate')?.at,
    },
  );

  const usual = joined({ timeline: scheduled(-10), after: 5 });
  usual.element.position -= 0.1;
  usual.run(2);
  assert.equal(usual.orders.find((order) => order.do === 'rate')?.pitch, false);
});

test('a pause lands on the ordered position, and play goes on from there at its instant', () => {
  for (const seed of SEEDS) {
    const simulation = joined({ seed, timeline: scheduled(-10), after: 4 });
    const at = simulation.server + 0.2;
    simulation.order(line(2, at - SERVER + 10, 0, at));
    simulation.run(2);

    assert.equal(simulation.controller.state, 'paused');
    assert.ok(Math.abs(simulation.error) < 1e-4, `seed ${seed}: ${simulation.error}`);
    assert.ok(Math.abs(simulation.controller.error(simulation.now, simulation.element.state) ?? NaN) < 1e-3);

    const seeks = count(simulation, 'seek');
    const on = simulation.server + 0.6;
    simulation.order(line(3, at - SERVER + 10, 1, on));
    simulation.run(1.2);

    assert.ok(worst(simulation, 5) < 0.03, `seed ${seed}`);
    assert.equal(count(simulation, 'seek'), seeks);
  }
});

test('until its instant a pause changes nothing', () => {
  const simulation = joined({ timeline: scheduled(-10), after: 4 });
  const at = simulation.server + 0.4;
  simulation.order(line(2, at - SERVER + 10, 0, at));
  simulation.run(0.35);
  assert.equal(simulation.element.paused, false);

  simulation.run(0.1);
  assert.equal(simulation.element.paused, true);
});

test('a seek is there at its instant', () => {
  for (const seed of SEEDS) {
    for (const place of [5, 60]) {
      const simulation = joined({ seed, timeline: scheduled(-20), after: 4 });
      const at = simulation.server + 0.9;
      simulation.order(line(2, place, 1, at));
      simulation.run(1);

      assert.ok(worst(simulation, 4) < 0.05, `seed ${seed} to ${place}`);
    }
  }
});

test('a seek heard too late is made up for', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 4, delay: 0.9 });
  const at = simulation.server + 0.7;
  simulation.order(line(2, 60, 1, at));
  simulation.run(3);

  assert.ok(Math.abs(simulation.error) < 0.05, `${simulation.error}`);
});

test('a seek while paused shows the ordered place and stays paused', () => {
  const simulation = joined({ timeline: line(1, 30, 0, SERVER - 5), after: 2 });
  simulation.order(line(2, 70, 0, simulation.server + 0.7));
  simulation.run(2);

  assert.equal(simulation.controller.state, 'paused');
  assert.ok(Math.abs(simulation.element.position - 70) < 1e-4);
  assert.equal(count(simulation, 'play'), 0);
});

test('a seek from a pause straight into play is there at its instant', () => {
  const simulation = joined({ timeline: line(1, 30, 0, SERVER - 5), after: 2 });
  simulation.order(line(2, 70, 1, simulation.server + 0.8));
  simulation.run(1.5);

  assert.ok(worst(simulation, 3) < 0.04);
});

test('another rate is kept in step', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 4, duration: 1000 });
  const at = simulation.server + 0.6;
  simulation.order(line(2, at - SERVER + 20, 1.5, at));
  simulation.run(4);

  assert.equal(simulation.element.rate, 1.5);
  assert.ok(worst(simulation, 10) < 0.03);
});

test('a paused film goes on at the rate that was set meanwhile, from its first frame', () => {
  const simulation = joined({ timeline: line(1, 30, 0, SERVER - 5), after: 2 });
  simulation.order(line(2, 30, 2, simulation.server + 0.6));
  simulation.run(0.58);
  assert.equal(simulation.element.rate, 2);

  simulation.run(0.4);
  assert.ok(worst(simulation, 5) < 0.04);
});

test('commands in quick succession end where the last one says', () => {
  for (const seed of SEEDS) {
    const simulation = joined({ seed, timeline: scheduled(-20), after: 4 });
    const last = { revision: 1, position: 20, rate: 1, instant: SERVER };
    let moving = true;
    for (let revision = 2; revision <= 11; revision += 1) {
      const kind = simulation.random();
      moving = kind < 0.5 ? moving : !moving;
      const instant = simulation.server + 0.3 + simulation.random() * 0.5;
      const position = kind < 0.5 ? Math.floor(simulation.random() * 100) : 30;
      Object.assign(last, line(revision, position, moving ? 1 : 0, instant));
      simulation.order({ ...last });
      simulation.run(0.1 + simulation.random() * 0.3);
    }
    simulation.run(5);

    assert.equal(simulation.timelines.inForce(simulation.server)?.revision, 11);
    assert.ok(Math.abs(simulation.error) < 0.04, `seed ${seed}: ${simulation.error}`);
    assert.equal(simulation.element.paused, !moving);
  }
});

test('after a stall it is back within a second and a half', () => {
  for (const seconds of [0.3, 0.8, 2, 4.5]) {
    const simulation = joined({ timeline: scheduled(-20), after: 6 });
    simulation.element.dry = true;
    simulation.run(seconds);
    assert.equal(simulation.controller.state, seconds > 3 ? 'preroll' : 'stalled');

    simulation.element.dry = false;
    simulation.run(1.5);
    assert.ok(Math.abs(simulation.error) < 0.04, `${seconds} s: ${simulation.error}`);
  }
});

test('a seek that takes longer than foreseen is made good', () => {
  for (const seekCost of [0.6, 1, 1.4]) {
    const simulation = joined({ traits: { seekCost, seekJitter: 0.1 }, timeline: scheduled(-20), after: 8 });

    assert.ok(Math.abs(simulation.error) < 0.04, `${seekCost} s: ${simulation.error}`);
  }
});

test('at the end the film stays at its end', () => {
  const simulation = joined({ timeline: scheduled(-115), after: 10 });

  assert.equal(simulation.controller.state, 'paused');
  assert.equal(simulation.element.position, 120);

  const seeks = count(simulation, 'seek');
  simulation.run(20);
  assert.equal(count(simulation, 'seek'), seeks);

  simulation.order(line(2, 40, 1, simulation.server + 0.8));
  simulation.run(3);
  assert.ok(Math.abs(simulation.error) < 0.03);
});

test('who comes after the end sees the last frame', () => {
  const simulation = joined({ timeline: scheduled(-500), after: 3 });

  assert.equal(simulation.controller.state, 'paused');
  assert.equal(simulation.element.position, 120);
  assert.equal(count(simulation, 'play'), 0);
});

test('who comes in the last moment sees the end too', () => {
  for (const left of [0.1, 0.3, 0.6, 1]) {
    const simulation = joined({ timeline: scheduled(-119 + left), after: 4 });

    assert.equal(simulation.controller.state, 'paused', `${left} s left`);
    assert.ok(simulation.orders.length < 8);
  }
});

test('a countdown that is paused holds, and goes on', () => {
  const simulation = joined({ timeline: scheduled(10), after: 2 });
  simulation.order(line(2, -6, 0, simulation.server + 0.2));
  simulation.run(10);
  assert.equal(simulation.controller.state, 'paused');

  simulation.order(line(3, -6, 1, simulation.server + 0.5));
  simulation.run(3);
  assert.equal(simulation.controller.state, 'armed');

  simulation.run(5);
  assert.ok(Math.abs(simulation.error) < 0.03);
});

test('a clock minutes off and 100 ppm wrong makes no difference', () => {
  for (const [offset, drift] of [
    [300, 1e-4],
    [-200, -1e-4],
  ]) {
    const simulation = joined({ timeline: scheduled(6), after: 5, offset, drift });
    simulation.run(2);

    assert.ok(worst(simulation, 60) < 0.03, `${offset}`);
    assert.equal(count(simulation, 'seek'), 2);
  }
});

test('refused to play, it waits for a click and then joins', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 1 });
  simulation.tell({ type: 'refused' });
  simulation.element.paused = true;
  simulation.run(5);
  assert.equal(simulation.controller.state, 'blocked');

  simulation.tell({ type: 'unblock' });
  simulation.run(2.5);
  assert.ok(Math.abs(simulation.error) < 0.03);
});

test('stopped by somebody else it goes on', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  simulation.element.obey({ do: 'pause' }, simulation.now);
  simulation.tell({ type: 'pause' });
  simulation.run(3);

  assert.equal(simulation.element.paused, false);
  assert.ok(Math.abs(simulation.error) < 0.03);
});

test('in the background little is left alone, and made good when it is seen again', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  simulation.tell({ type: 'hidden' });
  simulation.element.position -= 0.15;
  const orders = simulation.orders.length;
  simulation.run(10);

  assert.equal(simulation.controller.state, 'background');
  assert.equal(simulation.orders.length, orders);

  simulation.tell({ type: 'visible' });
  simulation.run(10);
  assert.ok(Math.abs(simulation.error) < 0.03);
});

test('in the background more is nudged away, and much is made up for', () => {
  for (const away of [0.3, 3]) {
    const simulation = joined({ timeline: scheduled(-20), after: 5, duration: 1000 });
    const seeks = count(simulation, 'seek');
    simulation.tell({ type: 'hidden' });
    simulation.element.position -= away;
    simulation.run(25);

    assert.equal(simulation.controller.state, 'background');
    assert.ok(Math.abs(simulation.error) < 0.2, `${away} s: ${simulation.error}`);
    assert.equal(count(simulation, 'seek') - seeks, away > 1 ? 1 : 0);
  }
});

test('seen again, a picture that is far off is brought at once', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  simulation.tell({ type: 'hidden' });
  simulation.element.position -= 0.6;
  simulation.tell({ type: 'visible' });
  assert.equal(simulation.controller.method, 'seek');

  simulation.run(1);
  assert.ok(Math.abs(simulation.error) < 0.03);
});

test('after a sleep it is in step within a second', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  simulation.now += 30;
  simulation.tickAt = simulation.now;
  simulation.run(1);

  assert.ok(Math.abs(simulation.error) < 0.04, `${simulation.error}`);
});

test('a picture that shows no frames is not called in step, and its error is what one sees', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  simulation.element.blind = true;
  simulation.run(3);
  const { controller, element, now } = simulation;

  assert.equal(controller.state, 'stalled');
  assert.ok(Math.abs((controller.error(now, element.state) ?? NaN) + 3) < 0.1);

  element.blind = false;
  simulation.run(0.5);
  assert.equal(controller.state, 'locked');
});

test('a picture that lags far behind its own sound is brought', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  const seeks = count(simulation, 'seek');
  simulation.element.lag = 3;
  simulation.run(1);

  assert.equal(count(simulation, 'seek'), seeks + 1);
});

test('on its own it is left alone, and comes back to where the room is', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  simulation.tell({ type: 'own' });
  const orders = simulation.orders.length;
  simulation.element.position = 3;
  simulation.element.rate = 2;
  simulation.order(line(2, 60, 1, simulation.server + 0.7));
  simulation.run(5);
  assert.equal(simulation.controller.state, 'own');
  assert.equal(simulation.orders.length, orders);

  simulation.tell({ type: 'back' });
  simulation.run(1.5);
  assert.ok(Math.abs(simulation.element.rate - 1) < 0.011);
  assert.ok(Math.abs(simulation.error) < 0.03);
});

test('told to, it is brought into step at once', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  simulation.element.position -= 0.3;
  simulation.tell({ type: 'resync' });
  simulation.run(1);

  assert.ok(Math.abs(simulation.error) < 0.03);
});

test('another film in the element is brought to the same place', () => {
  const simulation = joined({ timeline: scheduled(-20), after: 5 });
  simulation.element.paused = true;
  simulation.element.readyState = 0;
  simulation.element.position = 0;
  simulation.tell({ type: 'emptied' });
  simulation.run(1);
  simulation.load();
  simulation.run(3);

  assert.ok(Math.abs(simulation.error) < 0.03);
});
