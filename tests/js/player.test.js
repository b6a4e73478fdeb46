// @ts-check
/** The player goes from a source that has failed to the next one. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FileSource } from '../../static/js/player/file-source.js';
import { SyncedPlayer } from '../../static/js/player/player.js';
import { ClockFilter } from '../../static/js/sync/clock.js';
import { Controller } from '../../static/js/sync/controller.js';
import { Timelines } from '../../static/js/sync/timeline.js';
import { Host, Video } from './video.js';

const ENTRIES = [{ kind: 'live' }, { kind: 'file', url: '/a.mp4', type: 'video/mp4' }];

/** A picture that comes as a stream. */
class LiveSource extends EventTarget {
  static kind = 'live';
  static plays = () => true;
  kind = LiveSource.kind;
  canSeek = false;
  canSteer = false;
  figures = { buffered: 0, dropped: 0 };

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

  filmPosition() {
    return 0;
  }

  /** @param {import('../../static/js/sync/follower.js').FollowerParts} parts */
  follower(parts) {
    return new Controller(parts);
  }

  /** @param {import('../../static/js/player/picture-source.js').Fault} fault */
  fail(fault) {
    this.fault = fault;
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
  const video = Object.assign(new Video(new Host()), {
    muted: false,
    volume: 1,
    paused: true,
    playbackRate: 1,
    canPlayType: () => 'maybe',
    play: () => Promise.resolve(),
    pause: () => {},
  });
  /** @type {LiveSource[]} */
  const lives = [];
  const player = new SyncedPlayer({
    video: /** @type {any} */ (video),
    clock: new ClockFilter(),
    timelines: new Timelines(),
    kinds: [
      FileSource,
      class extends LiveSource {
        constructor() {
          super();
          lives.push(this);
        }
      },
    ],
  });
  context.after(() => player.stop());
  return { player, video, lives };
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

  lives[0]?.fail('format');
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
  lives[0]?.fail('decode');
  assert.equal(video.src, '/a.mp4');
});

test('a film that cannot be reached is not given up', async (context) => {
  const { player, video, lives } = playing(context);
  player.load(ENTRIES);
  await settled();
  video.breakOff();
  await settled();

  assert.equal(player.fault, 'network');
  assert.deepEqual(lives, []);
});

test('where there is no source it says why', (context) => {
  const { player } = playing(context);
  player.load([]);

  assert.equal(player.fault, 'none');
});
