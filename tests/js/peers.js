// @ts-check
/** Fake peer connections, their server, and the timers around them, in simulated time. */

/** @typedef {import('../../static/js/player/live-connection.js').Environment} Environment */

/** A track that comes from afar: muted until its first packet. */
class Track {
  muted = true;

  /** @param {string} kind */
  constructor(kind) {
    this.kind = kind;
  }
}

/** A stream is a list of tracks. */
export class FakeStream {
  /** @type {Track[]} */
  tracks = [];

  /** @param {Track} track */
  addTrack(track) {
    this.tracks.push(track);
  }

  getVideoTracks() {
    return this.tracks.filter(({ kind }) => kind === 'video');
  }
}

class Receiver {
  /** @type {number | null} */
  jitterBufferTarget = null;
  rtpTimestamp = 1234;

  /** @param {string} kind */
  constructor(kind) {
    this.track = new Track(kind);
  }

  getSynchronizationSources() {
    return [{ rtpTimestamp: this.rtpTimestamp }];
  }
}

/** A peer connection whose other end the test plays. */
export class FakePeer {
  connectionState = 'new';
  closed = false;
  frames = 0;

  /** @type {Receiver[]} */
  receivers = [];

  /** @type {{label: string, options: object}[]} */
  channels = [];

  /** @type {{type: string, sdp?: string} | null} */
  localDescription = null;

  /** @type {{sdp?: string} | null} */
  remoteDescription = null;

  ontrack = (/** @type {{track: Track}} */ _) => {};
  onconnectionstatechange = () => {};
  onicecandidate = (/** @type {{candidate: object | null}} */ _) => {};

  /** @param {RTCConfiguration} configuration */
  constructor(configuration) {
    this.configurations = [configuration];
  }

  /** @param {string} kind @param {{direction: string}} about */
  addTransceiver(kind, { direction }) {
    this.receivers.push(new Receiver(kind));
    this.direction = direction;
  }

  getReceivers() {
    return this.receivers;
  }

  /** @param {string} label @param {object} options */
  createDataChannel(label, options) {
    const channel = { label, options };
    this.channels.push(channel);
    return channel;
  }

  /** @param {RTCConfiguration} configuration */
  setConfiguration(configuration) {
    this.configurations.push(configuration);
  }

  async createOffer() {
    return { type: 'offer', sdp: 'a=ice-ufrag:u\r\na=ice-pwd:p\r\nm=video 9 X 96\r\na=mid:0\r\n' };
  }

  /** @param {{type: string, sdp?: string}} description */
  async setLocalDescription(description) {
    this.localDescription = description;
  }

  /** @param {{type: string, sdp?: string}} description */
  async setRemoteDescription(description) {
    if (description.sdp === 'broken') {
      throw new TypeError('no SDP');
    }
    this.remoteDescription = description;
    for (const { track } of this.receivers) {
      this.ontrack({ track });
    }
  }

  async getStats() {
    const video = { type: 'inbound-rtp', kind: 'video', framesReceived: this.frames };
    return new Map([['v', video]]);
  }

  close() {
    this.closed = true;
    this.connectionState = 'closed';
  }

  /** @param {string} state */
  become(state) {
    this.connectionState = state;
    this.onconnectionstatechange();
  }

  /** Packets of the picture come. */
  flow() {
    this.frames += 25;
    for (const { track } of this.receivers) {
      track.muted = false;
    }
  }
}

/** A browser, a server and their time. */
export class World {
  now = 100;

  /** @type {FakePeer[]} */
  peers = [];

  /** @type {{method: string | undefined, url: string, body: unknown}[]} */
  asked = [];

  /** What the server answers to an offer. */
  answer = () => new Response('v=0', { status: 201, headers: { Location: `/whep/${this.peers.length}` } });

  /** Whether the browser decodes what it sends. */
  decodes = true;

  /** @type {Set<{at: number, callback: () => void}>} */
  timers = new Set();

  /** @returns {Environment} */
  get environment() {
    const world = this;
    return /** @type {any} */ ({
      Peer: class extends FakePeer {
        /** @param {RTCConfiguration} configuration */
        constructor(configuration) {
          super(configuration);
          world.peers.push(this);
        }
      },
      Stream: FakeStream,
      fetch: async (/** @type {string} */ url, /** @type {RequestInit} */ { method, body }) => {
        this.asked.push({ method, url, body });
        return method === 'POST' ? this.answer() : new Response(null, { status: 204 });
      },
      schedule: (/** @type {() => void} */ callback, /** @type {number} */ seconds) => {
        const timer = { at: this.now + seconds, callback };
        this.timers.add(timer);
        return () => this.timers.delete(timer);
      },
      random: () => 0.5,
      now: () => this.now,
      decodes: () => this.decodes,
    });
  }

  /** The newest peer connection. */
  get peer() {
    const peer = this.peers.at(-1);
    if (peer === undefined) {
      throw new Error('no connection was made');
    }
    return peer;
  }

  /** The methods that the server was asked by. */
  get methods() {
    return this.asked.map(({ method }) => method);
  }

  /** Let time pass. @param {number} seconds @param {() => void} [each]  called at every timer */
  async pass(seconds, each = () => {}) {
    const until = this.now + seconds;
    await settled();
    for (;;) {
      const [next] = [...this.timers].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) {
        break;
      }
      this.timers.delete(next);
      this.now = Math.max(next.at, this.now);
      each();
      next.callback();
      await settled();
    }
    this.now = until;
  }
}

/** Let promises settle. */
export async function settled() {
  for (let i = 0; i < 5; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
