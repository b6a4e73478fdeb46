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
  ready = false;
  refused = false;

  /** @type {string | null} */
  trouble = null;

  /** Whether it was asked for. */
  started = false;

  /** @type {string[]} */
  channels = [];

  start() {
    this.started = true;
  }

  stop() {
    this.started = false;
  }

  reset() {
    this.refused = false;
    this.started = false;
  }

  /** @param {string} label */
  openChannel(label) {
    return label;
  }
}

/** @param {() => Promise<unknown>} load  the code of a stream */
const chooserOf = (load) =>
  new SourceChooser({
    canPlayType: () => 'maybe',
    kinds: /** @type {any} */ ([File]),
    liveKind: /** @type {any} */ ({ kind: 'live', plays: () => true, load }),
    delays: () => ({ live: 0.25, line: 0.05 }),
  });

const settled = () => new Promise((resolve) => setImmediate(resolve));

class Page {
  now = 100;

  /** How often the code of a stream was asked for, and whether that can be had. */
  loads = 0;
  loadable = true;
  chooser = chooserOf(async () => {
    this.loads += 1;
    if (!this.loadable) {
      throw new TypeError('offline');
    }
    return Live;
  });

  /** @type {string[]} */
  shown = [];

  constructor() {
    this.chooser.addEventListener('current', () => this.shown.push(this.chooser.current?.kind ?? ''));
  }

  /**
   * @param {readonly SourceEntry[]} entries
   * @param {import('../../static/js/player/source-choice.js').Preference} [wish]
   */
  static async of(entries, wish = 'auto') {
    const page = new Page();
    page.chooser.preference = wish;
    page.chooser.admit();
    page.chooser.load(entries);
    await settled();
    page.pass(0);
    return page;
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

test('by itself the file is shown, and no stream is asked for', async () => {
  const page = await Page.of([LIVE, FILE]);
  page.pass(10);

  assert.deepEqual(page.shown, ['file']);
  assert.deepEqual(page.chooser.liveStatus?.wanted, false);
});

test('the stream that is wished comes first, and stays', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
  assert.equal(page.live.started, true);
  page.pass(1);
  page.live.become({ ready: true });
  page.pass(10);

  assert.deepEqual(page.shown, ['live']);
});

test('the file stands in for a stream that does not come, and leaves when it does', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
  const { live } = page;
  page.pass(2);
  assert.deepEqual(page.shown, ['live', 'file']);

  live.become({ ready: true });
  assert.deepEqual(page.shown, ['live', 'file', 'live']);
  live.become({ ready: false, trouble: 'silent' });
  assert.deepEqual(page.shown.at(-1), 'file');
  assert.equal(page.chooser.liveStatus?.trouble, 'silent');
});

test('a stream that is refused is left for the file at once, and asked for when it is wished anew', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
  const { live } = page;
  live.become({ refused: true, trouble: 'codec', fault: 'format' });
  page.pass(5);
  assert.deepEqual([page.shown.at(-1), page.chooser.fault], ['file', null]);

  page.chooser.preference = 'live';
  assert.equal(live.refused, false);
  assert.equal(live.started, true);
});

test('a film without a file is shown as a stream, whatever it says', async () => {
  const page = await Page.of([LIVE]);
  page.pass(3);
  assert.deepEqual(page.shown, ['live']);
  page.live.become({ refused: true, fault: 'network' });
  assert.equal(page.chooser.fault, 'network');
});

test('a file that this browser cannot play is left for the stream', async () => {
  const page = await Page.of([{ ...FILE, type: 'video/odd' }, LIVE]);
  assert.deepEqual(page.shown, ['live']);

  const other = await Page.of([FILE, LIVE]);
  const file = /** @type {Source} */ (/** @type {unknown} */ (other.chooser.current));
  file.become({ fault: 'decode' });
  assert.equal(other.chooser.fault, null);
  await settled();
  assert.deepEqual(other.shown, ['file', 'live']);
  other.chooser.load([FILE, LIVE]);
  assert.equal(other.shown.at(-1), 'file');
});

test('a file that lacks data for seconds is left for the stream, once it comes', async () => {
  const page = await Page.of([FILE, LIVE]);
  page.pass(7, { lacksData: true });
  assert.deepEqual([page.shown, page.chooser.liveStatus?.wanted], [['file'], true]);

  page.chooser.load([FILE, LIVE]);
  assert.equal(page.chooser.liveStatus?.wanted, false);
});

test('the wish for the file is kept to', async () => {
  const page = await Page.of([FILE, LIVE], 'file');
  page.pass(20, { lacksData: true });
  assert.deepEqual([page.shown, page.chooser.liveStatus?.wanted], [['file'], false]);

  const odd = await Page.of([{ ...FILE, type: 'video/odd' }, LIVE], 'file');
  assert.deepEqual([odd.shown, odd.chooser.fault, odd.chooser.hasFile], [[], 'format', false]);
});

test('who watches on their own has the file, and the stream again after it', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
  const { live } = page;
  live.become({ ready: true });
  page.chooser.own = true;
  assert.deepEqual([page.shown.at(-1), live.started], ['file', false]);

  live.ready = false;
  page.chooser.own = false;
  page.pass(1);
  assert.equal(page.shown.at(-1), 'file');
  live.become({ ready: true });
  assert.equal(page.shown.at(-1), 'live');
});

test('before the room has let the viewer in no stream is asked for, and the file stands in', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
  const { live } = page;
  live.become({ refused: true, trouble: 'passport' });
  assert.equal(page.shown.at(-1), 'file');
  page.chooser.admit();
  assert.deepEqual([live.refused, live.started], [false, true]);

  const chooser = chooserOf(async () => Live);
  chooser.preference = 'live';
  chooser.load([FILE, LIVE]);
  await settled();
  const { current } = chooser;
  assert.ok(current instanceof Live);
  for (let now = 100; now < 102; now += 0.25) {
    chooser.note({ now, entered: true, countdown: 0, lacksData: false });
  }
  assert.equal(current.started, false);
  assert.equal(chooser.current?.kind, 'file');
});

test('long before the film, and before one comes in, no stream is asked for', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
  const { live } = page;
  live.stop();
  page.pass(0.5, { countdown: 300 });
  page.pass(0.5, { entered: false });
  assert.equal(live.started, false);
  page.pass(0.5, { countdown: 30 });

  assert.equal(live.started, true);
});

test('a page that is left has no stream, until one comes back to it', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
  const { live } = page;
  page.chooser.away = true;
  page.pass(1);
  assert.equal(live.started, false);
  page.chooser.away = false;

  assert.equal(live.started, true);
});

test('while the server cannot keep up the file is shown, and that is said', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
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

test('an address that changes is another stream', async () => {
  const page = await Page.of([FILE, LIVE], 'live');
  const { live } = page;
  page.chooser.update([FILE, { ...LIVE, url: '/other' }]);
  await settled();
  assert.equal(live.started, false);
  assert.notEqual(page.live, live);

  page.chooser.update([FILE]);
  assert.deepEqual([page.chooser.liveStatus, page.shown.at(-1)], [null, 'file']);
});

test('code that cannot be loaded is asked for again, and the file plays meanwhile', async () => {
  const page = new Page();
  page.loadable = false;
  page.pass(0);
  page.chooser.preference = 'live';
  page.chooser.admit();
  page.chooser.load([FILE, LIVE]);
  await settled();
  page.pass(4);
  assert.deepEqual([page.loads, page.shown], [1, ['file']]);

  page.loadable = true;
  page.pass(2);
  await settled();
  assert.equal(page.loads, 2);
  page.pass(0);
  assert.equal(page.chooser.liveStatus?.wanted, true);
});

test('a film that is nowhere has a fault, and no channel', async () => {
  const page = await Page.of([]);
  assert.deepEqual([page.chooser.fault, page.chooser.openChannel('room')], ['none', null]);
  page.chooser.load([LIVE]);
  await settled();
  assert.equal(page.chooser.openChannel('room'), 'room');
  page.chooser.close();
  assert.equal(page.chooser.current, null);
});
