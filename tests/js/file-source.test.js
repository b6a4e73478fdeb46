// @ts-check
/** Which source a film is played from, and what a file says went wrong with it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FileSource } from '../../static/js/player/file-source.js';
import { LIVE, sourceFor } from '../../static/js/player/picture-source.js';
import { Calibration } from '../../static/js/sync/calibration.js';
import { ClockFilter } from '../../static/js/sync/clock.js';
import { Controller } from '../../static/js/sync/controller.js';
import { FRAMES } from '../../static/js/sync/profiles.js';
import { Timelines } from '../../static/js/sync/timeline.js';
import { Host, Video } from './video.js';

/** A film in an element, and its server. */
const attached = (host = new Host()) => {
  const video = new Video(host);
  /** @type {{callback: () => void, seconds: number}[]} */
  const timers = [];
  const source = new FileSource(
    { kind: 'file', url: '/media/1/file' },
    {
      exists: () => Promise.resolve(host.up),
      random: () => 0.5,
      schedule: (callback, seconds) => {
        const timer = { callback, seconds };
        timers.push(timer);
        return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
      },
    },
  );
  source.attach(/** @type {any} */ (video));
  return { host, video, source, timers };
};

/** @param {Partial<Host>} [properties] */
const host = (properties = {}) => Object.assign(new Host(), properties);

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
  assert.equal(sourceFor([{ kind: 'live' }], plays), 'none');
  assert.equal(sourceFor([{ kind: 'file' }], plays), 'format');
  assert.equal(sourceFor([{ kind: 'file', url: '/a.mkv', type: 'video/x-matroska' }], plays), 'format');
});

test('a file is followed by seeks and changes of rate', () => {
  const follower = new FileSource({ kind: 'file', url: '/a.mp4' }).follower({
    clock: new ClockFilter(),
    timelines: new Timelines(),
    calibration: new Calibration(),
    profile: FRAMES,
  });

  assert.ok(follower instanceof Controller);
});

test('before it is attached a file shows nothing', () => {
  const source = new FileSource({ kind: 'file', url: '/a.mp4' });

  assert.equal(source.filmPosition(), 0);
  assert.deepEqual(source.figures, { buffered: 0, dropped: 0 });
});

test('what went wrong is told, and that it is over', async () => {
  const { video, source } = attached();
  await settled();
  let changes = 0;
  source.addEventListener('change', () => {
    changes += 1;
  });
  video.spoil();
  await settled();
  assert.equal(source.fault, 'decode');

  video.dispatchEvent(new Event('loadeddata'));
  video.dispatchEvent(new Event('playing'));
  assert.equal(source.fault, null);
  assert.equal(changes, 2);
});

test('a file that cannot be played is not loaded again', async () => {
  const { source, timers } = attached(host({ playable: false }));
  await settled();

  assert.equal(source.fault, 'format');
  assert.deepEqual(timers, []);
});

test('a file that cannot be got at first is loaded as soon as it can', async () => {
  const { host: server, source, timers } = attached(host({ up: false }));
  await settled();
  assert.equal(source.fault, 'network');

  server.up = true;
  timers.splice(0)[0]?.callback();
  await settled();
  assert.equal(source.fault, null);
  assert.deepEqual(timers, []);
});

test('a film that broke off is loaded until its server is back, after ever longer', async () => {
  const { host: server, video, source, timers } = attached();
  await settled();
  server.up = false;
  video.breakOff();
  const waits = [];
  for (let i = 0; i < 8; i += 1) {
    await settled();
    const [timer] = timers.splice(0);
    waits.push(timer?.seconds);
    server.up = i === 7;
    timer?.callback();
  }
  assert.deepEqual(waits, [0.6, 1.2, 2.4, 4.8, 9.6, 15, 15, 15]);
  await settled();
  assert.equal(source.fault, null);
  assert.equal(timers.length, 0);

  video.breakOff();
  await settled();
  assert.equal(timers[0]?.seconds, 0.6);
});

test('a film that was played is not taken for a format when its server comes back', async () => {
  const { host: server, video, source, timers } = attached();
  await settled();
  server.up = false;
  video.breakOff();
  await settled();
  timers.splice(0)[0]?.callback();
  video.addEventListener('error', () => {
    server.up = true;
  });
  await settled();

  assert.equal(source.fault, 'network');
  assert.equal(timers.length, 1);
});

test('once it has left the element it asks for nothing', async () => {
  const { video, source, timers } = attached(host({ up: false }));
  await settled();
  // It leaves while the server is asked whether the film is there.
  video.addEventListener('error', () => source.detach());
  video.load();
  await settled();

  assert.deepEqual(timers, []);
  assert.equal(source.fault, 'network');
});

test('a film that is taken out of its element leaves it free for another source', async () => {
  const { video, source } = attached();
  await settled();
  source.detach();
  await settled();

  assert.equal(video.src, '');
  assert.equal(video.srcObject, null);
  assert.deepEqual([video.readyState, video.error, source.fault], [0, null, null]);
});

test('a source that was never attached touches no element', () => {
  new FileSource({ kind: 'file', url: '/a.mp4' }).detach();
});

/** A kind that needs no address. */
class LiveSource extends FileSource {
  static kind = 'live';
  static plays = () => true;
  kind = 'live';

  /** @param {import('../../static/js/player/picture-source.js').SourceEntry} entry */
  constructor(entry) {
    super(entry);
    this.entry = entry;
  }
}

test('a kind gets its whole entry, with an address or without', () => {
  const live = { kind: 'live', width: 1280 };
  const source = sourceFor([{ kind: 'file' }, live], plays, { kinds: [FileSource, LiveSource] });

  assert.ok(source instanceof LiveSource);
  assert.equal(source.entry, live);
});

test('a kind that has failed is not chosen again', () => {
  const entries = [
    { kind: 'live' },
    { kind: 'file', url: '/a.mp4', type: 'video/mp4' },
    { kind: 'file', url: '/b.mp4', type: 'video/mp4' },
  ];
  const kinds = [FileSource, LiveSource];
  /** @param {string[]} failed */
  const choose = (failed) => {
    const source = sourceFor(entries, plays, { kinds, failed });
    return typeof source === 'string' ? source : source.kind;
  };

  assert.deepEqual([choose([]), choose(['file']), choose(['file', 'live'])], ['file', 'live', 'none']);
});

test('a stream is played where the browser has peer connections, and there is an address', async () => {
  const entry = { kind: 'live', url: '/whep' };
  assert.equal(LIVE.plays(entry, plays), false);
  Object.assign(globalThis, { RTCPeerConnection: class {} });
  assert.equal(LIVE.plays(entry, plays), true);
  assert.equal(LIVE.plays({ kind: 'live' }, plays), false);
  assert.equal((await LIVE.load()).name, 'LiveSource');
});
