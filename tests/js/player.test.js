// @ts-check
/** The player goes from a source that has failed to the next one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FileSource } from '../../static/js/player/file-source.js';
import { SyncedPlayer } from '../../static/js/player/player.js';
import { ClockFilter } from '../../static/js/sync/clock.js';
import { LiveFollower } from '../../static/js/sync/live-follower.js';
import { Timelines } from '../../static/js/sync/timeline.js';
import { line } from './simulation.js';
import { Host, Video } from './video.js';

const ENTRIES = [{ kind: 'live' }, { kind: 'file', url: '/a.mp4', type: 'video/mp4' }];

/** A picture that comes as a stream. */
class LiveSource extends EventTarget {
  kind = 'live';
  url = undefined;
  canSeek = false;
  canSteer = false;
  figures = { buffered: null, dropped: 0 };
  ready = false;
  refused = false;
  trouble = null;
  streamFigures = { bitRate: 2e6, loss: 0, jitterBuffer: 0.2, roundTrip: 0.01, frames: 1 };

  /** For how long frames are held, s. @type {number | null} */
  held = null;

  /** @type {import('../../static/js/player/picture-source.js').Fault | null} */
  fault = null;

  /** @param {HTMLVideoElement} video */
  attach(video) {
    this.video = video;
    video.srcObject = /** @type {any} */ ({ stream: true });
  }

  detach() {
    if (this.video) {
      this.video.srcObject = null;
    }
  }

  start() {
    this.held ??= 0.2;
  }

  stop() {}
  reset() {}

  /** @param {number} target */
  hold(target) {
    this.held = target;
  }

  filmPosition() {
    return 7;
  }

  /** @param {import('../../static/js/sync/follower.js').FollowerParts} parts */
  follower(parts) {
    return new LiveFollower(parts, () => Number(this.held));
  }

  /** @param {Partial<LiveSource>} facts */
  become(facts) {
    Object.assign(this, facts);
    this.dispatchEvent(new Event('change'));
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/**
 * A player of these kinds, with what a browser has around it; and its live sources.
 *
 * @param {import('node:test').TestContext} context
 */
const playing = (context) => {
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'test' }, configurable: true });
  Object.assign(globalThis, {
    document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
  });
  const frames = /** @type {((now: number, frame: object) => void)[]} */ ([]);
  const video = Object.assign(new Video(new Host()), {
    muted: false,
    volume: 1,
    paused: true,
    playbackRate: 1,
    plays: 0,
    canPlayType: () => 'maybe',
    play() {
      this.plays += 1;
      this.paused = false;
      return Promise.resolve();
    },
    pause() {
      this.paused = true;
    },
    requestVideoFrameCallback: (/** @type {(now: number, frame: object) => void} */ callback) => {
      frames.push(callback);
    },
  });
  const time = { now: 100 };
  const clock = new ClockFilter();
  const timelines = new Timelines();
  /** @type {LiveSource[]} */
  const lives = [];
  const player = new SyncedPlayer({
    video: /** @type {any} */ (video),
    clock,
    timelines,
    now: () => time.now,
    kinds: [FileSource],
    liveKind: /** @type {any} */ ({
      kind: 'live',
      plays: () => true,
      load: async () =>
        class extends LiveSource {
          constructor() {
            super();
            lives.push(this);
          }
        },
    }),
  });
  context.after(() => player.stop());
  /** Show a frame. @param {{expectedDisplayTime: number, rtpTimestamp?: number}} frame  its display time is now */
  const show = (frame) => {
    for (const callback of frames.splice(0)) {
      callback(0, { mediaTime: 0, ...frame, expectedDisplayTime: new Event('now').timeStamp });
    }
  };
  return { player, video, lives, clock, timelines, time, show };
};

test('where a film cannot be decoded, the next kind of source is played', async (context) => {
  const { player, video, lives } = playing(context);
  player.load(ENTRIES);
  await settled();
  assert.equal(video.src, '/a.mp4');

  video.spoil();
  await settled();
  assert.equal(player.fault, null);
  assert.equal(video.src, '');
  assert.deepEqual(video.srcObject, { stream: true });

  lives[0]?.become({ fault: 'format', refused: true });
  assert.equal(player.fault, 'format');
  assert.equal(lives.length, 1);
});

test('loaded anew, the film is played from the preferred kind again', async (context) => {
  const { player, video, lives } = playing(context);
  player.load(ENTRIES);
  await settled();
  video.spoil();
  await settled();
  player.load(ENTRIES);
  await settled();

  assert.equal(video.src, '/a.mp4');
  assert.equal(video.srcObject, null);
  lives[0]?.become({ fault: 'network' });
  assert.equal(video.src, '/a.mp4');
  assert.equal(player.fault, null);
});

test('a film that cannot be reached is not given up', async (context) => {
  const { player, video } = playing(context);
  player.load(ENTRIES);
  await settled();
  video.breakOff();
  await settled();

  assert.equal(player.fault, 'network');
  assert.equal(player.sources.liveStatus?.wanted, false);
});

test('where there is no source it says why', (context) => {
  const { player } = playing(context);
  player.load([]);

  assert.equal(player.fault, 'none');
});

/** A player that shows a stream, in a running film. @param {import('node:test').TestContext} context */
const watchingLive = async (context) => {
  const parts = playing(context);
  const { player, clock, timelines, lives } = parts;
  for (let i = 0; i < 8; i += 1) {
    clock.sample(parts.time.now, parts.time.now, parts.time.now, parts.time.now);
  }
  timelines.apply({ timeline: line(1, 0, 1, 90), next: null });
  player.sources.preference = 'live';
  player.sources.admit();
  player.load(ENTRIES);
  player.enter();
  await settled();
  const [live] = lives;
  assert.ok(live);
  live.become({ ready: true });
  return { ...parts, live };
};

test('a stream is played at once, and its buffer driven', async (context) => {
  const { player, video, live, time, show } = await watchingLive(context);
  assert.deepEqual([video.plays, video.srcObject, player.buffered], [1, { stream: true }, null]);
  assert.ok(Number(live.held) > 0.1);
  assert.deepEqual(player.streamFigures?.bitRate, 2e6);

  const before = live.held;
  for (let i = 0; i < 60; i += 1) {
    time.now += 0.04;
    // Shown a tenth of a second before it is due.
    show({ expectedDisplayTime: 0, rtpTimestamp: Math.floor((time.now + 0.1) * 90_000) % 2 ** 32 });
  }
  assert.ok(Number(live.held) > Number(before));
  assert.equal(player.snapshot.position, 7);
  assert.ok(Number(player.snapshot.error) > 0.05);
});

test('who watches on their own leaves a stream for the file, once that is where the film is', async (context) => {
  const { player, video } = await watchingLive(context);
  player.watchOwn(true);
  await settled();
  assert.deepEqual([video.src, player.own], ['/a.mp4', false]);

  player.watchOwn(false);
  assert.equal(player.own, false);
});
