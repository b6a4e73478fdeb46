// @ts-check
/** The orders for the element, in order, and when the next tick is needed. */

/** @typedef {import('./media.js').Order} Order */

export class Orders {
  #moment;

  /** @type {Order[]} */
  list = [];

  /** When the next tick is needed, client time, s; Infinity: at the next event. */
  wake = Infinity;

  /** @param {import('./moment.js').Moment} moment  of the event */
  constructor(moment) {
    this.#moment = moment;
  }

  play() {
    this.list.push({ do: 'play' });
  }

  pause() {
    this.list.push({ do: 'pause' });
  }

  /** @param {number} position  s */
  seek(position) {
    this.list.push({ do: 'seek', position });
  }

  /** @param {boolean} on  whether it plays without being heard */
  silence(on) {
    this.list.push({ do: 'silence', on });
  }

  /**
   * Set the rate before anything else: a picture that is played starts with it.
   *
   * @param {number} rate
   * @param {boolean} pitch  whether it is preserved
   */
  setRate(rate, pitch) {
    this.list.unshift({ do: 'rate', rate, pitch });
  }

  /** @param {number} time  client time of the next tick, s; a time in the past is ignored */
  askAt(time) {
    if (time > this.#moment.now) {
      this.wake = Math.min(this.wake, time);
    }
  }

  /** @param {number} server  server time of the next tick, Unix s */
  askAtServer(server) {
    this.askAt(this.#moment.now + server - this.#moment.server);
  }
}
