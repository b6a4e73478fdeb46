// @ts-check
/** What a link needs from the page: visibility, timers, and whether the server can be reached. */

/**
 * @typedef {object} PageEnvironment
 * @property {() => boolean} visible
 * @property {(callback: () => void) => void} onWake  the page became visible, or the network is back
 * @property {() => Promise<boolean>} reaches  whether the server answers
 */

/**
 * Call back after so many seconds; returns a function that cancels it.
 *
 * @typedef {(callback: () => void, seconds: number) => () => void} Schedule
 */

/** A server that does not answer within this is away, s. */
const ANSWER_WITHIN_S = 4;

/** @type {PageEnvironment} */
export const browserPage = {
  visible: () => document.visibilityState !== 'hidden',
  onWake: (callback) => {
    document.addEventListener('visibilitychange', () => browserPage.visible() && callback());
    addEventListener('online', callback);
  },
  reaches: () =>
    fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(ANSWER_WITHIN_S * 1000) }).then(
      // A proxy may refuse this address itself; with 5xx it has no server behind it (ADR 0006).
      ({ status }) => status < 500,
      () => false,
    ),
};

/** @type {Schedule} */
export const byTimer = (callback, seconds) => {
  const timer = setTimeout(callback, seconds * 1000);
  return () => clearTimeout(timer);
};
