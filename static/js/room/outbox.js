// @ts-check
/** Commands and messages that the room has not answered yet. */

/** @typedef {import('./protocol.js').Accepted} Accepted */
/** @typedef {import('./protocol.js').Refused} Refused */
/** @typedef {import('./protocol.js').Command} Command */
/** @typedef {import('./protocol.js').Say} Say */

/**
 * Return the answer to a message that the room will never answer.
 *
 * @param {string} ref
 * @returns {Refused}
 */
export const linkLost = (ref) => ({ type: 'refused', ref, code: 'link_lost', detail: '' });

export class Outbox {
  /** @type {Map<string, {message: Command | Say, resolve: (answer: Accepted | Refused) => void}>} */
  #unanswered = new Map();

  #refs = 0;

  /** A reference that was not used before. */
  get nextRef() {
    this.#refs += 1;
    return String(this.#refs);
  }

  /** All unanswered messages, the oldest first. @returns {(Command | Say)[]} */
  get messages() {
    return [...this.#unanswered.values()].map(({ message }) => message);
  }

  /**
   * @param {Command | Say} message
   * @returns {Promise<Accepted | Refused>}
   */
  put(message) {
    return new Promise((resolve) => {
      this.#unanswered.set(message.ref, { message, resolve });
    });
  }

  /** @param {Accepted | Refused} answer */
  settle(answer) {
    const ref = String(answer.ref);
    this.#unanswered.get(ref)?.resolve(answer);
    this.#unanswered.delete(ref);
  }

  /** The link broke: refuse the commands. Messages may be sent again, because their id is stored once. */
  breakOff() {
    for (const { ref } of this.messages.filter(({ type }) => type === 'command')) {
      this.settle(linkLost(ref));
    }
  }

  /** The link is closed for good: refuse everything, because no answer will arrive. */
  close() {
    for (const { ref } of this.messages) {
      this.settle(linkLost(ref));
    }
  }
}
