import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FilmElement } from '../../static/js/player/element.js';

/** An element whose loudness is kept as coarsely as some browsers keep it. */
class Video extends EventTarget {
  #volume = 1;
  muted = false;

  get volume() {
    return this.#volume;
  }

  set volume(value) {
    this.#volume = Math.fround(value);
  }
}

const silenced = (volume = 1) => {
  const video = new Video();
  video.volume = volume;
  const element = new FilmElement(/** @type {any} */ (video), {
    refused: () => {},
    signal: new AbortController().signal,
  });
  element.obey({ do: 'silence', on: true });
  return { video, element };
};

test('a rehearsal is not heard, is no silence of the viewer’s, and is as loud as before when it is over', () => {
  const { video, element } = silenced(0.5);

  assert.ok(video.volume > 0 && video.volume < 0.001);
  assert.equal(element.state.silent, false);
  element.obey({ do: 'silence', on: false });
  assert.equal(video.volume, 0.5);
});

test('an element whose volume stays what it is cannot be silenced, save by muting it', () => {
  const video = new (class extends EventTarget {
    muted = false;

    get volume() {
      return 1;
    }

    set volume(_) {}
  })();
  const element = new FilmElement(/** @type {any} */ (video), {
    refused: () => {},
    signal: new AbortController().signal,
  });

  assert.equal(element.state.canSilence, false);
  video.muted = true;
  assert.equal(element.state.canSilence, true);
  assert.equal(silenced(0.5).element.state.canSilence, true);
});

test('who has turned the sound off stays silent', () => {
  const { video, element } = silenced(0);

  assert.equal(element.state.silent, true);
  element.obey({ do: 'silence', on: false });
  assert.equal(video.volume, 0);
});

test('whoever chooses another loudness meanwhile keeps it', () => {
  for (const chosen of [0, 0.25, 1]) {
    const { video, element } = silenced(0.5);
    video.volume = chosen;
    element.obey({ do: 'silence', on: false });

    assert.equal(video.volume, chosen);
  }
});
