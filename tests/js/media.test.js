// @ts-check
/** What is read from a media element. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bufferedAhead, droppedFrames, mediaState } from '../../static/js/sync/media.js';

/** @param {number} currentTime @param {[number, number][]} ranges  loaded, s */
const element = (currentTime, ranges) =>
  /** @type {any} */ ({
    currentTime,
    buffered: {
      length: ranges.length,
      start: (/** @type {number} */ i) => ranges[i]?.[0],
      end: (/** @type {number} */ i) => ranges[i]?.[1],
    },
  });

test('what is loaded ahead is what follows without a gap', () => {
  const ranges = /** @type {[number, number][]} */ ([
    [0, 10],
    [20, 50],
  ]);

  assert.equal(bufferedAhead(element(4, ranges)), 6);
  assert.equal(bufferedAhead(element(30, ranges)), 20);
  assert.equal(bufferedAhead(element(15, ranges)), 0);
  assert.equal(bufferedAhead(element(4, [])), 0);
});

test('a picture a hair before what is loaded counts as within it', () => {
  assert.equal(bufferedAhead(element(19.95, [[20, 50]])), 30.05);
});

test('a browser that counts no frames has dropped none', () => {
  assert.equal(droppedFrames(/** @type {any} */ ({})), 0);
  const video = { getVideoPlaybackQuality: () => ({ droppedVideoFrames: 7 }) };
  assert.equal(droppedFrames(/** @type {any} */ (video)), 7);
});

test('muted and turned down to nothing are both silent', () => {
  const loud = { currentTime: 1, paused: false, seeking: false, ended: false, readyState: 4 };

  assert.equal(mediaState(/** @type {any} */ ({ ...loud, muted: false, volume: 0.5 })).silent, false);
  assert.equal(mediaState(/** @type {any} */ ({ ...loud, muted: true, volume: 0.5 })).silent, true);
  assert.equal(mediaState(/** @type {any} */ ({ ...loud, muted: false, volume: 0 })).silent, true);
});
