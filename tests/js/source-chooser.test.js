// @ts-check
/** A film's sources: the stream where it is wished and comes, else the file. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SourceChooser } from '../../static/js/player/source-chooser.js';

/** @typedef {import('../../static/js/player/picture-source.js').Fault} Fault */
/** @typedef {import('../../static/js/player/picture-source.js').SourceEntry} SourceEntry */

const FILE = { kind: 'file', url: '/a.mp4', type: 'video/mp4' };
const LIVE = { kind: 'live', url: '/whep' };

/** A source that does what the test says. */
class Source extends EventTarget {
  /** @type {Fault | null} */
  fault = null;
  figures = { buffered: 0, dropped: 0 };
  canSeek = true;
  canSteer = true;

  /** @param {SourceEntry} entry */
  constructor({ kind, url }) {
    super();
    this.kind = kind;
    this.url = url;
  }

  attach() {}
  detach() {}
  filmPosition() {
    return 0;
  }
  follower() {
    return /** @type {any} */ (null);
  }

  /** @param {Partial<Live>} facts */
  become(facts) {
    Object.assign(this, facts);
    this.dispatchEvent(new Event('change'));
  }
}

class File extends Source {
  static kind = 'file';
  static plays = (/** @type {SourceEntry} */ { type }) => type !== 'video/odd';
}

class Live extends Source {
  static kind = 'live';
  static plays = () => true;
  ready = false;
  refused = false;

  /** @type {string | null} */
  trouble = null;

  /** Since it was asked for, for how long frames are held, s. @type {number | null} */
  target = null;

  /** @type {string[]} */
  channels = [];

  /** @param {number} target */
  start(target) {
    this.target ??= target;
  }

  stop() {
    this.target = null;
  }

  reset() {
    this.refused = false;
    this.target = null;
  }

  /** @param {string} label */
  openChannel(label) {
    return label;
  }
}

class Page {
  now = 100;
  chooser = new SourceChooser({
    canPlayType: () => 'maybe',
    kinds: /** @type {any} */ ([File, Live]),
    delays: () => ({ live: 0.25, line: 0.05 }),
  });

  /** @type {string[]} */
  shown = [];

  /** @param {readonly SourceEntry[]} entries @param {import('../../static/js/player/source-choice.js').Preference} [wish] */
  constructor(entries, wish = 'auto') {
    this.chooser.addEventListener('current', () => this.shown.push(this.chooser.current?.kind ?? ''));
    this.chooser.preference = wish;
    this.chooser.admit();
    this.chooser.load(entries);
    this.pass(0);
  }

  /** @param {number} seconds @param {object} [facts] */
  pass(seconds, facts = {}) {
    const until = this.now + seconds;
    do {
      this.chooser.note({ now: this.now, entered: true, countdown: 0, lacksData: false, ...facts });
      this.now += 0.25;
    } while (this.now < until);
    return this;
  }

  get live() {
    const { current } = this.chooser;
    assert.ok(current instanceof Live);
    return current;
  }
}

test('by itself the file is shown, and no stream is asked for', () => {
  const page = new Page([LIVE, FILE]);
  page.pass(10);

  assert.deepEqual(page.shown, ['file']);
  assert.deepEqual(page.chooser.liveStatus?.wanted, false);
});

test('the stream that is wished comes first, and stays', () => {
  const page = new Page([FILE, LIVE], 'live');
  assert.ok(Math.abs(Number(page.live.target) - 0.17) < 1e-9);
  page.pass(1);
  page.live.become({ ready: true });
  page.pass(10);

  assert.deepEqual(page.shown, ['live']);
});

test('the file stands in for a stream that does not come, and leaves when it does', () => {
  const page = new Page([FILE, LIVE], 'live');
  const { live } = page;
  page.pass(2);
  assert.deepEqual(page.shown, ['live', 'file']);

  live.become({ ready: true });
  assert.deepEqual(page.shown, ['live', 'file', 'live']);
  live.become({ ready: false, trouble: 'silent' });
  assert.deepEqual(page.shown.at(-1), 'file');
  assert.equal(page.chooser.liveStatus?.trouble, 'silent');
});

test('a stream that is refused is left for the file at once, and asked for when it is wished anew', () => {
  const page = new Page([FILE, LIVE], 'live');
  const { live } = page;
  live.become({ refused: true, trouble: 'codec', fault: 'format' });
  page.pass(5);
  assert.deepEqual([page.shown.at(-1), page.chooser.fault], ['file', null]);

  page.chooser.preference = 'live';
  assert.equal(live.refused, false);
  assert.notEqual(live.target, null);
});

test('a film without a file is shown as a stream, whatever it says', () => {
  const page = new Page([LIVE]);
  page.pass(3);
  assert.deepEqual(page.shown, ['live']);
  page.live.become({ refused: true, fault: 'network' });
  assert.equal(page.chooser.fault, 'network');
});

test('a file that this browser cannot play is left for the stream', () => {
  const page = new Page([{ ...FILE, type: 'video/odd' }, LIVE]);
  assert.deepEqual(page.shown, ['live']);

  const other = new Page([FILE, LIVE]);
  const file = /** @type {Source} */ (/** @type {unknown} */ (other.chooser.current));
  file.become({ fault: 'decode' });
  assert.deepEqual(other.shown, ['file', 'live']);
  other.chooser.load([FILE, LIVE]);
  assert.equal(other.shown.at(-1), 'file');
});

test('a file that lacks data for seconds is left for the stream, once it comes', () => {
  const page = new Page([FILE, LIVE]);
  page.pass(7, { lacksData: true });
  assert.deepEqual([page.shown, page.chooser.liveStatus?.wanted], [['file'], true]);

  page.chooser.load([FILE, LIVE]);
  assert.equal(page.chooser.liveStatus?.wanted, false);
});

test('the wish for the file is kept to', () => {
  const page = new Page([FILE, LIVE], 'file');
  page.pass(20, { lacksData: true });
  assert.deepEqual([page.shown, page.chooser.liveStatus?.wanted], [['file'], false]);

  const odd = new Page([{ ...FILE, type: 'video/odd' }, LIVE], 'file');
  assert.deepEqual([odd.shown, odd.chooser.fault, odd.chooser.hasFile], [[], 'format', false]);
});

test('who watches on their own has the file, and the stream again after it', () => {
  const page = new Page([FILE, LIVE], 'live');
  const { live } = page;
  live.become({ ready: true });
  page.chooser.own = true;
  assert.deepEqual([page.shown.at(-1), live.target], ['file', null]);

  live.ready = false;
  page.chooser.own = false;
  page.pass(1);
  assert.equal(page.shown.at(-1), 'file');
  live.become({ ready: true });
  assert.equal(page.shown.at(-1), 'live');
});

test('before the room has let the viewer in no stream is asked for, and the file stands in', () => {
  const page = new Page([FILE, LIVE], 'live');
  const { live } = page;
  live.become({ refused: true, trouble: 'passport' });
  assert.equal(page.shown.at(-1), 'file');
  page.chooser.admit();
  assert.deepEqual([live.refused, typeof live.target], [false, 'number']);

  const chooser = new SourceChooser({
    canPlayType: () => 'maybe',
    kinds: /** @type {any} */ ([File, Live]),
    delays: () => ({ live: 0.25, line: 0.05 }),
  });
  chooser.preference = 'live';
  chooser.load([FILE, LIVE]);
  const { current } = chooser;
  assert.ok(current instanceof Live);
  for (let now = 100; now < 102; now += 0.25) {
    chooser.note({ now, entered: true, countdown: 0, lacksData: false });
  }
  assert.equal(current.target, null);
  assert.equal(chooser.current?.kind, 'file');
});

test('long before the film, and before one comes in, no stream is asked for', () => {
  const page = new Page([FILE, LIVE], 'live');
  const { live } = page;
  live.stop();
  page.pass(0.5, { countdown: 300 });
  page.pass(0.5, { entered: false });
  assert.equal(live.target, null);
  page.pass(0.5, { countdown: 30 });

  assert.notEqual(live.target, null);
});

test('a page that is left has no stream, until one comes back to it', () => {
  const page = new Page([FILE, LIVE], 'live');
  const { live } = page;
  page.chooser.away = true;
  page.pass(1);
  assert.equal(live.target, null);
  page.chooser.away = false;

  assert.notEqual(live.target, null);
});

test('while the server cannot keep up the file is shown, and that is said', () => {
  const page = new Page([FILE, LIVE], 'live');
  page.live.become({ ready: true });
  page.chooser.update([FILE, { ...LIVE, behind: true, progress: 0.4 }]);
  assert.equal(page.shown.at(-1), 'file');
  assert.deepEqual(page.chooser.liveStatus, {
    wanted: true,
    shown: false,
    ready: true,
    trouble: null,
    progress: 0.4,
    behind: true,
  });

  page.chooser.update([FILE, LIVE]);
  assert.equal(page.shown.at(-1), 'live');
});

test('an address that changes is another stream', () => {
  const page = new Page([FILE, LIVE], 'live');
  const { live } = page;
  page.chooser.update([FILE, { ...LIVE, url: '/other' }]);
  assert.equal(live.target, null);
  assert.notEqual(page.live, live);

  page.chooser.update([FILE]);
  assert.deepEqual([page.chooser.liveStatus, page.shown.at(-1)], [null, 'file']);
});

test('a film that is nowhere has a fault, and no channel', () => {
  const page = new Page([]);
  assert.deepEqual([page.chooser.fault, page.chooser.openChannel('room')], ['none', null]);
  page.chooser.load([LIVE]);
  assert.equal(page.chooser.openChannel('room'), 'room');
  page.chooser.close();
  assert.equal(page.chooser.current, null);
});
