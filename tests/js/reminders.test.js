// @ts-check
/** Reminders come when they are wanted and allowed, in time and once; and never otherwise. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reminders, SOON_S } from '../../static/js/ui/reminders.js';

const STARTS = 1_800_000_000;
const SHOW = { id: 'session', title: 'Friday', starts: STARTS, path: '/w/link' };

/** A browser with a clock, whose person answers `answer` when they are asked. */
class Browser {
  now = STARTS - 3600;
  /** @type {{title: string, body: string, tag: string, onclick?: () => void}[]} */
  shown = [];
  asked = 0;
  changes = 0;
  /** @type {(string | undefined)[]} */
  opened = [];
  /** @type {{at: number, work: () => void} | null} */
  timer = null;
  /** @type {Map<string, string>} */
  kept = new Map();
  /** @type {any} */
  notifications;

  /** @param {NotificationPermission} permission @param {NotificationPermission} [answer] */
  constructor(permission, answer = 'granted') {
    const browser = this;
    this.notifications = class {
      static permission = permission;
      static async requestPermission() {
        browser.asked += 1;
        browser.notifications.permission = answer;
        return answer;
      }
      /** @param {string} title @param {{body: string, tag: string}} options */
      constructor(title, { body, tag }) {
        browser.shown.push(Object.assign(this, { title, body, tag }));
      }
      close() {}
    };
  }

  /** @param {any} [storage] */
  reminders(storage) {
    return new Reminders({
      notifications: this.notifications,
      storage: storage ?? {
        getItem: (/** @type {string} */ key) => this.kept.get(key) ?? null,
        setItem: (/** @type {string} */ key, /** @type {string} */ value) => this.kept.set(key, value),
        removeItem: (/** @type {string} */ key) => this.kept.delete(key),
      },
      now: () => this.now,
      words: (kind) => kind,
      open: (path) => this.opened.push(path),
      changed: () => {
        this.changes += 1;
      },
      later: (work, ms) => {
        this.timer = { at: this.now + ms / 1000, work };
        return this.timer;
      },
      cancel: (timer) => {
        if (timer === this.timer) {
          this.timer = null;
        }
      },
    });
  }

  /** Let time pass, with every timer that is due. @param {number} until s */
  run(until) {
    while (this.timer && this.timer.at <= until) {
      const { at, work } = this.timer;
      this.timer = null;
      this.now = at;
      work();
    }
    this.now = until;
  }

  get told() {
    return this.shown.map(({ title, body }) => `${title}: ${body}`);
  }
}

test('who asked for it is reminded five minutes before and at the start, once each', async () => {
  const browser = new Browser('default');
  const reminders = browser.reminders();
  reminders.plan([SHOW]);
  await reminders.toggle();

  browser.run(STARTS - SOON_S - 1);
  assert.deepEqual(browser.told, []);
  browser.run(STARTS - SOON_S);
  assert.deepEqual(browser.told, ['Friday: soon']);
  browser.run(STARTS + 600);
  assert.deepEqual(browser.told, ['Friday: soon', 'Friday: start']);
  assert.equal(new Set(browser.shown.map(({ tag }) => tag)).size, 2);
  assert.equal(browser.timer, null);
});

test('nobody is asked before they click', () => {
  const browser = new Browser('default');
  browser.kept.set('seans.reminders', 'on');
  const reminders = browser.reminders();

  reminders.plan([SHOW]);
  browser.run(STARTS + 60);

  assert.equal(browser.asked, 0);
  assert.equal(reminders.state, 'off');
  assert.deepEqual(browser.shown, []);
});

test('where it is forbidden nothing is asked and nothing is shown', async () => {
  const browser = new Browser('denied');
  browser.kept.set('seans.reminders', 'on');
  const reminders = browser.reminders();

  await reminders.toggle();
  reminders.plan([SHOW]);
  browser.run(STARTS + 60);

  assert.equal(reminders.state, 'denied');
  assert.equal(browser.asked, 0);
  assert.deepEqual(browser.shown, []);
});

for (const answer of /** @type {const} */ (['denied', 'default'])) {
  test(`who answers ${answer} is not reminded`, async () => {
    const browser = new Browser('default', answer);
    const reminders = browser.reminders();
    reminders.plan([SHOW]);

    await reminders.toggle();
    browser.run(STARTS + 60);

    assert.equal(reminders.state, answer === 'denied' ? 'denied' : 'off');
    assert.deepEqual(browser.shown, []);
    assert.equal(browser.changes, 1);
  });
}

test('what was allowed and is forbidden later shows nothing more', async () => {
  const browser = new Browser('granted');
  const reminders = browser.reminders();
  await reminders.toggle();
  reminders.plan([SHOW]);
  browser.run(STARTS - SOON_S);

  browser.notifications.permission = 'denied';
  browser.run(STARTS + 60);

  assert.deepEqual(browser.told, ['Friday: soon']);
});

test('the choice is kept for the next page, and a second click takes it back', async () => {
  const browser = new Browser('granted');
  await browser.reminders().toggle();
  const next = browser.reminders();
  assert.equal(next.state, 'on');
  next.plan([SHOW]);

  await next.toggle();
  browser.run(STARTS + 60);

  assert.equal(next.state, 'off');
  assert.equal(browser.reminders().state, 'off');
  assert.deepEqual(browser.shown, []);
});

test('another time has reminders of its own, and what was called off has none', async () => {
  const browser = new Browser('granted');
  const reminders = browser.reminders();
  await reminders.toggle();
  reminders.plan([SHOW, { ...SHOW, id: 'other', title: 'Other' }]);
  browser.run(STARTS - SOON_S);
  reminders.plan([{ ...SHOW, starts: STARTS + 3600 }]);
  browser.run(STARTS + 7200);

  assert.deepEqual(browser.told, ['Friday: soon', 'Other: soon', 'Friday: soon', 'Friday: start']);
});

test('a page that slept shows nothing that is long over', async () => {
  const browser = new Browser('granted');
  const reminders = browser.reminders();
  await reminders.toggle();
  reminders.plan([SHOW]);

  const timer = browser.timer;
  browser.now = STARTS + 61;
  timer?.work();

  assert.deepEqual(browser.told, []);
});

test('timers that stand still for a sleep are asked again within half a minute', async () => {
  const browser = new Browser('granted');
  const reminders = browser.reminders();
  await reminders.toggle();
  reminders.plan([SHOW]);

  assert.ok((browser.timer?.at ?? 0) - browser.now <= 30);
});

test('a click on a reminder leads to its show', async () => {
  const browser = new Browser('granted');
  const reminders = browser.reminders();
  await reminders.toggle();
  reminders.plan([SHOW]);
  browser.run(STARTS);

  browser.shown[0]?.onclick?.();

  assert.deepEqual(browser.opened, ['/w/link']);
});

test('a browser that refuses to show one, or has none at all, is not asked again', async () => {
  const browser = new Browser('granted');
  browser.notifications = class {
    static permission = 'granted';
    constructor() {
      throw new TypeError('Illegal constructor');
    }
  };
  const reminders = browser.reminders();
  await reminders.toggle();
  reminders.plan([SHOW]);
  browser.run(STARTS);
  assert.equal(reminders.state, 'missing');

  browser.notifications = undefined;
  const none = browser.reminders();
  await none.toggle();
  assert.equal(none.state, 'missing');
});

test('without storage the choice holds for the page', async () => {
  const forbidden = () => {
    throw new DOMException('no', 'SecurityError');
  };
  const browser = new Browser('granted');
  const reminders = browser.reminders({ getItem: forbidden, setItem: forbidden, removeItem: forbidden });

  await reminders.toggle();
  assert.equal(reminders.state, 'on');
  await reminders.toggle();
  assert.equal(reminders.state, 'off');
});
