// @ts-check
/** Which source a picture comes from: a film's file, or the server's live stream. Pure. */

/** @typedef {'auto' | 'file' | 'live'} Preference  what the viewer wishes; `auto`: the file while it plays */

/** A picture that should move and has no data for longer is starved, s. */
const STARVED_S = 6;

/** So long a stream that is asked for first may take, before the file stands in, s. */
const FIRST_WAIT_S = 1.5;

/** A line that is slower cannot carry the stream, bit/s. */
const MIN_BIT_RATE = 2.5e6;

/** After a stream broke a starved file is tried again for so long at least, s. */
const FILE_AGAIN_S = 60;

/**
 * @typedef {object} Offer  What there is.
 * @property {Preference} preference
 * @property {boolean} own  whether the viewer watches on their own
 * @property {boolean} file  whether there is one that this browser may play
 * @property {boolean} live  whether there is a stream, and it was not refused
 * @property {boolean} starved  whether the file is
 */

/**
 * Whether the stream is what is to be shown.
 *
 * @param {Offer} offer
 */
export function wantsLive({ preference, own, file, live, starved }) {
  // A stream stands where the room is: who goes elsewhere needs the file.
  if (!live || preference === 'file' || (own && file)) {
    return false;
  }
  return preference === 'live' || starved || !file;
}

/**
 * Whether the stream is shown, where it is wanted.
 *
 * @param {object} stream
 * @param {boolean} stream.file  whether a file can stand in
 * @param {boolean} stream.ready  whether frames come
 * @param {boolean} stream.behind  whether the server cannot make them fast enough
 * @param {boolean} stream.tried  whether frames came before, or the viewer has another picture
 * @param {number} stream.asked  for how long it has been asked for, s
 */
export function showsLive({ file, ready, behind, tried, asked }) {
  if (!file) {
    return true;
  }
  return !behind && (ready || (!tried && asked < FIRST_WAIT_S));
}

/** Notices where a file has no data though it should move, and the line would carry the stream. */
export class Starvation {
  #since = Infinity;
  #notBefore = -Infinity;

  /** Whether the file is starved. */
  found = false;

  /**
   * @param {object} picture
   * @param {number} picture.now  client time, s
   * @param {boolean} picture.lacksData  whether it should move, and has nothing to show
   * @param {number | undefined} picture.bitRate  of the line, bit/s, where the browser says it
   */
  note({ now, lacksData, bitRate }) {
    const fits = bitRate === undefined || bitRate >= MIN_BIT_RATE;
    this.#since = lacksData && fits ? Math.min(this.#since, now) : Infinity;
    this.found ||= now - this.#since >= STARVED_S && now >= this.#notBefore;
  }

  /** The stream broke as well: try the file again. @param {number} now  client time, s */
  reset(now) {
    if (this.found) {
      this.#notBefore = now + FILE_AGAIN_S;
    }
    this.found = false;
    this.#since = Infinity;
  }
}
