// @ts-check
/**
 * A WHEP client (draft-ietf-wish-whep, RFC 9725): asks a server for a stream by HTTP.
 *
 * POST carries the offer and brings the answer, PATCH carries ICE candidates that are found later, and
 * DELETE ends the stream.
 */

/** A request without an answer within this has failed, s. */
const ANSWER_WITHIN_S = 8;

/** How long to wait where a server has too many streams and does not say how long, s. */
const BUSY_S = 5;

/** A refusal, or a missing answer (then `status` is 0). */
export class WhepProblem extends Error {
  /**
   * @param {number} status
   * @param {number} [retryAfter]  s
   */
  constructor(status, retryAfter = 0) {
    super(`WHEP: ${status}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** @typedef {(url: string, init: RequestInit) => Promise<Response>} Fetch */

/** A link and its parameters (RFC 8288, section 3). */
const LINK = /<([^>]*)>((?:\s*;\s*[\w-]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^",;\s]+))?)*)/g;
const PARAMETER = /;\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",;\s]+))/g;

/**
 * Return the ICE servers of a `Link` header (RFC 9725, section 4.6).
 *
 * @param {string | null} header
 * @returns {RTCIceServer[]}
 */
export function iceServersOf(header) {
  return [...(header ?? '').matchAll(LINK)].flatMap(([, urls = '', parameters = '']) => {
    const { rel, username, credential } = Object.fromEntries(
      [...parameters.matchAll(PARAMETER)].map(([, name, quoted, plain]) => [
        name?.toLowerCase(),
        quoted?.replaceAll(/\\(.)/g, '$1') ?? plain,
      ]),
    );
    return rel === 'ice-server' ? [{ urls, ...(username ? { username, credential } : {}) }] : [];
  });
}

/**
 * Return candidates as a fragment of SDP (RFC 8840, section 9): all belong to one bundle.
 *
 * @param {readonly Pick<RTCIceCandidate, 'candidate' | 'sdpMid'>[]} candidates
 * @param {string} offer  that they belong to
 * @param {boolean} complete  whether no more follow
 */
export function fragmentOf(candidates, offer, complete) {
  const line = (/** @type {RegExp} */ pattern) => pattern.exec(offer)?.[0] ?? '';
  return [
    line(/^a=ice-ufrag:.*$/m),
    line(/^a=ice-pwd:.*$/m),
    line(/^m=.*$/m),
    line(/^a=mid:.*$/m),
    ...candidates.map(({ candidate }) => `a=${candidate}`),
    ...(complete ? ['a=end-of-candidates'] : []),
  ]
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => `${text}\r\n`)
    .join('');
}

/** A stream that the server has agreed to. */
export class WhepResource {
  #url;
  #etag;
  #fetch;

  /**
   * @param {string} url
   * @param {object} answered
   * @param {string} answered.answer  SDP
   * @param {string} answered.etag  of the ICE session (RFC 9725, section 4.3.1)
   * @param {RTCIceServer[]} answered.iceServers
   * @param {Fetch} fetch
   */
  constructor(url, { answer, etag, iceServers }, fetch) {
    this.#url = url;
    this.#etag = etag;
    this.#fetch = fetch;
    this.answer = answer;
    this.iceServers = iceServers;
  }

  /**
   * Ask for a stream. Rejects with a {@link WhepProblem}.
   *
   * @param {string} url
   * @param {string} offer  SDP
   * @param {Fetch} fetch
   */
  static async ask(url, offer, fetch) {
    const response = await send(fetch, url, 'POST', { 'Content-Type': 'application/sdp' }, offer);
    if (!response.ok) {
      const wait = Number(response.headers.get('Retry-After')) || (response.status === 429 ? BUSY_S : 0);
      throw new WhepProblem(response.status, wait);
    }
    const location = response.headers.get('Location') ?? '';
    const answered = {
      answer: await textOf(response),
      etag: response.headers.get('ETag') ?? '*',
      iceServers: iceServersOf(response.headers.get('Link')),
    };
    // The address is relative to the one that was asked.
    return new WhepResource(new URL(location, new URL(url, globalThis.location?.href)).href, answered, fetch);
  }

  /**
   * Hand in candidates that were found meanwhile. A failure is no loss: the connection comes to be, or
   * is found not to.
   *
   * @param {string} fragment
   */
  async trickle(fragment) {
    const headers = { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': this.#etag };
    await send(this.#fetch, this.#url, 'PATCH', headers, fragment).catch(() => {});
  }

  /** End the stream, also where the page is being left. */
  async end() {
    await this.#fetch(this.#url, { method: 'DELETE', keepalive: true }).catch(() => {});
  }
}

/**
 * @param {Fetch} fetch
 * @param {string} url
 * @param {string} method
 * @param {Record<string, string>} headers
 * @param {string} body
 */
async function send(fetch, url, method, headers, body) {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_S * 1000);
    return await fetch(url, { method, headers, body, signal });
  } catch {
    throw new WhepProblem(0);
  }
}

/** @param {Response} response */
async function textOf(response) {
  try {
    return await response.text();
  } catch {
    throw new WhepProblem(0);
  }
}
