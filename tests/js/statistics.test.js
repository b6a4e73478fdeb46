// @ts-check
/** What a history comes to in figures, and where the plot draws it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEAD_ZONE_S } from '../../static/js/sync/thresholds.js';
import { plotOf } from '../../static/js/ui/stats/plot.js';
import { corrections, percentile, statisticsOf } from '../../static/js/ui/stats/statistics.js';

/** @typedef {import('../../static/js/player/history.js').Sample} Sample */

/** @param {number} at @param {number | null} error @param {Sample['method']} [method] @returns {Sample} */
const sample = (at, error, method = 'none') => ({
  at,
  error,
  offset: 1000,
  bound: 0.01,
  state: 'locked',
  method,
});

/** @param {number} from @param {number} count @param {number} error @returns {Sample[]} four a second */
const steady = (from, count, error) => Array.from({ length: count }, (_, n) => sample(from + n / 4, error));

const FRAME = { width: 300, height: 100 };

test('a percentile is one of the values, and of none there is none', () => {
  assert.equal(percentile([5, 1, 3, 2, 4], 0.5), 3);
  assert.equal(percentile([5, 1, 3, 2, 4], 0.95), 5);
  assert.equal(percentile([7], 0), 7);
  assert.equal(percentile([], 0.5), null);
});

test('behind and ahead count alike, and what was not measured does not count', () => {
  const account = statisticsOf([sample(0, -0.02), sample(1, 0.01), sample(2, null), sample(3, 0.03)]);

  assert.deepEqual(account, { p50: 0.02, p95: 0.03, worst: 0.03, nudges: 0, seeks: 0, span: 3 });
});

test('nothing measured is no account', () => {
  assert.equal(statisticsOf([]), null);
  assert.equal(statisticsOf([sample(0, null)]), null);
});

test('a correction counts once however long it lasts', () => {
  const methods = /** @type {Sample['method'][]} */ (['seek', 'seek', 'rate', 'none', 'rate', 'rate']);
  const samples = methods.map((method, at) => sample(at, 0, method));

  assert.deepEqual(corrections(samples), [
    { at: 0, method: 'seek' },
    { at: 2, method: 'rate' },
    { at: 4, method: 'rate' },
  ]);
  assert.equal(statisticsOf(samples)?.nudges, 2);
});

test('perfect step is drawn in the middle, ahead above and behind below', () => {
  const { lines, zero } = plotOf([sample(0, 0), sample(0.5, 0.025), sample(1, -0.025)], { ...FRAME, now: 1 });

  assert.equal(zero, 50);
  assert.deepEqual(lines, ['M295.0 50.0L297.5 0.0L300.0 100.0']);
});

test('one late moment is cut at the edge and does not flatten the rest', () => {
  const { range, lines } = plotOf([...steady(0, 99, 0.01), sample(24.75, -12)], { ...FRAME, now: 24.75 });

  assert.equal(range, 0.025);
  assert.match(lines[0] ?? '', /L300\.0 100\.0$/);
});

test('who is far off gets a plot that reaches as far', () => {
  assert.equal(plotOf(steady(0, 40, -0.7), { ...FRAME, now: 10 }).range, 1);
  assert.equal(plotOf(steady(0, 40, 90), { ...FRAME, now: 10 }).range, 5);
});

test('what was not measured leaves a gap', () => {
  const samples = [...steady(0, 4, 0), sample(1, null), ...steady(3, 4, 0)];

  assert.equal(plotOf(samples, { ...FRAME, now: 4 }).lines.length, 2);
});

test('a young history fills the plot, an old one moves out of it at the left', () => {
  const spans = [10, 90, 250, 900].map((now) => plotOf(steady(0, 4 * now, 0), { ...FRAME, now }).span);
  const old = plotOf([sample(0, 0), sample(299, 0)], { ...FRAME, now: 310 });

  assert.deepEqual(spans, [60, 120, 300, 300]);
  assert.equal(old.lines.length, 1);
});

test('the dead zone lies around the middle, as high as it is', () => {
  const { zone, range } = plotOf([], { ...FRAME, now: 0 });

  assert.equal(zone.top + zone.height / 2, 50);
  assert.equal(zone.height, 100 * (DEAD_ZONE_S / range));
});

test('nothing at all is an empty plot', () => {
  const { lines, marks, range } = plotOf([], { ...FRAME, now: 5 });

  assert.deepEqual([lines, marks, range], [[], [], 0.025]);
});

test('marks stand where a correction began', () => {
  const { marks } = plotOf([sample(0, 0), sample(30, 0, 'rate')], { ...FRAME, now: 60 });

  assert.deepEqual(marks, [{ x: 150, method: 'rate' }]);
});
