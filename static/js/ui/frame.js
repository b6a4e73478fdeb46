// @ts-check
/** Drawing at the pace of the screen: as much as may change, a view is drawn once a frame at most. */

/** What waits for the first picture waits so long at most, ms. */
const PAINT_WITHIN_MS = 250;

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

/** Let the browser show what was drawn; a page that nobody looks at does not wait for frames. */
export function painted() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, PAINT_WITHIN_MS);
  });
}
