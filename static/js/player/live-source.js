// @ts-check
/**
 * A film that the server plays and sends as a stream by WebRTC: it is always where the timeline is.
 *
 * It is loaded once a stream is wanted (picture-source.js), and bundled by itself (tools/bundle.js).
 */

import { firstTarget } from '../sync/jitter-control.js';
import { LiveFollower } from '../sync/live-follower.js';
import { droppedFrames } from '../sync/media.js';
import { LiveConnection } from './live-connection.js';

/** @typedef {import('./picture-source.js').Fault} Fault */
/** @typedef {import('./picture-source.js').PictureSource} PictureSource */
/** @typedef {import('./picture-source.js').SourceEntry} SourceEntry */

/** @implements {PictureSource} */
export class LiveSource extends EventTarget {
  kind = 'live';
  canSeek = false;
  canSteer = false;

  #connection;

  /** @type {HTMLVideoElement | null} */
  #video = null;

  /** @type {LiveFollower | null} */
  #follower = null;

  /**
   * @param {SourceEntry} entry  that it plays
   * @param {LiveConnection} [connection]
   */
  constructor({ url = '' }, connection = new LiveConnection(url)) {
    super();
    this.url = url;
    this.#connection = connection;
    connection.addEventListener('change', () => this.#changed());
  }

  /** Whether frames come. */
  get ready() {
    return this.#connection.state === 'flowing';
  }

  /** Whether it is not to be had, however long one waits. */
  get refused() {
    return this.#connection.state === 'refused';
  }

  /** @returns {Fault | null} */
  get fault() {
    const { state, trouble } = this.#connection;
    if (trouble === 'codec') {
      return 'format';
    }
    return state === 'refused' || state === 'waiting' ? 'network' : null;
  }

  /** Why it is broken, or not to be had. */
  get trouble() {
    return this.#connection.trouble;
  }

  get figures() {
    return { buffered: null, dropped: this.#video === null ? 0 : droppedFrames(this.#video) };
  }

  /** The stream's own figures. */
  get streamFigures() {
    return this.#connection.figures;
  }

  get rtpTimestamp() {
    return this.#connection.rtpTimestamp;
  }

  /**
   * Have the stream come.
   *
   * @param {{live: number, line: number}} delays  by how much the server sends ahead, and how long the
   *   line takes, s
   */
  start({ live, line }) {
    if (this.#connection.state === 'idle') {
      this.#connection.hold(firstTarget(live, line));
      this.#connection.start();
    }
  }

  /** Have it end; it can be started again, unless it was refused. */
  stop() {
    this.#connection.stop();
  }

  /** Have it end, and forget a refusal. */
  reset() {
    this.#connection.reset();
  }

  /** @param {HTMLVideoElement} video */
  attach(video) {
    this.#video = video;
    video.srcObject = this.#connection.stream;
  }

  detach() {
    if (this.#video !== null) {
      this.#video.srcObject = null;
    }
    this.#video = null;
  }

  /** The picture is where the film was to be when it is due. */
  filmPosition() {
    return this.#follower?.position ?? 0;
  }

  /** @param {import('../sync/follower.js').FollowerParts} parts */
  follower(parts) {
    this.#follower = new LiveFollower(parts, () => this.#connection.held);
    return this.#follower;
  }

  /**
   * @param {number} target  for how long the jitter buffer is to hold frames, s
   */
  hold(target) {
    this.#connection.hold(target);
  }

  /** @param {string} label */
  openChannel(label) {
    return this.#connection.openChannel(label);
  }

  #changed() {
    const { stream } = this.#connection;
    // Each connection brings a stream of its own; until the next one the last picture stands.
    if (this.#video !== null && stream !== null && this.#video.srcObject !== stream) {
      this.#video.srcObject = stream;
    }
    this.dispatchEvent(new Event('change'));
  }
}
