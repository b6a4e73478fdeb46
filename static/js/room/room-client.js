// @ts-check
/** The client of one room: this person, joining the show, and the link to the room. */

import * as api from './api.js';
import { EitherCarrier, WebSocketCarrier } from './carrier.js';
import { RoomLink } from './link.js';
import { NO_RIGHTS } from './roles.js';

/** @typedef {import('./protocol.js').MemberRow} MemberRow */

/** @param {string} sessionId */
function socketUrl(sessionId) {
  return `${location.origin.replace(/^http/, 'ws')}/api/sessions/${sessionId}/socket`;
}

/**
 * Dispatches `change` whenever one of its fields has changed, and each message of the room by its type.
 */
export class RoomClient extends EventTarget {
  /** @type {api.Person | null} */
  person = null;
  /** This person's rights. @type {Readonly<import('./roles.js').May>} */
  may = NO_RIGHTS;
  /** @type {api.Control} */
  control = 'host';
  /** What the welcome said of the room; null before. @type {import('./protocol.js').Welcome['settings'] | null} */
  settings = null;
  /** The show's invite link, if this person may see it. @type {string | null} */
  inviteLink = null;
  /** Whether this person is a member of the show; then the link says hello. */
  member = false;
  /** @type {Map<string, MemberRow>} by user id */
  people = new Map();
  present = 0;
  total = 0;
  /** @type {RoomLink | null} */
  link = null;
  /** For whom the room waits; null: it does not wait. @type {import('./protocol.js').Waiting | null} */
  waiting = null;
  /** How well all kept in sync, once the film is over. @type {import('./protocol.js').Summary | null} */
  summary = null;
  /** The newest detail of the link's event `state`. @type {{state: string, reason?: string}} */
  linkState = { state: 'connecting' };
  /** Whether the link is lost after it had worked. */
  lost = false;
  /** Why it was lost, if the server said so. @type {string | undefined} */
  lostReason;

  #welcomed = false;
  #token;
  #clock;
  #now;
  #openChannel;
  #startOver;

  /**
   * @param {object} parts
   * @param {string} parts.token of the link
   * @param {import('../sync/clock.js').ClockFilter} parts.clock
   * @param {() => number} parts.now client time, s
   * @param {() => RTCDataChannel | null} [parts.openChannel] a channel beside a live picture; null: there is none
   * @param {() => void} [parts.startOver] called when the log of the chat and timelines no longer exists
   */
  constructor({ token, clock, now, openChannel = () => null, startOver = () => location.reload() }) {
    super();
    this.#openChannel = openChannel;
    this.#startOver = startOver;
    this.#token = token;
    this.#clock = clock;
    this.#now = now;
  }

  /**
   * Load the person and the invitation, from the page's data or from the server. For members, and for
   * people without a name, the link opens at once, so that the clock has samples when they enter.
   * @param {import('./page-data.js').PageData | null} [data]
   * @returns {Promise<import('./page-data.js').PageData>}
   */
  async load(data = null) {
    const known = data ?? (await this.#ask());
    const { person, invitation } = known;
    this.person = person;
    this.invitation = invitation;
    this.title = invitation.title;
    if (invitation.member) {
      this.#join(invitation);
    } else if (person === null) {
      this.#open(invitation.session_id);
    }
    this.#changed();
    return known;
  }

  /** @returns {Promise<import('./page-data.js').PageData>} */
  async #ask() {
    const asked = this.#now();
    const [person, invitation] = await Promise.all([api.me(), api.invitation(this.#token)]);
    return { person, invitation, at: (asked + this.#now()) / 2 };
  }

  /**
   * Enter the room; a person without a passport gets one by `name`, and another guest that name.
   * @param {string} name empty: as it is
   */
  async enter(name) {
    await this.#rename(name);
    if (this.member) {
      return;
    }
    let token;
    if (this.person === null) {
      const passport = await api.makePassport(name);
      this.person = { ...passport.user, guest: true };
      token = passport.token;
    }
    this.#join(await api.accept(this.#token), token);
    this.#changed();
  }

  /** @param {string} name */
  async #rename(name) {
    if (this.person?.guest && name && name !== this.person.name) {
      const renamed = await api.rename(name);
      this.person = { ...this.person, name: renamed.name };
    }
  }

  /** Store the film's start time, if the timeline is its schedule. @param {api.Timeline} timeline */
  keepStartTime({ reason, instant, position, rate }) {
    if (!this.invitation || (reason !== 'scheduled' && reason !== 'rescheduled') || rate === 0) {
      return;
    }
    this.invitation.movie_time = new Date((instant - position / rate) * 1000).toISOString();
  }

  /**
   * @param {{session_id: string, may?: import('./roles.js').May}} membership
   * @param {string} [token] if the link was opened without a passport
   */
  #join({ session_id: session, may }, token) {
    this.may = may ?? NO_RIGHTS;
    this.member = true;
    if (this.link === null || session !== this.invitation?.session_id) {
      this.#open(session);
    }
    this.link?.hello(token === undefined ? {} : { token });
  }

  /** @param {string} sessionId */
  #open(sessionId) {
    this.link?.close();
    const carrier = new EitherCarrier(new WebSocketCarrier(socketUrl(sessionId)), this.#openChannel);
    const link = new RoomLink({ carrier, clock: this.#clock, now: this.#now });
    this.link = link;
    /** @type {(type: string, take?: (detail: any) => void) => void} */
    const on = (type, take) =>
      link.addEventListener(type, (event) => {
        const { detail } = /** @type {CustomEvent} */ (event);
        take?.(detail);
        this.dispatchEvent(new CustomEvent(type, { detail }));
        if (take) {
          this.#changed();
        }
      });
    link.addEventListener('restored', () => this.#startOver());
    on('state', (detail) => this.#linkChanged(detail));
    on('welcome', (welcome) => this.#welcome(welcome));
    on('show', (show) => this.#settings(show));
    on('rights', ({ may }) => (this.may = may));
    on('members', (news) => this.#memberRows(news));
    on('notice', (notice) => this.#notice(notice));
    on('waiting', (waiting) => this.#waitingChanged(waiting));
    on('summary', (summary) => (this.summary = summary));
    for (const type of ['timeline', 'message', 'deleted', 'goodbye', 'removed']) {
      on(type);
    }
  }

  /** @param {{state: string, reason?: string}} detail */
  #linkChanged(detail) {
    this.linkState = detail;
    if (detail.state !== 'lost') {
      return;
    }
    // At the first loss the server may only be restarting; check from the second one on.
    if (this.lost) {
      this.#checkMembership();
    } else {
      this.lostReason = detail.reason;
    }
    this.lost = this.#welcomed;
  }

  /** Browsers do not distinguish a refused socket from a broken line, so ask whether one is still a member. */
  async #checkMembership() {
    try {
      await api.show(this.invitation?.show_id ?? '');
    } catch (problem) {
      if (problem instanceof api.Problem && [401, 403, 404].includes(problem.status)) {
        this.link?.close();
      }
    }
  }

  /** @param {import('./protocol.js').Welcome} welcome */
  #welcome({ may, show, roster, settings, user, waiting = null, summary = null }) {
    this.#welcomed = true;
    this.lost = false;
    this.may = may;
    this.settings = settings;
    this.control = settings.control;
    this.#waitingChanged(waiting);
    this.summary = summary;
    this.title = show.title;
    this.inviteLink = show.link ?? this.inviteLink;
    this.person = { guest: true, ...this.person, ...user };
    this.people = new Map();
    this.#memberRows(roster);
  }

  /** @param {{title: string, control: api.Control}} show */
  #settings({ title, control }) {
    this.title = title;
    this.control = control;
  }

  /** @param {{rows: MemberRow[], present?: number, total?: number}} news */
  #memberRows({ rows, present, total }) {
    for (const row of rows) {
      this.people.set(row.user.id, row);
    }
    this.present = present ?? [...this.people.values()].filter(({ state }) => state !== 'away').length;
    this.total = total ?? this.people.size;
  }

  /** @param {import('./protocol.js').Notice} notice */
  #notice({ kind, by, user }) {
    if (kind === 'removed' && user && this.people.delete(user.id)) {
      this.total -= 1;
    }
    if (kind === 'renamed' && user && by) {
      this.#renamed(by, user);
    }
  }

  /** @param {string} by the id so far @param {{id: string, name: string}} user */
  #renamed(by, user) {
    if (user.id !== by) {
      // A guest who has an account now: their row comes under its id.
      this.people.delete(by);
    }
    if (this.person?.id === user.id) {
      this.person = { ...this.person, name: user.name };
    }
  }

  /** @param {import('./protocol.js').Waiting | null} waiting */
  #waitingChanged(waiting) {
    this.waiting = waiting?.for.length ? waiting : null;
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
