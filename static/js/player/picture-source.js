// @ts-check
/** Where a picture comes from: what every kind of source can do, and which one is chosen. */

import { FileSource } from './file-source.js';

/** @typedef {'none' | 'format' | 'decode' | 'network'} Fault */

/**
 * @typedef {object} SourceEntry  One of a session's `sources`.
 * @property {string} kind
 * @property {string} [url]
 * @property {string} [type]
 * @property {number} [progress]  of `live`: how much of it the server has made, 0 to 1
 * @property {boolean} [behind]  of `live`: whether the server cannot make it fast enough
 */

/**
 * @typedef {object} PictureSource
 * @property {string} kind  `file` or `live`; `hls` is to come
 * @property {boolean} canSeek  whether the element can be sent to any place of the film
 * @property {boolean} canSteer  whether its rate can be changed
 * @property {Fault | null} fault  what is wrong with the film; it dispatches `change` when that changes
 * @property {{buffered: number | null, dropped: number}} figures  loaded ahead of the picture, s, null where
 *   nothing is; frames that were not shown in time
 * @property {(video: HTMLVideoElement) => void} attach  give the film to the element
 * @property {() => void} detach  take the film out of the element, and do nothing more with it
 * @property {(now: number) => number} filmPosition  of the picture at a client time, s
 * @property {(parts: import('../sync/follower.js').FollowerParts) => import('../sync/follower.js').Follower} follower
 *   what keeps such a picture with the timeline
 * @property {(target: number) => void} [hold]  for how long frames are to wait in the jitter buffer, s
 * @property {number} [rtpTimestamp]  of the frame shown, where frames do not tell theirs
 * @property {import('./stream-figures.js').StreamFigures | null} [streamFigures]  of a stream
 */

/**
 * @typedef {object} SourceKind  A class of sources.
 * @property {string} kind
 * @property {(entry: SourceEntry, canPlayType: (type: string) => string) => boolean} plays
 *   whether this browser plays such an entry of this kind
 */

/** @typedef {SourceKind & (new (entry: SourceEntry) => PictureSource & EventTarget)} SourceClass */

/** @typedef {import('./live-source.js').LiveSource} LiveSource */

/**
 * @typedef {object} LiveLoading
 * @property {() => Promise<new (entry: SourceEntry) => LiveSource>} load  its class
 */

/** @typedef {SourceKind & LiveLoading} LiveKind  A stream by WebRTC: most viewers never load what it takes. */

/** Kinds whose element can be sent to any place of the film, the preferred one first. @type {readonly SourceClass[]} */
export const KINDS = [FileSource];

/** @type {LiveKind} */
export const LIVE = {
  kind: 'live',
  plays: ({ url }) => url !== undefined && 'RTCPeerConnection' in globalThis,
  load: async () => (await import('./live-source.js')).LiveSource,
};

/**
 * Call back when a source cannot go on: it does not get over these faults by itself.
 *
 * @param {PictureSource & EventTarget} source
 * @param {() => void} callback
 */
export function onFailure(source, callback) {
  source.addEventListener('change', () => {
    if (source.fault === 'format' || source.fault === 'decode') {
      callback();
    }
  });
}

/**
 * Return the source to play a film from, or why there is none.
 *
 * @param {readonly SourceEntry[]} entries
 * @param {(type: string) => string} canPlayType  as that of the element
 * @param {object} [choice]
 * @param {readonly SourceClass[]} [choice.kinds]  the preferred one first
 * @param {readonly string[]} [choice.failed]  kinds that are not to be tried again
 * @returns {(PictureSource & EventTarget) | Fault}
 */
export function sourceFor(entries, canPlayType, { kinds = KINDS, failed = [] } = {}) {
  const known = kinds
    .filter(({ kind }) => !failed.includes(kind))
    .flatMap((Kind) => entries.filter(({ kind }) => kind === Kind.kind).map((entry) => ({ Kind, entry })));
  const playable = known.find(({ Kind, entry }) => Kind.plays(entry, canPlayType));
  if (playable === undefined) {
    return known.length > 0 ? 'format' : 'none';
  }
  return new playable.Kind(playable.entry);
}
