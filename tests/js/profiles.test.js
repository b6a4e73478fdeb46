/** By which rules which browser is steered, and that Safari is hardly ever touched. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Calibration } from '../../static/js/sync/calibration.js';
import { FRAMES, profileOf, SAFARI, SAMPLES } from '../../static/js/sync/profiles.js';
import { RateControl } from '../../static/js/sync/rate-control.js';

const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const BROWSERS = {
  safari: `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/17.4 Safari/605.1.15`,
  iphone: `Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) ${WEBKIT} Version/17.4 Mobile/15E148 Safari/604.1`,
  chromeOnPhone: `Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) ${WEBKIT} CriOS/126.0 Mobile/15E148 Safari/604.1`,
  chrome:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
};
const TELLS = /** @type {any} */ ({ requestVideoFrameCallback: () => 0 });

/**
 * Steer a picture that is and stays off by `error`; return when it was given which rates.
 *
 * @param {import('../../static/js/sync/profiles.js').Profile} profile
 * @param {number} error  s
 * @param {number} seconds
 */
const steered = (profile, error, seconds) => {
  const rateControl = new RateControl(profile, new Calibration());
  rateControl.restart(1, 0);
  /** @type {{now: number, rate: number}[]} */
  const rates = [];
  for (let now = 0.1; now < seconds; now += 0.1) {
    rateControl.add(error - profile.bias, now);
    rateControl.watch(error, now);
    const steady = rateControl.steadyError(now);
    if (steady !== null) {
      rateControl.correct(steady, now);
    }
    if (rateControl.rate !== (rates.at(-1)?.rate ?? 1)) {
      rates.push({ now, rate: rateControl.rate });
    }
  }
  return rates;
};

test('each browser gets the rules that it needs', () => {
  const rules = Object.values(BROWSERS).map((userAgent) => profileOf(TELLS, userAgent));

  assert.deepEqual(rules, [SAFARI, SAFARI, SAFARI, FRAMES, FRAMES]);
});

test('a browser that does not tell of its frames is asked where it is', () => {
  assert.equal(profileOf(/** @type {any} */ ({}), BROWSERS.firefox), SAMPLES);
});

test('without frames a picture is left alone within 25 ms', () => {
  assert.deepEqual(steered(SAMPLES, -0.024, 60), []);
  assert.ok(steered(SAMPLES, -0.03, 10)[0]?.rate > 1);
});

test('in Safari a picture is left alone within 150 ms', () => {
  assert.deepEqual(steered(SAFARI, 0.149, 120), []);
});

test('in Safari a nudge is one large step, and the next one comes half a minute later', () => {
  const rates = steered(SAFARI, -0.2, 50);

  assert.deepEqual(
    rates.map(({ rate }) => rate),
    [1.05, 1, 1.05],
  );
  assert.ok(rates[2].now - rates[1].now >= 30);
});

test('the table in the docs is the one that pictures are steered by', async () => {
  const words = await readFile(new URL('../../docs/03-step.md', import.meta.url), 'utf8');
  const upTo = (/** @type {number} */ seconds) => `up to ${Math.round(seconds * 1000)} ms`;
  const { fine, deadZone, steps } = FRAMES;

  assert.match(words, new RegExp(`${upTo(deadZone)} \\| nothing: .* only ${upTo(fine)}, `));
  for (const [limit, step] of steps.filter(([most]) => most < Infinity)) {
    assert.ok(words.includes(`${upTo(limit)} | ${step * 100} %`), upTo(limit));
  }
});
