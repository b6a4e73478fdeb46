// @ts-check
/** Which source a film is played from, and what a file says went wrong with it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FileSource } from '../../static/js/player/file-source.js';
import { sourceFor } from '../../static/js/player/picture-source.js';
import { Calibration } from '../../static/js/sync/calibration.js';
import { ClockFilter } from '../../static/js/sync/clock.js';
import { Controller } from '../../static/js/sync/controller.js';
import { FRAMES } from '../../static/js/sync/profiles.js';
import { Timelines } from '../../static/js/sync/timeline.js';

const CODES = { MEDIA_ERR_NETWORK: 2, MEDIA_ERR_DECODE: 3, MEDIA_ERR_SRC_NOT_SUPPORTED: 4 };
Object.assign(globalThis, { MediaError: CODES });

/** A video element that fails as told. */
class Video extends EventTarget {
  src = '';
  currentTime = 12.5;
  loads = 0;

  /** @type {{code: number} | null} */
  error = null;
  buffered = { length: 0 };

  load() {
    this.loads += 1;
  }

  /** @param {keyof typeof CODES} name */
  fail(name) {
    this.error = { code: CODES[name] };
    this.dispatchEvent(new Event('error'));
  }
}

/** A file in an element, on a server that has it or not. */
const attached = ({ exists = true } = {}) => {
  const video = new Video();
  /** @type {{callback: () => void, seconds: number}[]} */
  const timers = [];
  const source = new FileSource('/media/1/file', {
    exists: () => Promise.resolve(exists),
    random: () => 0.5,
    schedule: (callback, seconds) => {
      const timer = { callback, seconds };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  source.attach(/** @type {any} */ (video));
  return { video, source, timers };
};

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** @param {string} type */
const plays = (type) => (type === 'video/mp4' ? 'maybe' : '');

test('the first file that the browser plays is the source', () => {
  const source = sourceFor(
    [
      { kind: 'hls', url: '/a.m3u8' },
      { kind: 'file', url: '/a.mkv', type: 'video/x-matroska' },
      { kind: 'file', url: '/a.mp4', type: 'video/mp4' },
    ],
    plays,
  );

  assert.ok(source instanceof FileSource);
  assert.deepEqual([source.kind, source.canSeek, source.canSteer], ['file', true, true]);
  const video = new Video();
  source.attach(/** @type {any} */ (video));
  assert.equal(video.src, '/a.mp4');
  assert.equal(source.filmPosition(), 12.5);
  assert.deepEqual(source.figures, { buffered: 0, dropped: 0 });
});

test('where there is none it says why', () => {
  assert.equal(sourceFor([], plays), 'none');
  assert.equal(sourceFor([{ kind: 'live' }, { kind: 'file' }], plays), 'none');
  assert.equal(sourceFor([{ kind: 'file', url: '/a.mkv', type: 'video/x-matroska' }], plays), 'format');
});

test('a file is followed by seeks and changes of rate', () => {
  const follower = new FileSource('/a.mp4').follower({
    clock: new ClockFilter(),
    timelines: new Timelines(),
    calibration: new Calibration(),
    profile: FRAMES,
  });

  assert.ok(follower instanceof Controller);
});

test('before it is attached a file shows nothing', () => {
  const source = new FileSource('/a.mp4');

  assert.equal(source.filmPosition(), 0);
  assert.deepEqual(source.figures, { buffered: 0, dropped: 0 });
});

test('what went wrong is told, and that it is over', () => {
  const { video, source } = attached();
  let changes = 0;
  source.addEventListener('change', () => {
    changes += 1;
  });
  video.fail('MEDIA_ERR_DECODE');
  assert.equal(source.fault, 'decode');

  video.dispatchEvent(new Event('loadeddata'));
  video.dispatchEvent(new Event('playing'));
  assert.equal(source.fault, null);
  assert.equal(changes, 2);
});

test('a file that cannot be got is told from one that cannot be played', async () => {
  for (const [exists, fault] of /** @type {const} */ ([
    [true, 'format'],
    [false, 'network'],
  ])) {
    const { video, source } = attached({ exists });
    video.fail('MEDIA_ERR_SRC_NOT_SUPPORTED');
    await settled();

    assert.equal(source.fault, fault);
  }
});

test('a film whose loading broke off is asked for again, after ever longer', () => {
  const { video, timers } = attached();
  const waits = [];
  for (let i = 0; i < 7; i += 1) {
    video.fail('MEDIA_ERR_NETWORK');
    const [timer] = timers.splice(0);
    waits.push(timer?.seconds);
    timer?.callback();
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 15, 15, 15]);
  assert.equal(video.loads, 7);

  video.dispatchEvent(new Event('loadeddata'));
  video.fail('MEDIA_ERR_NETWORK');
  assert.equal(timers[0]?.seconds, 1);
});

test('once it has left the element it asks for nothing', async () => {
  const { video, source, timers } = attached({ exists: false });
  video.fail('MEDIA_ERR_NETWORK');
  video.fail('MEDIA_ERR_SRC_NOT_SUPPORTED');
  source.detach();
  video.fail('MEDIA_ERR_DECODE');
  await settled();

  assert.deepEqual(timers, []);
  assert.equal(source.fault, 'network');
});
