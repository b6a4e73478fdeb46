// @ts-check
/**
 * The states of a picture that is kept in sync, and the steps between them.
 *
 * docs/03-step.md shows this table; a test holds the two equal. Rules for a change:
 *
 * - A step is named by what is done with the picture, or by the condition that was measured; never by
 *   an event of the element, because the effect of such an event depends on the timeline.
 * - `release`, `block` and `detach` are possible in every state, because the viewer causes them.
 * - A playing picture is paused by a cue, because pausing also sets the position (docs/03-step.md). It
 *   rests without a cue only if the film has ended by itself.
 */

/**
 * @typedef {'clock' | 'preroll' | 'armed' | 'locked' | 'nudge' | 'stalled' | 'paused' | 'background'
 *   | 'blocked' | 'own'} SyncState  The state that meters and the panel show.
 */

/**
 * @typedef {'idle' | 'preroll' | 'armed' | 'paused' | 'starting' | 'locked' | 'nudge' | 'stalled'
 *   | 'background' | 'blocked' | 'own'} State
 *
 * - idle: nothing is done with the picture until the clock has a sample
 * - preroll: paused, on its way to a cue point, or waiting there for data
 * - armed: paused at a cue point, and will play when the film gets there
 * - paused: paused where the film stands
 * - starting: played, but not yet seen to move
 * - locked, nudge, stalled, background: playing; the condition measured last
 * - blocked: the browser requires a click before it plays
 * - own: the viewer watches on their own
 */

/**
 * @typedef {'cue' | 'wait' | 'arm' | 'rest' | 'start' | 'sync' | 'nudge' | 'stall' | 'hide' | 'block'
 *   | 'detach' | 'release'} Step
 */

/** @type {Partial<Record<Step, State>>} */
const ALWAYS = { release: 'idle', block: 'blocked', detach: 'own' };

/** @type {Partial<Record<Step, State>>} a picture that is paused by us */
const CUED = { ...ALWAYS, cue: 'preroll', wait: 'preroll', arm: 'armed', rest: 'paused' };

/** @type {Partial<Record<Step, State>>} a picture that is played by us */
const PLAYING = {
  ...ALWAYS,
  cue: 'preroll',
  rest: 'paused',
  sync: 'locked',
  nudge: 'nudge',
  stall: 'stalled',
  hide: 'background',
};

/** @type {Readonly<Record<State, Partial<Record<Step, State>>>>} */
export const TRANSITIONS = Object.freeze({
  idle: { ...ALWAYS, cue: 'preroll' },
  preroll: CUED,
  armed: { ...CUED, start: 'starting' },
  paused: CUED,
  starting: PLAYING,
  locked: PLAYING,
  nudge: PLAYING,
  stalled: PLAYING,
  background: PLAYING,
  blocked: ALWAYS,
  own: ALWAYS,
});

/** How many illegal steps are kept. */
const MAX_ILLEGAL = 8;

export class SyncMachine {
  /** @type {State} */
  state = 'idle';

  /** Steps that are not in the table, as `state step`: each is a bug of the page. @type {string[]} */
  illegal = [];

  /** Whether the picture is paused by us, at a cue point or on its way there. */
  get cued() {
    return TRANSITIONS[this.state] === CUED || this.state === 'armed';
  }

  /** Whether the picture is played by us. */
  get playing() {
    return TRANSITIONS[this.state] === PLAYING;
  }

  /**
   * Take a step. A step that is not in the table changes nothing: a wrong state on the panel is better
   * than a film that stops.
   *
   * @param {Step} step
   */
  step(step) {
    const next = TRANSITIONS[this.state][step];
    if (next !== undefined) {
      this.state = next;
    } else if (this.illegal.length < MAX_ILLEGAL) {
      this.illegal.push(`${this.state} ${step}`);
    }
  }

  /**
   * Return the state that meters and the panel show.
   *
   * @param {boolean} clockReady  whether the clock has enough samples for a start
   * @returns {SyncState}
   */
  shown(clockReady) {
    if (this.state === 'starting') {
      return 'armed';
    }
    if (this.state === 'idle') {
      return clockReady ? 'preroll' : 'clock';
    }
    return this.cued && !clockReady ? 'clock' : this.state;
  }
}
