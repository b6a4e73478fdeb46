// @ts-check
/** When views are drawn: once a frame at most, at changes, and where time alone changes their words. */

import { byTimer } from '../room/page-environment.js';

/** What waits for the first picture waits so long at most, ms. */
const PAINT_WITHIN_MS = 250;

/** Timers go off early, by a little: what is not due yet is looked at again so much later, s. */
const MIN_TICK_S = 0.02;

/** @typedef {(draw: () => void) => void} RequestFrame */

/**
 * Browsers ask for no frames of a tab that nobody sees: what changed meanwhile is drawn once, when
 * somebody comes back to it.
 *
 * @type {RequestFrame}
 */
const nextFrame = (draw) => void requestAnimationFrame(draw);

/**
 * @param {() => void} draw
 * @param {RequestFrame} [requestFrame]
 * @returns {() => void} to be called at every change: `draw` follows in the next frame, for all of them
 */
export function oncePerFrame(draw, requestFrame = nextFrame) {
  let isDue = false;
  return () => {
    if (isDue) {
      return;
    }
    isDue = true;
    requestFrame(() => {
      // Before the drawing: what changes in it, or fails, is followed by a frame of its own.
      isDue = false;
      draw();
    });
  };
}

/**
 * Tick where time alone changes what is shown.
 *
 * @param {() => void} tick
 * @param {() => number} untilNext  in how many seconds it does so next
 * @param {import('../room/page-environment.js').Schedule} [schedule]
 * @returns {() => void} to be called where `untilNext` answers otherwise than before
 */
export function tickWhenDue(tick, untilNext, schedule = byTimer) {
  let cancel = () => {};
  const plan = () => {
    cancel();
    const goOff = () => {
      // Before the tick: one that fails is followed by others.
      plan();
      tick();
    };
    cancel = schedule(goOff, Math.max(untilNext(), MIN_TICK_S));
  };
  plan();
  return plan;
}

/** Let the browser show what was drawn; a page that nobody looks at does not wait for frames. */
export function painted() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, PAINT_WITHIN_MS);
  });
}
