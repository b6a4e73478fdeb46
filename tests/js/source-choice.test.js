// @ts-check
/** Which source a picture comes from. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Starvation, showsLive, wantsLive } from '../../static/js/player/source-choice.js';

const OFFER = /** @type {const} */ ({
  preference: 'auto',
  own: false,
  file: true,
  live: true,
  starved: false,
});

test('the file is played while it can be', () => {
  assert.equal(wantsLive(OFFER), false);
  assert.equal(wantsLive({ ...OFFER, file: false }), true);
  assert.equal(wantsLive({ ...OFFER, starved: true }), true);
});

test('the viewer’s wish counts, where there is what they wish', () => {
  assert.equal(wantsLive({ ...OFFER, preference: 'live' }), true);
  assert.equal(wantsLive({ ...OFFER, preference: 'live', live: false }), false);
  assert.equal(wantsLive({ ...OFFER, preference: 'file', starved: true }), false);
  assert.equal(wantsLive({ ...OFFER, preference: 'file', file: false }), false);
});

test('who watches on their own has the file, if there is one', () => {
  assert.equal(wantsLive({ ...OFFER, preference: 'live', own: true }), false);
  assert.equal(wantsLive({ ...OFFER, preference: 'live', own: true, file: false }), true);
});

test('the file stands in until frames come, and while the server cannot keep up', () => {
  const stream = { file: true, ready: true, behind: false, tried: true, asked: 9 };

  assert.equal(showsLive(stream), true);
  assert.equal(showsLive({ ...stream, behind: true }), false);
  assert.equal(showsLive({ ...stream, ready: false }), false);
  assert.equal(showsLive({ ...stream, ready: false, file: false }), true);
  assert.equal(showsLive({ ...stream, behind: true, file: false }), true);
});

test('a stream that was never there may take a moment', () => {
  const stream = { file: true, ready: false, behind: false, tried: false };

  assert.equal(showsLive({ ...stream, asked: 1.4 }), true);
  assert.equal(showsLive({ ...stream, asked: 1.6 }), false);
});

/** @param {Starvation} starvation @param {number} from @param {number} until @param {object} [more] */
const starve = (starvation, from, until, more = {}) => {
  for (let now = from; now <= until; now += 0.25) {
    starvation.note({ now, lacksData: true, bitRate: undefined, ...more });
  }
  return starvation.found;
};

test('a file is starved after seconds without data, and stays so', () => {
  const starvation = new Starvation();
  assert.equal(starve(starvation, 100, 105.75), false);
  starvation.note({ now: 106, lacksData: false, bitRate: undefined });
  assert.equal(starve(starvation, 106.25, 112), false);
  assert.equal(starve(starvation, 112.25, 112.25), true);

  starvation.note({ now: 113, lacksData: false, bitRate: undefined });
  assert.equal(starvation.found, true);
});

test('a line that could not carry the stream does not make one wish for it', () => {
  assert.equal(starve(new Starvation(), 100, 120, { bitRate: 1e6 }), false);
  assert.equal(starve(new Starvation(), 100, 120, { bitRate: 5e6 }), true);
});

test('after the stream broke the file is given a minute', () => {
  const starvation = new Starvation();
  starve(starvation, 100, 107);
  starvation.reset(110);
  assert.equal(starvation.found, false);
  assert.equal(starve(starvation, 110, 169.75), false);
  assert.equal(starve(starvation, 170, 170), true);
});
