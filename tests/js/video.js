// @ts-check
/** A video element and its server, as HTML prescribes what they do. */

import assert from 'node:assert/strict';

const CODES = { MEDIA_ERR_NETWORK: 2, MEDIA_ERR_DECODE: 3, MEDIA_ERR_SRC_NOT_SUPPORTED: 4 };
Object.assign(globalThis, { MediaError: CODES });

/** A server, and what it has at every address. */
export class Host {
  up = true;

  /** Whether browsers can play it. */
  playable = true;
}

/** A video element as HTML prescribes it: its load algorithm, and what it reports when that fails. */
export class Video extends EventTarget {
  currentTime = 12.5;
  loads = 0;
  readyState = 0;
  buffered = { length: 0 };

  /** @type {{code: number} | null} */
  error = null;

  #host;
  #src = '';

  /** @type {object | null} */
  #srcObject = null;

  constructor(host = new Host()) {
    super();
    this.#host = host;
  }

  get src() {
    return this.#src;
  }

  set src(url) {
    this.#src = url;
    this.load();
  }

  /** @param {string} name */
  removeAttribute(name) {
    assert.equal(name, 'src');
    this.#src = '';
  }

  get srcObject() {
    return this.#srcObject;
  }

  /** Any value has the element load anew. */
  set srcObject(value) {
    this.#srcObject = value;
    this.load();
  }

  load() {
    this.loads += 1;
    this.error = null;
    this.readyState = 0;
    this.dispatchEvent(new Event('emptied'));
    if (this.#src === '') {
      return;
    }
    queueMicrotask(() => {
      if (!this.#host.up || !this.#host.playable) {
        this.#fail('MEDIA_ERR_SRC_NOT_SUPPORTED');
        return;
      }
      this.readyState = 4;
      this.dispatchEvent(new Event('loadeddata'));
    });
  }

  /** The film breaks off: what was loaded has been played, and no more comes. */
  breakOff() {
    this.#fail('MEDIA_ERR_NETWORK');
  }

  /** What comes is broken. */
  spoil() {
    this.#fail('MEDIA_ERR_DECODE');
  }

  /** @param {keyof typeof CODES} name */
  #fail(name) {
    assert.equal(name === 'MEDIA_ERR_SRC_NOT_SUPPORTED', this.readyState === 0);
    this.error = { code: CODES[name] };
    this.dispatchEvent(new Event('error'));
  }
}
