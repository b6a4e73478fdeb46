// @ts-check
/**
 * Reminders of shows by the browser's notifications: a few minutes before, and when the film begins.
 *
 * Browsers are asked only by a click; where they forbid it nothing is shown, ever. Reminders come as
 * long as the page is open: calendars remind of the rest.
 */

/**
 * @typedef {object} Planned  A show to be reminded of.
 * @property {string} id  of its session
 * @property {string} title
 * @property {number} starts  server time at which the film begins, s
 * @property {string} [path]  where a click on the notification leads
 */

/** @typedef {'soon' | 'start'} Kind */
/** @typedef {'missing' | 'denied' | 'off' | 'on'} State */

/**
 * @typedef {object} Parts
 * @property {typeof globalThis.Notification | undefined} notifications  the browser's, if it has any
 * @property {Storage | undefined} storage  where the choice is kept
 * @property {() => number} now  server time, s
 * @property {(kind: Kind) => string} words  what a notification says below the title
 * @property {(path: string | undefined) => void} open  leads to a show, after a click
 * @property {() => void} changed  called when the state did
 * @property {(work: () => void, ms: number) => unknown} [later]
 * @property {(timer: any) => void} [cancel]
 */

/** How long before the film the first reminder comes, s. */
export const SOON_S = 300;

/** A reminder that is due for longer is not shown any more, s: the page was asleep. */
const MAX_LATE_S = 60;

/** The longest wait between two looks, s: timers stand still while a machine sleeps. */
const MAX_WAIT_S = 30;

const KEY = 'seans.reminders';

/** @param {Planned} show @returns {{kind: Kind, at: number}[]} */
function momentsOf({ starts }) {
  return [
    { kind: 'soon', at: starts - SOON_S },
    { kind: 'start', at: starts },
  ];
}

export class Reminders {
  #parts;
  #later;
  #cancel;
  /** @type {Planned[]} */
  #planned = [];
  /** What was shown, by session, kind and moment. @type {Set<string>} */
  #shown = new Set();
  /** @type {unknown} */
  #timer;
  #wanted;
  #missing = false;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#later = parts.later ?? ((work, ms) => setTimeout(work, ms));
    this.#cancel = parts.cancel ?? ((timer) => clearTimeout(timer));
    this.#wanted = this.#load();
  }

  /** @returns {State} */
  get state() {
    const { notifications } = this.#parts;
    if (!notifications || this.#missing) {
      return 'missing';
    }
    if (notifications.permission === 'denied') {
      return 'denied';
    }
    return this.#wanted && notifications.permission === 'granted' ? 'on' : 'off';
  }

  /** Switch reminders on or off; to be called by a click, for the browser may ask now. */
  async toggle() {
    const before = this.state;
    if (before === 'missing' || before === 'denied') {
      return;
    }
    this.#wanted = before === 'off';
    if (this.#wanted && this.#parts.notifications?.permission === 'default') {
      await this.#parts.notifications.requestPermission();
    }
    this.#keep();
    this.#look();
    this.#parts.changed();
  }

  /** @param {Planned[]} shows all that there are to be reminded of, from now on */
  plan(shows) {
    if (JSON.stringify(shows) === JSON.stringify(this.#planned)) {
      return;
    }
    this.#planned = shows;
    this.#look();
  }

  /** Show what is due, and come back when the next is. */
  #look() {
    this.#cancel(this.#timer);
    if (this.state !== 'on') {
      return;
    }
    const now = this.#parts.now();
    let wait = Infinity;
    for (const show of this.#planned) {
      for (const { kind, at } of momentsOf(show)) {
        if (at > now) {
          wait = Math.min(wait, at - now);
        } else if (now - at < MAX_LATE_S) {
          this.#show(show, kind, at);
        }
      }
    }
    if (wait < Infinity && this.state === 'on') {
      this.#timer = this.#later(() => this.#look(), Math.min(wait, MAX_WAIT_S) * 1000);
    }
  }

  /** @param {Planned} show @param {Kind} kind @param {number} at */
  #show({ id, title, path }, kind, at) {
    const key = `${id} ${kind} ${at}`;
    const { notifications: Notification, words, open, changed } = this.#parts;
    if (this.#shown.has(key) || !Notification || this.state !== 'on') {
      return;
    }
    this.#shown.add(key);
    try {
      // The same tag in another tab replaces it: one is told once.
      const options = { body: words(kind), tag: `seans-${id}-${kind}`, icon: '/static/icons/seans.svg' };
      const notification = new Notification(title, options);
      notification.onclick = () => {
        notification.close();
        open(path);
      };
    } catch {
      // Chrome on Android has the class, and shows them by a service worker alone.
      this.#missing = true;
      changed();
    }
  }

  #load() {
    try {
      return this.#parts.storage?.getItem(KEY) === 'on';
    } catch {
      return false;
    }
  }

  #keep() {
    try {
      if (this.#wanted) {
        this.#parts.storage?.setItem(KEY, 'on');
      } else {
        this.#parts.storage?.removeItem(KEY);
      }
    } catch {
      // A full or forbidden storage: the choice holds for this page.
    }
  }
}
