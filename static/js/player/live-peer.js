// @ts-check
/** One peer connection that receives a live stream: from its offer to its end. It does not come back. */

import { fragmentOf, WhepProblem, WhepResource } from './whep.js';

/** @typedef {import('./whep.js').Fetch} Fetch */

/**
 * @typedef {'codec' | 'busy' | 'passport' | 'forbidden' | 'gone' | 'unreachable' | 'server' | 'silent'} Trouble
 *
 * - codec: this browser and the server have no format in common
 * - busy: this person has too many streams
 * - passport, forbidden, gone: refused
 * - unreachable: neither UDP nor a relay gets through
 * - server: it does not answer, or cannot send
 * - silent: it has stopped to send
 */

/** Without a connection within this after the answer there will be none, s. */
const CONNECT_WITHIN_S = 5;

/** A connection that is interrupted for longer is given up, s. */
const RECONNECT_WITHIN_S = 2;

/** Candidates that are found within this are handed in together, s. */
const GATHER_CANDIDATES_S = 0.05;

/** A name of multicast DNS: of no use to a server (draft-ietf-mmusic-mdns-ice-candidates). */
const LOCAL_NAME = /\.local\b/;

/** @type {Readonly<Record<number, Trouble>>} by the status of the answer */
const TROUBLES = { 401: 'passport', 403: 'forbidden', 404: 'gone', 406: 'codec', 410: 'gone', 429: 'busy' };

/**
 * @typedef {object} PeerEnvironment
 * @property {new (configuration: RTCConfiguration) => RTCPeerConnection} Peer
 * @property {new () => MediaStream} Stream
 * @property {Fetch} fetch
 * @property {(callback: () => void, seconds: number) => () => void} schedule  returns what cancels it
 */

/**
 * Return an offer that asks for stereo: Chromium plays Opus in mono unless its own description has
 * `stereo=1` (RFC 7587, section 6.1).
 *
 * @param {string} sdp
 */
export function withStereo(sdp) {
  const [, payload = ''] = /^a=rtpmap:(\d+) opus\/48000\/2/im.exec(sdp) ?? [];
  const parameters = new RegExp(`^a=fmtp:${payload} (?!.*\\bstereo=)`, 'm');
  return payload === '' ? sdp : sdp.replace(parameters, '$&stereo=1;');
}

/**
 * @typedef {object} PeerEvents
 * @property {() => void} connected  once
 * @property {(trouble: Trouble, retryAfter: number) => void} failed  once; it is closed then
 */

export class LivePeer {
  #peer;
  #environment;
  #events;

  /** @type {WhepResource | null} */
  #resource = null;
  #closed = false;
  #wasConnected = false;
  #cancelWatch = () => {};
  #cancelTrickle = () => {};

  /** @type {RTCIceCandidate[]} */
  #candidates = [];

  /** What comes. @type {MediaStream} */
  stream;

  /** ICE servers that the server named, for the next connection. @type {RTCIceServer[]} */
  iceServers;

  /**
   * @param {PeerEnvironment} environment
   * @param {RTCIceServer[]} iceServers  known so far
   * @param {PeerEvents} events
   */
  constructor(environment, iceServers, events) {
    this.#environment = environment;
    this.#events = events;
    this.iceServers = iceServers;
    this.stream = new environment.Stream();
    const peer = new environment.Peer({ iceServers, bundlePolicy: 'max-bundle' });
    this.#peer = peer;
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addTransceiver('audio', { direction: 'recvonly' });
    // Only so that the offer has a place for channels: this one carries nothing, and the server
    // is not told of it. A channel for the room is opened when it is needed.
    peer.createDataChannel('none', { negotiated: true, id: 1023 });
    peer.ontrack = ({ track }) => this.stream.addTrack(track);
    peer.onconnectionstatechange = () => this.#connectionChanged();
    peer.onicecandidate = ({ candidate }) => this.#found(candidate);
  }

  get connected() {
    return !this.#closed && this.#peer.connectionState === 'connected';
  }

  /** Whether packets of the picture have come. */
  get flowing() {
    return this.connected && this.stream.getVideoTracks().some(({ muted }) => !muted);
  }

  /**
   * Ask for the stream.
   *
   * @param {string} url
   */
  async open(url) {
    try {
      const { type, sdp = '' } = await this.#peer.createOffer();
      const offer = { type, sdp: withStereo(sdp) };
      this.#resource = await WhepResource.ask(url, offer.sdp, this.#environment.fetch);
      if (this.#closed) {
        this.#resource.end();
        return;
      }
      await this.#take(offer, this.#resource);
    } catch (problem) {
      const { status = 0, retryAfter = 0 } = problem instanceof WhepProblem ? problem : {};
      this.#fail(TROUBLES[status] ?? 'server', retryAfter);
    }
  }

  /**
   * Gathering begins with the local description, and the server names its relays in the answer: so
   * the offer is set after the answer has come (RFC 9725, section 4.6). The server needs no candidate
   * of a browser that connects to it.
   *
   * @param {RTCSessionDescriptionInit} offer
   * @param {WhepResource} resource
   */
  async #take(offer, { iceServers, answer }) {
    if (iceServers.length > 0) {
      this.iceServers = iceServers;
      this.#peer.setConfiguration({ iceServers, bundlePolicy: 'max-bundle' });
    }
    this.#watch(CONNECT_WITHIN_S, 'unreachable');
    await this.#peer.setLocalDescription(offer);
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /**
   * How long sound and picture are to wait in the jitter buffer.
   *
   * @param {number} sound  s
   * @param {number} picture  s
   */
  hold(sound, picture) {
    for (const receiver of this.#peer.getReceivers()) {
      // Not every browser has it.
      if ('jitterBufferTarget' in receiver) {
        receiver.jitterBufferTarget = Math.round((receiver.track.kind === 'audio' ? sound : picture) * 1000);
      }
    }
  }

  /** The RTP timestamp of the picture shown last, where frames do not tell theirs. */
  get rtpTimestamp() {
    const video = this.#peer.getReceivers().find(({ track }) => track.kind === 'video');
    return video?.getSynchronizationSources?.()[0]?.rtpTimestamp;
  }

  /** @returns {Promise<Iterable<Record<string, any>>>} */
  async statistics() {
    const report = await this.#peer.getStats();
    return report.values();
  }

  /**
   * Open a channel that carries text in order; null without a connection.
   *
   * @param {string} label
   */
  openChannel(label) {
    return this.connected ? this.#peer.createDataChannel(label, { ordered: true }) : null;
  }

  /** End it, and tell the server. */
  close() {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#cancelWatch();
    this.#cancelTrickle();
    this.#peer.close();
    this.#resource?.end();
  }

  #connectionChanged() {
    switch (this.#peer.connectionState) {
      case 'connected':
        this.#cancelWatch();
        // After a short interruption the stream goes on: told anew, it would count as one without frames.
        if (!this.#wasConnected) {
          this.#wasConnected = true;
          this.#events.connected();
        }
        break;
      case 'disconnected':
        this.#watch(RECONNECT_WITHIN_S, 'silent');
        break;
      case 'failed':
        this.#fail(this.#wasConnected ? 'silent' : 'unreachable');
    }
  }

  /**
   * Fail unless there is a connection within this time.
   *
   * @param {number} seconds
   * @param {Trouble} trouble
   */
  #watch(seconds, trouble) {
    this.#cancelWatch();
    this.#cancelWatch = this.#environment.schedule(() => this.#fail(trouble), seconds);
  }

  /**
   * @param {Trouble} trouble
   * @param {number} [retryAfter]  s
   */
  #fail(trouble, retryAfter = 0) {
    if (!this.#closed) {
      this.close();
      this.#events.failed(trouble, retryAfter);
    }
  }

  /** A candidate was found; null: there are no more. @param {RTCIceCandidate | null} candidate */
  #found(candidate) {
    if (candidate !== null && candidate.candidate !== '' && !LOCAL_NAME.test(candidate.candidate)) {
      this.#candidates.push(candidate);
    }
    this.#cancelTrickle();
    this.#cancelTrickle = this.#environment.schedule(
      () => this.#trickle(candidate === null),
      GATHER_CANDIDATES_S,
    );
  }

  /** @param {boolean} complete  whether there will be no more */
  #trickle(complete) {
    const candidates = this.#candidates.splice(0);
    if (candidates.length > 0) {
      const offer = this.#peer.localDescription?.sdp ?? '';
      this.#resource?.trickle(fragmentOf(candidates, offer, complete));
    }
  }
}
