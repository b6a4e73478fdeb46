// @ts-check
/** What is to be done with the element, in order, and when to be asked again. */

/** @typedef {import('./media.js').Order} Order */

export class Orders {
  #moment;

  /** @type {Order[]} */
  list = [];

  /** When to be asked again, client time, s; Infinity: when something happens. */
  wake = Infinity;

  /** @param {import('./moment.js').Moment} moment  of the event that they answer */
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

  /** @param {boolean} on  whether no sound is heard, though it plays */
  silence(on) {
    this.list.push({ do: 'silence', on });
  }

  /**
   * Set the rate before anything else: a picture that is played starts with it.
   *
   * @param {number} rate
   * @param {boolean} pitch  whether it is to be preserved
   */
  setRate(rate, pitch) {
    this.list.unshift({ do: 'rate', rate, pitch });
  }

  /** @param {number} time  client time at which to be asked again, s; one that has passed is none */
  askAt(time) {
    if (time > this.#moment.now) {
      this.wake = Math.min(this.wake, time);
    }
  }

  /** @param {number} server  server time at which to be asked again, Unix s */
  askAtServer(server) {
    this.askAt(this.#moment.now + server - this.#moment.server);
  }
}
