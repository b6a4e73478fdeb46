/**
 * Runs in the page before anything of its own: reads the number drawn in every frame that is shown,
 * notes what is done to the element and what the room says, and may make the page's clocks false.
 *
 * `makeReader` is that of drawn_number.js. `clockFault` is null or {seconds, ppm, stops}.
 */
((makeReader, clockFault) => {
  const read = makeReader();
  const SLEPT = 3000;
  const LOUD = 0.1;
  const SILENCE_S = 0.4;
  const BLOCK = 256;

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

  const video = () => document.querySelector('video');
  const meter = {
    now,
    frames: [],
    rates: [],
    seeks: [],
    stalls: [],
    messages: [],
    tones: [],
    /** Note when tones begin in the stream that the video plays. */
    listen: () => {
      const context = new AudioContext();
      const source = context.createMediaStreamSource(video().srcObject);
      const processor = context.createScriptProcessor(BLOCK, 1, 1);
      let silent = 0;
      processor.onaudioprocess = ({ inputBuffer }) => {
        const ended = now() / 1000;
        inputBuffer.getChannelData(0).forEach((value, i) => {
          const isLoud = Math.abs(value) > LOUD;
          if (isLoud && silent > SILENCE_S * context.sampleRate) {
            meter.tones.push(ended - (BLOCK - i) / context.sampleRate);
          }
          silent = isLoud ? 0 : silent + 1;
        });
      };
      source.connect(processor).connect(context.destination);
      // Else they are collected as garbage.
      meter.listening = [context, source, processor];
      return context.resume();
    },
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
