// @ts-check
/** Where a picture comes from: what every kind of source can do, and which one is chosen. */

import { FileSource } from './file-source.js';

/** @typedef {'none' | 'format' | 'decode' | 'network'} Fault */

/** @typedef {{kind: string, url?: string, type?: string}} SourceEntry  one of a title's `sources` */

/**
 * @typedef {object} PictureSource
 * @property {string} kind  `file`; `hls` and `live` are to come
 * @property {boolean} canSeek  whether the element can be sent to any place of the film
 * @property {boolean} canSteer  whether its rate can be changed
 * @property {Fault | null} fault  what is wrong with the film; it dispatches `change` when that changes
 * @property {{buffered: number, dropped: number}} figures  loaded ahead of the picture, s; frames
 *   that were not shown in time
 * @property {(video: HTMLVideoElement) => void} attach  give the film to the element
 * @property {() => void} detach  do nothing more with the element
 * @property {(now: number) => number} filmPosition  of the picture at a client time, s
 * @property {(parts: import('../sync/follower.js').FollowerParts) => import('../sync/follower.js').Follower} follower
 *   what keeps such a picture with the timeline
 */

/** The kinds that this version has, the preferred one first. */
const KINDS = [FileSource];

/**
 * Return the source to play a film from, or why there is none.
 *
 * @param {readonly SourceEntry[]} entries
 * @param {(type: string) => string} canPlayType  as that of the element
 * @returns {(PictureSource & EventTarget) | Fault}
 */
export function sourceFor(entries, canPlayType) {
  const known = KINDS.flatMap((Kind) =>
    entries.flatMap(({ kind, url, type }) => (kind === Kind.kind && url ? { Kind, url, type } : [])),
  );
  const playable = known.find(({ type }) => !type || canPlayType(type) !== '');
  if (playable === undefined) {
    return known.length > 0 ? 'format' : 'none';
  }
  return new playable.Kind(playable.url);
}
