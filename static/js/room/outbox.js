// @ts-check
/** What was asked of the room and has no answer yet. */

/** @typedef {import('./protocol.js').Accepted} Accepted */
/** @typedef {import('./protocol.js').Refused} Refused */
/** @typedef {import('./protocol.js').Command} Command */
/** @typedef {import('./protocol.js').Say} Say */

/**
 * Where no answer can come any more.
 *
 * @param {string} ref
 * @returns {Refused}
 */
export const linkLost = (ref) => ({ type: 'refused', ref, code: 'link_lost' });

export class Outbox {
  /** @type {Map<string, {message: Command | Say, resolve: (answer: Accepted | Refused) => void}>} */
  #open = new Map();

  #refs = 0;

  /** A reference that was not used before. */
  get nextRef() {
    this.#refs += 1;
    return String(this.#refs);
  }

  /** What was said and not acknowledged. @returns {(Command | Say)[]} */
  get messages() {
    return [...this.#open.values()].map(({ message }) => message);
  }

  /**
   * @param {Command | Say} message
   * @returns {Promise<Accepted | Refused>}
   */
  put(message) {
    return new Promise((resolve) => {
      this.#open.set(message.ref, { message, resolve });
    });
  }

  /** @param {Accepted | Refused} answer */
  settle(answer) {
    const ref = String(answer.ref);
    this.#open.get(ref)?.resolve(answer);
    this.#open.delete(ref);
  }

  /** The link broke: a command may not be given twice; what was said is stored once by its id. */
  breakOff() {
    for (const { ref } of this.messages.filter(({ type }) => type === 'command')) {
      this.settle(linkLost(ref));
    }
  }

  /** Nothing will be answered any more. */
  close() {
    for (const { ref } of this.messages) {
      this.settle(linkLost(ref));
    }
  }
}
