// @ts-check
/** A live picture is kept with the timeline: its states, its error, and its orders. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ClockFilter } from '../../static/js/sync/clock.js';
import { LiveFollower } from '../../static/js/sync/live-follower.js';
import { FRAMES } from '../../static/js/sync/profiles.js';
import { Timelines } from '../../static/js/sync/timeline.js';
import { line, SERVER } from './simulation.js';

/** @typedef {import('../../static/js/sync/media.js').Order} Order */
/** @typedef {import('../../static/js/sync/media.js').MediaEvent} MediaEvent */

const FRAME_S = 0.04;

/** A page that is shown a stream, in simulated time; the client's clock is 0 when the server's is SERVER. */
class Viewer {
  now = 10;
  clock = new ClockFilter();
  timelines = new Timelines(120);
  paused = true;

  /** How late frames are shown, s. */
  late = 0;

  /** How often the server sends a frame, s; 0: not at all. */
  every = FRAME_S;

  /** @type {(Order & {at: number})[]} */
  orders = [];

  /** @param {import('../../static/js/sync/timeline.js').Timeline} timeline */
  constructor(timeline = line(1, 0, 1, SERVER), { measured = true } = {}) {
    this.timelines.apply({ timeline, next: null });
    this.follower = new LiveFollower(
      { clock: this.clock, timelines: this.timelines, profile: FRAMES },
      () => 0.2,
    );
    for (let i = 0; measured && i < 8; i += 1) {
      this.clock.sample(this.now, SERVER + this.now, SERVER + this.now, this.now);
    }
  }

  /** @param {MediaEvent['type']} type @param {Partial<MediaEvent>} [facts] */
  tell(type, facts = {}) {
    const media = /** @type {any} */ ({ paused: this.paused, readyState: 4 });
    for (const order of this.follower.handle({ type, now: this.now, ...facts }, media)) {
      this.orders.push({ ...order, at: this.now });
      this.paused &&= order.do !== 'play';
    }
  }

  /** Let frames come for a while. @param {number} seconds */
  watch(seconds) {
    const until = this.now + seconds;
    let frameAt = this.now;
    let tickAt = this.now;
    while (this.now < until) {
      this.now += 0.01;
      if (this.every > 0 && this.now >= frameAt) {
        frameAt += this.every;
        this.frame();
      }
      if (this.now >= tickAt) {
        tickAt += 0.25;
        this.tell('tick');
      }
    }
    return this;
  }

  /** A frame that is shown now, half a refresh late as all are. */
  frame() {
    const due = SERVER + this.now - this.late - 1 / 120;
    this.tell('frame', { displayTime: this.now, rtpTimestamp: Math.floor(due * 90_000) % 2 ** 32 });
  }

  error() {
    return this.follower.error(this.now);
  }
}

/** @param {ConstructorParameters<typeof Viewer>} about */
const entered = (...about) => {
  const viewer = new Viewer(...about);
  viewer.tell('enter');
  return viewer;
};

test('a stream whose frames are shown when they are due is locked', () => {
  const viewer = entered().watch(2);

  assert.equal(viewer.follower.state, 'locked');
  assert.ok(Math.abs(viewer.error() ?? 1) < 1e-3);
  assert.ok(Math.abs(viewer.follower.position - viewer.now) < 0.05);
  assert.deepEqual(
    viewer.orders.map(({ at, ...order }) => order),
    [{ do: 'play' }, { do: 'jitter', target: 0.2 }],
  );
});

test('frames that come late are behind the timeline, and more so at a higher rate', () => {
  const viewer = entered(line(1, 0, 2, SERVER));
  viewer.late = 0.1;
  viewer.watch(0.9);

  assert.equal(viewer.follower.state, 'nudge');
  assert.ok(Math.abs((viewer.error() ?? 0) + 0.2) < 2e-3, `${viewer.error()}`);
});

test('the jitter buffer is ordered to hold frames for as much longer as they come early', () => {
  const viewer = entered();
  viewer.late = -0.1;
  viewer.watch(1.4);

  const order = viewer.orders.filter((one) => one.do === 'jitter')[1];
  assert.ok(order?.do === 'jitter' && Math.abs(order.target - 0.29) < 5e-3, JSON.stringify(order));
  assert.equal(viewer.follower.method, 'rate');
});

test('nothing is ordered within the dead zone', () => {
  const viewer = entered();
  viewer.late = 0.007;
  viewer.watch(10);

  assert.equal(viewer.orders.filter((order) => order.do === 'jitter').length, 1);
  assert.equal(viewer.follower.method, 'none');
});

test('before the film a picture that has come is ready', () => {
  const viewer = entered(line(1, -30, 1, SERVER + 10));
  assert.equal(viewer.follower.state, 'preroll');

  viewer.every = 0.2;
  viewer.watch(1);
  assert.equal(viewer.follower.state, 'armed');
  assert.equal(viewer.follower.position, 0);
});

test('long before the film nothing is missing yet', () => {
  const viewer = entered(line(1, -300, 1, SERVER));

  assert.equal(viewer.follower.state, 'armed');
});

test('a paused film shows the ordered frame, which comes a few times a second', () => {
  const viewer = entered().watch(2);
  viewer.timelines.apply({
    timeline: line(1, 0, 1, SERVER),
    next: line(2, viewer.now + 0.3, 0, SERVER + viewer.now + 0.3),
  });
  const ordered = viewer.now + 0.3;
  viewer.tell('timelines');
  assert.ok(Math.abs(viewer.follower.wake - ordered) < 1e-3);
  viewer.watch(0.2);
  assert.equal(viewer.follower.state, 'locked');
  viewer.every = 0.2;
  viewer.watch(2);

  assert.equal(viewer.follower.state, 'paused');
  assert.ok(Math.abs(viewer.follower.position - ordered) < 1e-3);
  assert.ok(Math.abs(viewer.error() ?? 1) < 1e-3);
});

test('a paused film whose last frame was before the pause is behind', () => {
  const viewer = entered().watch(2);
  viewer.late = 0.5;
  viewer.frame();
  viewer.timelines.apply({
    timeline: line(1, 0, 1, SERVER),
    next: line(2, viewer.now + 0.01, 0, SERVER + viewer.now + 0.01),
  });
  viewer.now += 0.1;

  assert.ok(Number(viewer.error()) < -0.4, `${viewer.error()}`);
});

test('a second without a frame is a stall', () => {
  const viewer = entered().watch(2);
  viewer.every = 0;
  viewer.watch(0.9);
  assert.equal(viewer.follower.state, 'locked');
  viewer.watch(0.3);

  assert.equal(viewer.follower.state, 'stalled');
  assert.equal(viewer.error(), null);
});

test('a moving film whose picture is only repeated is a stall', () => {
  const viewer = entered().watch(2);
  viewer.every = 0.2;
  viewer.watch(2);
  assert.equal(viewer.follower.state, 'stalled');
  assert.equal(viewer.error(), null);

  viewer.every = FRAME_S;
  viewer.watch(0.3);
  assert.equal(viewer.follower.state, 'locked');
});

test('a hidden page gets no frames, and is not steered', () => {
  const viewer = entered().watch(2);
  viewer.tell('hidden');
  viewer.every = 0;
  viewer.watch(5);
  assert.equal(viewer.follower.state, 'background');
  assert.equal(viewer.error(), null);

  viewer.tell('visible');
  viewer.every = FRAME_S;
  viewer.watch(1);
  assert.equal(viewer.follower.state, 'locked');
});

test('a browser that wants a click is blocked until it has one', () => {
  const viewer = entered();
  viewer.tell('refused');
  viewer.paused = true;
  viewer.watch(3);
  assert.equal(viewer.follower.state, 'blocked');
  assert.equal(viewer.orders.filter((order) => order.do === 'play').length, 1);

  viewer.tell('unblock');
  assert.equal(viewer.orders.at(-1)?.do, 'play');
  viewer.watch(1);
  assert.equal(viewer.follower.state, 'locked');
});

test('a picture that the browser has paused is played again', () => {
  const viewer = entered().watch(2);
  viewer.paused = true;
  viewer.watch(2);

  assert.equal(viewer.paused, false);
});

test('who has not come in, or left, is not played to', () => {
  const viewer = new Viewer();
  viewer.watch(2);
  assert.ok(!viewer.orders.some((order) => order.do === 'play'));

  viewer.tell('enter');
  viewer.tell('leave');
  viewer.paused = true;
  viewer.watch(2);
  assert.equal(viewer.paused, true);
});

test('another stream in the element is a picture that has to come first', () => {
  const viewer = entered().watch(2);
  viewer.tell('emptied');
  assert.equal(viewer.follower.state, 'preroll');
  assert.ok(Math.abs(viewer.follower.position - viewer.now) < 1e-3, 'where the film is');

  viewer.paused = true;
  viewer.watch(1);
  assert.deepEqual([viewer.follower.state, viewer.paused], ['locked', false]);
});

test('without a clock nothing is measured, and frames without timestamps are no frames', () => {
  const viewer = entered(line(1, 0, 1, SERVER), { measured: false });
  viewer.watch(2);
  assert.equal(viewer.follower.state, 'clock');

  const other = entered();
  other.tell('frame', { displayTime: other.now });
  assert.equal(other.follower.state, 'preroll');
  assert.equal(other.error(), null);
});

test('the viewer can have the buffer measured anew', () => {
  const viewer = entered();
  viewer.late = -0.1;
  viewer.watch(1);
  viewer.tell('resync');
  viewer.watch(1);
  assert.equal(viewer.follower.state, 'nudge');
  assert.deepEqual(viewer.follower.illegalSteps, []);
  assert.deepEqual(viewer.follower.figures, { latency: 0, seekCost: 0 });
});
