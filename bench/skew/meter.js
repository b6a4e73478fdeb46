/**
 * Runs in the page before anything of its own: reads the number drawn in every frame that is shown,
 * and, where told to, makes the page's clocks false.
 *
 * Row 1 of the film is 16 cells of 40x40 px, the most significant bit first, white is 1; row 2 is
 * its complement. `falsehood` is null or {seconds, ppm}.
 */
((falsehood) => {
  const CELLS = 16;
  const CELL = 40;
  const WHITE = 128;

  const now = performance.now.bind(performance);
  if (falsehood !== null) {
    const begun = now();
    const wall = Date.now();
    const run = () => (now() - begun) * (1 + falsehood.ppm * 1e-6) + falsehood.seconds * 1000;
    performance.now = () => begun + run();
    Date.now = () => Math.floor(wall + run());
  }

  const canvas = new OffscreenCanvas(CELLS * CELL, 9 * CELL);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const read = (video) => {
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data, width } = context.getImageData(0, 0, canvas.width, 2 * CELL);
    const bit = (cell, row) => data[4 * (width * (row * CELL + CELL / 2) + cell * CELL + CELL / 2)] > WHITE;
    let number = 0;
    for (let cell = 0; cell < CELLS; cell += 1) {
      if (bit(cell, 0) === bit(cell, 1)) {
        return null;
      }
      number = 2 * number + Number(bit(cell, 0));
    }
    return number;
  };

  const video = () => document.querySelector('video');
  const meter = { now, frames: [], rates: [], number: () => (video() ? read(video()) : null) };
  const watch = () => {
    const element = video();
    if (element === null) {
      requestAnimationFrame(watch);
      return;
    }
    const note = (_, { expectedDisplayTime }) => {
      meter.frames.push([expectedDisplayTime / 1000, read(element)]);
      element.requestVideoFrameCallback(note);
    };
    element.requestVideoFrameCallback(note);
    element.addEventListener('ratechange', () => meter.rates.push([now() / 1000, element.playbackRate]));
  };
  watch();
  Object.defineProperty(window, 'skewMeter', { value: meter });
})
