// @ts-check
/** What a link needs of the page around it: visibility, timers, and whether the server can be reached. */

/**
 * @typedef {object} PageEnvironment
 * @property {() => boolean} visible
 * @property {(callback: () => void) => void} onWake  the page is seen again, or the network is back
 * @property {() => Promise<boolean>} reaches  whether the server answers
 */

/**
 * Call back after so many seconds; returns what cancels it.
 *
 * @typedef {(callback: () => void, seconds: number) => () => void} Schedule
 */

/** A server that has not answered within this is away, s. */
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
      // A proxy may keep this address to itself and refuse it; 5xx is one without a server (ADR 0006).
      ({ status }) => status < 500,
      () => false,
    ),
};

/** @type {Schedule} */
export const byTimer = (callback, seconds) => {
  const timer = setTimeout(callback, seconds * 1000);
  return () => clearTimeout(timer);
};
