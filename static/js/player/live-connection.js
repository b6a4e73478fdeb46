// @ts-check
/**
 * The connection to a live stream: it comes back by itself.
 *
 * It dispatches `change` when {@link LiveConnection#state}, the trouble or the stream changes. A stream that
 * breaks is asked for anew, each time after a longer wait; the server's picture is at the right frame at once,
 * so nothing would be gained by restarting ICE on the old one.
 */

import { backoff } from '../sync/backoff.js';
import { byTimer } from './by-timer.js';
import { LivePeer } from './live-peer.js';
import { countsOf, figuresBetween } from './stream-figures.js';

/** @typedef {import('./live-peer.js').Trouble} Trouble */

/**
 * @typedef {'idle' | 'connecting' | 'connected' | 'flowing' | 'waiting' | 'refused'} LiveState
 *
 * - connecting: asked for
 * - connected: it may come, but no packet has
 * - flowing: frames come
 * - waiting: broken, and will be asked for anew
 * - refused: not to be had
 */

/** A stream that broke is asked for again after so long at first, and so long at most, s. */
const FIRST_RETRY_S = 0.6;
const MAX_RETRY_S = 15;

/** How often the stream is looked at before frames come, and then, s. */
const FIRST_LOOK_S = 0.1;
const LOOK_EVERY_S = 1;

/** Without a frame for longer a stream is broken, s: the server repeats a paused one five times a second. */
const SILENT_S = 2.5;

/** So long the first frame may take: the server may have to make it, s. */
const FIRST_FRAME_S = 20;

/** Troubles that no retry gets over. @type {readonly Trouble[]} */
const FINAL = ['codec', 'passport', 'forbidden', 'gone'];

/**
 * @typedef {object} OwnEnvironment
 * @property {() => number} random  from 0 to 1
 * @property {() => number} now  client time, s
 * @property {() => boolean} decodes  whether this browser decodes what the server sends
 */

/** @typedef {import('./live-peer.js').PeerEnvironment & OwnEnvironment} Environment */

/** Servers send H.264 alone (RFC 6184); browsers without it need not ask. */
function decodesH264() {
  // Not every browser says what it can.
  const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs;
  return codecs?.some(({ mimeType }) => /^video\/h264$/i.test(mimeType)) ?? true;
}

/** @returns {Environment} */
const browser = () => ({
  Peer: RTCPeerConnection,
  Stream: MediaStream,
  fetch: (url, init) => fetch(url, init),
  schedule: byTimer,
  random: Math.random,
  now: () => performance.now() / 1000,
  decodes: decodesH264,
});

export class LiveConnection extends EventTarget {
  #url;
  #environment;

  /** @type {LivePeer | null} */
  #peer = null;

  /** @type {RTCIceServer[]} */
  #iceServers = [];
  #attempt = 0;
  #hold = 0;
  #cancelRetry = () => {};
  #cancelLook = () => {};

  /** The newest counts. @type {import('./stream-figures.js').Counts | null} */
  #counts = null;

  /** When a frame came last, or was hoped for first, client time, s. */
  #framesAt = 0;

  /** @type {LiveState} */
  state = 'idle';

  /** Why it is broken, or not to be had; null while all is well. @type {Trouble | null} */
  trouble = null;

  /** Its figures of the last second; null without one. @type {import('./stream-figures.js').StreamFigures | null} */
  figures = null;

  /**
   * @param {string} url  of the session's WHEP endpoint
   * @param {Partial<Environment>} [environment]
   */
  constructor(url, environment = {}) {
    super();
    this.#url = url;
    this.#environment = /** @type {Environment} */ (
      'Peer' in environment ? environment : { ...browser(), ...environment }
    );
  }

  /** What comes; null without a connection. */
  get stream() {
    return this.#peer?.stream ?? null;
  }

  /** The RTP timestamp of the picture shown last. */
  get rtpTimestamp() {
    return this.#peer?.rtpTimestamp;
  }

  /** Ask for the stream, unless that was done, or it is not to be had. */
  start() {
    if (this.state === 'idle') {
      this.#connect();
    }
  }

  /** End it; it can be started again, unless it was refused. */
  stop() {
    if (this.state !== 'refused') {
      this.reset();
    }
  }

  /** End it, and forget a refusal: the viewer wishes to try again. */
  reset() {
    this.#drop();
    this.#attempt = 0;
    this.#set('idle', null);
  }

  /**
   * For how long frames are to wait in the jitter buffer; on a later connection the sound alone at first.
   *
   * @param {number} seconds
   */
  hold(seconds) {
    this.#hold = seconds;
    this.#peer?.hold(seconds, seconds);
  }

  /** For how long frames wait in the jitter buffer, as ordered, s. */
  get held() {
    return this.#hold;
  }

  /**
   * Open a channel that carries text in order; null where there is no connection.
   *
   * @param {string} label
   */
  openChannel(label) {
    return this.#peer?.openChannel(label) ?? null;
  }

  #connect() {
    if (!this.#environment.decodes()) {
      this.#set('refused', 'codec');
      return;
    }
    const peer = new LivePeer(this.#environment, this.#iceServers, {
      connected: () => this.#onConnected(),
      failed: (trouble, retryAfter) => this.#onFailed(trouble, retryAfter),
    });
    this.#peer = peer;
    // The first picture is shown as soon as it is there; whoever follows the frames lets the next ones wait.
    peer.hold(this.#hold, 0);
    this.#set('connecting', this.trouble);
    peer.open(this.#url);
  }

  #onConnected() {
    this.#iceServers = this.#peer?.iceServers ?? [];
    this.#counts = null;
    this.#framesAt = this.#environment.now();
    this.#set('connected', this.trouble);
    this.#lookSoon(0);
  }

  /**
   * @param {Trouble} trouble
   * @param {number} [retryAfter]  s
   */
  #onFailed(trouble, retryAfter = 0) {
    this.#drop();
    if (FINAL.includes(trouble)) {
      this.#set('refused', trouble);
      return;
    }
    const { schedule, random } = this.#environment;
    const wait = backoff({
      attempt: this.#attempt,
      first: FIRST_RETRY_S,
      most: MAX_RETRY_S,
      random: random(),
    });
    this.#attempt += 1;
    this.#cancelRetry = schedule(() => this.#connect(), Math.max(wait, retryAfter));
    this.#set('waiting', trouble);
  }

  /** Do nothing more with the present connection. */
  #drop() {
    this.#cancelRetry();
    this.#cancelLook();
    this.#peer?.close();
    this.#peer = null;
    this.figures = null;
  }

  /** @param {number} seconds */
  #lookSoon(seconds) {
    this.#cancelLook();
    this.#cancelLook = this.#environment.schedule(() => this.#look(), seconds);
  }

  /** Read the stream's counts, and find out whether frames come. */
  async #look() {
    const peer = this.#peer;
    if (peer === null) {
      return;
    }
    const reports = await peer.statistics().catch(() => []);
    // Meanwhile it may have ended.
    if (peer !== this.#peer) {
      return;
    }
    const before = this.#counts;
    const counts = countsOf(reports, this.#environment.now());
    this.#counts = counts;
    this.figures = figuresBetween(before, counts);
    this.#judge(counts.at, counts.frames > (before?.frames ?? 0) || (before === null && peer.flowing));
    this.#lookSoonAgain();
  }

  #lookSoonAgain() {
    if (this.#peer !== null) {
      this.#lookSoon(this.state === 'flowing' ? LOOK_EVERY_S : FIRST_LOOK_S);
    }
  }

  /**
   * @param {number} now  client time, s
   * @param {boolean} moved  whether frames have come since the last look
   */
  #judge(now, moved) {
    if (moved) {
      this.#framesAt = now;
      this.#attempt = 0;
      this.#set('flowing', null);
    } else if (now - this.#framesAt > (this.state === 'flowing' ? SILENT_S : FIRST_FRAME_S)) {
      this.#onFailed('silent');
    }
  }

  /**
   * @param {LiveState} state
   * @param {Trouble | null} trouble
   */
  #set(state, trouble) {
    if (state !== this.state || trouble !== this.trouble) {
      this.state = state;
      this.trouble = trouble;
      this.dispatchEvent(new Event('change'));
    }
  }
}
