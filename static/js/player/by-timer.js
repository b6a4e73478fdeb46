// @ts-check
/** Timers of sources: they come back, or look again, after so many seconds. */

/**
 * Call back after so many seconds; returns a function that cancels it.
 *
 * @type {(callback: () => void, seconds: number) => () => void}
 */
export const byTimer = (callback, seconds) => {
  const timer = setTimeout(callback, seconds * 1000);
  return () => clearTimeout(timer);
};
