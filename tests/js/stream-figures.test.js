// @ts-check
/** The figures of a stream, from what a peer connection has counted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countsOf, figuresBetween } from '../../static/js/player/stream-figures.js';

/** @param {object} [video] @param {object} [pair] */
const reports = (video = {}, pair = {}) => [
  { type: 'codec' },
  {
    type: 'inbound-rtp',
    kind: 'video',
    bytesReceived: 1000,
    packetsReceived: 90,
    packetsLost: 0,
    jitterBufferDelay: 10,
    jitterBufferEmittedCount: 50,
    framesReceived: 50,
    ...video,
  },
  { type: 'inbound-rtp', kind: 'audio', bytesReceived: 500, packetsReceived: 10, packetsLost: 1 },
  { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
  { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.08, ...pair },
];

test('figures are those of the time between two looks', () => {
  const before = countsOf(reports(), 10);
  const later = {
    bytesReceived: 251_000,
    packetsReceived: 288,
    packetsLost: 2,
    jitterBufferDelay: 15,
    jitterBufferEmittedCount: 75,
    framesReceived: 75,
  };
  const figures = figuresBetween(before, countsOf(reports(later), 11));

  assert.deepEqual(figures, { bitRate: 2e6, loss: 0.01, jitterBuffer: 0.2, roundTrip: 0.08, frames: 75 });
});

test('what was not counted is not known', () => {
  const counts = countsOf(
    [{ type: 'inbound-rtp', kind: 'video', framesDecoded: 3, bytesReceived: Number.NaN }],
    10,
  );

  assert.deepEqual(figuresBetween(null, counts), {
    bitRate: null,
    loss: null,
    jitterBuffer: null,
    roundTrip: null,
    frames: 3,
  });
  const same = { ...counts, at: 11 };
  assert.deepEqual(figuresBetween(counts, same).loss, null);
  assert.deepEqual(figuresBetween(counts, same).jitterBuffer, null);
});

test('a packet that came after it was counted as lost is no negative loss', () => {
  const before = countsOf(reports({ packetsLost: 5 }), 10);
  const figures = figuresBetween(before, countsOf(reports({ packetsLost: 4, packetsReceived: 91 }), 11));

  assert.equal(figures.loss, 0);
});
