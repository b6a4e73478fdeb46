/**
 * Runs in the page before anything of its own: reads the number drawn in every frame that is shown,
 * notes what is done to the element and what the room says, and may make the page's clocks false.
 *
 * Row 1 of the film is 16 cells of equal squares over its whole width, the most significant bit
 * first, white is 1; row 2 is its complement. `clockFault` is null or {seconds, ppm, stops}.
 */
((clockFault) => {
  const CELLS = 16;
  const CELL = 8;
  const WHITE = 128;
  const SLEPT = 3000;

  const now = performance.now.bind(performance);
  if (clockFault !== null) {
    const begun = now();
    const wall = Date.now();
    let slept = 0;
    let last = begun;
    const run = () => (now() - begun) * (1 + clockFault.ppm * 1e-6) + clockFault.seconds * 1000;
    performance.now = () => {
      const real = now();
      // A clock that stops while the machine sleeps, as on macOS and Linux.
      if (clockFault.stops && real - last > SLEPT) {
        slept += real - last;
      }
      last = real;
      return begun + run() - slept;
    };
    Date.now = () => Math.floor(wall + run());
  }

  const canvas = new OffscreenCanvas(CELLS * CELL, 2 * CELL);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const read = (video) => {
    const { videoWidth } = video;
    context.drawImage(video, 0, 0, videoWidth, videoWidth / 8, 0, 0, canvas.width, canvas.height);
    const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height);
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
  const meter = {
    now,
    frames: [],
    rates: [],
    seeks: [],
    stalls: [],
    messages: [],
    number: () => (video() ? read(video()) : null),
  };
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
    element.addEventListener('seeking', () => meter.seeks.push(now() / 1000));
    element.addEventListener('waiting', () => meter.stalls.push(now() / 1000));
  };
  watch();

  // What the room says, as it reaches the page; only numbers are kept.
  const { WebSocket } = globalThis;
  globalThis.WebSocket = class extends WebSocket {
    constructor(...parameters) {
      super(...parameters);
      this.addEventListener('message', ({ data }) => {
        const { type, kind, seq, revision } = JSON.parse(data);
        if (type !== 'pong') {
          meter.messages.push([now() / 1000, kind ?? type, seq ?? null, revision ?? null]);
        }
      });
    }
  };
  Object.defineProperty(window, 'skewMeter', { value: meter });
})
