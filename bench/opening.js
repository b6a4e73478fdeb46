// Notes when the countdown and the first picture of the film are on the screen, by the page's clock.
(() => {
  const noted = { countdown: null, lobby: null, click: null, picture: null };
  Object.defineProperty(globalThis, 'openingMeter', { value: noted });

  /** Called before a frame is drawn; after it its pixels are on their way to the screen. */
  const afterPaint = (note) => setTimeout(() => note(performance.now()));

  const shown = (element) => element?.textContent.trim() && element.checkVisibility();

  const WANTED = {
    countdown: 'section[aria-label="Countdown"] [role="timer"]',
    // The way in is there, so the page's script is as well.
    lobby: 'form.join button.main',
  };

  const look = () => {
    for (const [name, selector] of Object.entries(WANTED)) {
      if (noted[name] === null && shown(document.querySelector(selector))) {
        noted[name] = 0;
        afterPaint((now) => (noted[name] = now));
      }
    }
    if (noted.lobby === null) {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);

  const watch = (video) => {
    const frame = (now) => {
      // A frame that is prepared under the lobby is no picture yet.
      const seen = noted.click !== null && video.checkVisibility() && !video.closest('.covered');
      if (seen) {
        noted.picture ??= now;
      } else {
        video.requestVideoFrameCallback(frame);
      }
    };
    video.requestVideoFrameCallback(frame);
  };

  addEventListener(
    'click',
    () => {
      if (noted.click !== null) {
        return;
      }
      noted.click = performance.now();
      const wait = () => {
        const video = document.querySelector('video');
        if (video) {
          watch(video);
        } else {
          requestAnimationFrame(wait);
        }
      };
      wait();
    },
    { capture: true },
  );
})();
