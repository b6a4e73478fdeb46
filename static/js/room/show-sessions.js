// @ts-check
/** The sessions of a show of several films: which one runs, and which one follows. */

/** @typedef {import('./api.js').Session} Session */

export class ShowSessions {
  /** Ascending by time. @type {readonly Session[]} */
  #all = [];

  /**
   * Take what the room or the server's API says. The room does not say what films are called: the names
   * known are kept.
   *
   * @param {readonly Session[]} sessions
   */
  take(sessions) {
    const films = new Map(this.#all.map(({ target_id, film }) => [target_id, film]));
    this.#all = sessions.map((session) => {
      const film = session.film ?? films.get(session.target_id);
      return film ? { ...session, film } : session;
    });
  }

  /** Whether a show of several films has one whose name is not known. */
  get lacksNames() {
    return this.#all.length > 1 && this.#all.some(({ film }) => !film);
  }

  /** How many there are. */
  get count() {
    return this.#all.length;
  }

  /** @param {string | undefined} id */
  get(id) {
    return this.#all.find((session) => session.id === id) ?? null;
  }

  /**
   * The session after one, as far as it is not over by its plan.
   *
   * @param {string | undefined} id
   * @param {number} now  server time, Unix s
   */
  after(id, now) {
    const index = this.#all.findIndex((session) => session.id === id);
    const later = index < 0 ? [] : this.#all.slice(index + 1);
    return (
      later.find((session) => {
        const ends = Date.parse(session.movie_time) / 1000 + session.duration;
        // One that is held begins later than planned.
        return session.state === 'scheduled' || session.state === 'paused' || ends > now;
      }) ?? null
    );
  }
}
