// @ts-check
/** No site storage is taken for granted: blocked, full or in a sandbox, the page goes on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CalibrationStore } from '../../static/js/player/calibration-store.js';
import { deviceStorage, keepChoice } from '../../static/js/ui/storage.js';

const RECORD = /** @type {any} */ ({ adjustment: 0.05 });

/** @param {PropertyDescriptor} storage */
function browserWith(storage) {
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, ...storage });
}

function forbidden() {
  throw new DOMException('The operation is insecure.', 'SecurityError');
}

test('where site data is blocked nothing is kept, and nothing breaks', () => {
  browserWith({ get: forbidden });

  const store = new CalibrationStore(deviceStorage());
  store.save(RECORD);

  assert.equal(deviceStorage(), undefined);
  assert.deepEqual(store.load(), {});
});

test('a storage that refuses every call breaks nothing', () => {
  browserWith({ value: { getItem: forbidden, setItem: forbidden } });

  const store = new CalibrationStore(deviceStorage());
  store.save(RECORD);

  assert.deepEqual(store.load(), {});
});

test('a choice is a cookie for all pages, and forgotten at once', () => {
  const document = { cookie: '' };
  Object.assign(globalThis, { document });

  keepChoice('lang', 'ru');
  assert.equal(document.cookie, 'lang=ru; Path=/; Max-Age=34560000; SameSite=Lax');

  keepChoice('theme', null);
  assert.equal(document.cookie, 'theme=; Path=/; Max-Age=0; SameSite=Lax');
});

test('a page in a sandbox chooses without cookies', () => {
  Object.assign(globalThis, { document: Object.defineProperty({}, 'cookie', { set: forbidden }) });

  keepChoice('theme', 'dark');
});
