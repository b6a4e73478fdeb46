// @ts-check
/** The table of states: what it allows, that the controller keeps to it, and that the docs show it. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { SyncMachine, TRANSITIONS } from '../../static/js/sync/sync-state.js';
import { seeded } from './random.js';
import { line, SERVER, Simulation } from './simulation.js';

/** @typedef {import('../../static/js/sync/sync-state.js').State} State */
/** @typedef {import('../../static/js/sync/sync-state.js').Step} Step */

const STATES = /** @type {State[]} */ (Object.keys(TRANSITIONS));
const EVENTS = /** @type {const} */ ([
  'emptied',
  'enter',
  'leave',
  'unblock',
  'refused',
  'own',
  'back',
  'resync',
  'waiting',
  'playing',
  'pause',
  'seeked',
  'canplay',
  'ended',
  'visible',
  'hidden',
]);

/** The steps of the table, and where each leads from which states, as the docs show it. */
const tableOfDocs = () => {
  const steps = /** @type {Step[]} */ ([
    ...new Set(STATES.flatMap((state) => Object.keys(TRANSITIONS[state]))),
  ]);
  const rows = steps.flatMap((step) =>
    [...new Set(STATES.flatMap((state) => TRANSITIONS[state][step] ?? []))].map((next) => {
      const from = STATES.filter((state) => TRANSITIONS[state][step] === next);
      return `| ${step} | ${from.length === STATES.length ? 'every state' : from.join(', ')} | ${next} |`;
    }),
  );
  return ['| step | from | to |', '|---|---|---|', ...rows].join('\n');
};

test('the table in the docs is the one that the page keeps to', async () => {
  const words = await readFile(new URL('../../docs/03-step.md', import.meta.url), 'utf8');

  assert.ok(words.includes(`${tableOfDocs()}\n`), `docs/03-step.md should say:\n${tableOfDocs()}`);
});

test('every state can be reached and left', () => {
  const reached = new Set(STATES.flatMap((state) => Object.values(TRANSITIONS[state])));

  assert.deepEqual([...reached].sort(), [...STATES].sort());
});

test('a step that the table does not know changes nothing and is remembered', () => {
  const machine = new SyncMachine();
  machine.step('start');
  machine.step('cue');
  for (let i = 0; i < 20; i += 1) {
    machine.step('sync');
  }

  assert.equal(machine.state, 'preroll');
  assert.deepEqual(machine.illegal, ['idle start', ...Array(7).fill('preroll sync')]);
});

test('only what is cued or played is called so', () => {
  const machine = new SyncMachine();
  const groups = STATES.map((state) => {
    machine.state = state;
    return [state, machine.cued ? 'cued' : machine.playing ? 'playing' : 'neither'];
  });

  assert.deepEqual(Object.fromEntries(groups), {
    idle: 'neither',
    preroll: 'cued',
    armed: 'cued',
    paused: 'cued',
    starting: 'playing',
    locked: 'playing',
    nudge: 'playing',
    stalled: 'playing',
    background: 'playing',
    blocked: 'neither',
    own: 'neither',
  });
});

test('before the clock is known nothing is called ready', () => {
  const machine = new SyncMachine();
  const shown = STATES.map((state) => {
    machine.state = state;
    return [machine.shown(false), machine.shown(true)];
  });

  assert.deepEqual(shown, [
    ['clock', 'preroll'],
    ['clock', 'preroll'],
    ['clock', 'armed'],
    ['clock', 'paused'],
    ...['armed', 'locked', 'nudge', 'stalled', 'background', 'blocked', 'own'].map((state) => [state, state]),
  ]);
});

test('whatever happens to a picture, the controller keeps to the table, and comes back in sync', () => {
  const seen = new Set();
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = seeded(seed * 104729);
    const simulation = new Simulation({ seed, timeline: line(1, 0, 1, SERVER - 20), duration: 3600 });
    const { controller, element } = simulation;
    /** @param {number} seconds */
    const run = (seconds) => simulation.run(seconds, () => seen.add(controller.state));
    simulation.load();
    run(0.5);
    simulation.enter();
    for (let i = 2; i < 22; i += 1) {
      const kind = random();
      if (kind < 0.3) {
        simulation.order(line(i, 600 * random(), random() < 0.7 ? 1 : 0, simulation.server + random()));
      } else if (kind < 0.4) {
        element.dry = !element.dry;
      } else if (kind < 0.45) {
        simulation.now += 30 * random();
      } else {
        simulation.tell({ type: EVENTS[Math.floor(random() * EVENTS.length)] ?? 'tick' });
      }
      run(3 * random());
    }
    element.dry = false;
    simulation.order(line(30, 100, 1, simulation.server + 0.5));
    for (const type of /** @type {const} */ (['visible', 'back', 'enter', 'resync'])) {
      simulation.tell({ type });
    }
    run(12);

    assert.deepEqual(controller.illegalSteps, [], `seed ${seed}`);
    assert.ok(Math.abs(simulation.error) < 0.03, `seed ${seed}: ${simulation.error} ${controller.state}`);
  }
  assert.equal(seen.size, 10, [...seen].join());
});
