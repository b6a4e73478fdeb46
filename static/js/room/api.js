// @ts-check
/** The server's HTTP API: calls, records, and refusals. */

/** @typedef {Omit<import('./messages').Me, 'may'> & Partial<import('./messages').Me>} Person  `may` as far as it was asked for */
/** @typedef {import('./roles.js').Role} Role */
/** @typedef {import('./roles.js').Control} Control */
/** @typedef {import('./messages').ShowRecord['waiting']} WaitPolicy */
/** @typedef {import('./messages').Source} Source */
/** @typedef {import('./messages').TitleAnswer} Title */
/** @typedef {import('./messages').SessionRecord} Session */
/** @typedef {import('./messages').ShowRecord} Show */
/** @typedef {Show & Required<Pick<Show, 'people'>>} ListedShow  a show in a list */
/** @typedef {import('./messages').Preview} Invitation  a preview of the show behind a link, without a passport */
/** @typedef {import('./messages').ViewerRecord} Viewer  how well a viewer keeps in sync, by their reports */
/** @typedef {import('./messages').TimelineRecord} Timeline */
/** @typedef {import('./messages').SyncRecord} SyncTable */
/** @typedef {import('./messages').InviteAnswer} Invite */
/** @typedef {import('./messages').SignInAnswer} SignedIn */
/** @typedef {Show['access']} Access  who may come in by the show's own link */
/** @typedef {import('./messages').BookmarkAnswer} Bookmark */
/** @typedef {import('./messages').FriendAnswer} Friend */
/** @typedef {import('./messages').ViewAnswer} View  what this person watched of one session */
/** @template T @typedef {{items: T[], next: string | null}} Page */

/** A refusal, or a missing answer (then `code` is `offline`). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} [detail] for developers, in English
   * @param {number} [retryAfter] seconds
   */
  constructor(status, code, detail = '', retryAfter = 0) {
    super(detail || code);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** A request is aborted after this, s: on a dead line `fetch` would wait for minutes. */
const ANSWER_WITHIN_S = 15;

let wallOffset = 0;

/** The server's wall clock, exact to a second, from the `Date` of its latest answer. */
export function serverDate() {
  return new Date(Date.now() + wallOffset);
}

/**
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<T>}
 */
async function ask(method, path, body) {
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_S * 1000),
      // What is deleted as the page is left is deleted all the same, where the browser can do that.
      keepalive: method === 'DELETE',
    });
  } catch {
    // No network, no server, or no answer in time: `fetch` does not say which.
    throw new Problem(0, 'offline');
  }
  const date = Date.parse(answer.headers.get('Date') ?? '');
  if (!Number.isNaN(date)) {
    // `Date` has whole seconds: on the average half of one is over.
    wallOffset = date + 500 - Date.now();
  }
  if (answer.ok) {
    return answer.status === 204 ? /** @type {T} */ (undefined) : read(answer);
  }
  // A proxy's refusal may be no JSON.
  const problem = await answer.json().catch(() => ({}));
  const retryAfter = Number(answer.headers.get('Retry-After')) || 0;
  throw new Problem(answer.status, problem.code ?? 'other', problem.detail, retryAfter);
}

/**
 * Return the body of an answer; if the line breaks in the middle, it counts as `offline`.
 *
 * @param {Response} answer
 */
async function read(answer) {
  try {
    return await answer.json();
  } catch {
    throw new Problem(0, 'offline');
  }
}

/** @param {Record<string, string | number | undefined>} values */
function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

/** @returns {Promise<Person | null>} null without a passport */
export async function me() {
  try {
    return await ask('GET', '/api/me');
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 401) {
      return null;
    }
    throw problem;
  }
}

/**
 * @param {string} name
 * @returns {Promise<{user: {id: string, name: string}, token: string}>}
 */
export const makePassport = (name) => ask('POST', '/api/passport', { name });

/** @param {string} name @returns {Promise<Person>} */
export const rename = (name) => ask('PATCH', '/api/me', { name });

/** @param {{state: string, token?: string}} back @returns {Promise<SignedIn>} */
export const returnFromSignIn = ({ state, token }) => ask('POST', '/api/passport/outside', { state, token });

/** @returns {Promise<void>} */
export const signOut = () => ask('DELETE', '/api/passport');

/** @returns {Promise<{shows: number}>} */
export const takeShowsAlong = () => ask('POST', '/api/me/guest', {});

/** @returns {Promise<void>} */
export const leaveGuest = () => ask('DELETE', '/api/me/guest');

/**
 * @param {{query?: string, cursor?: string, limit?: number}} wanted
 * @returns {Promise<Page<Title>>}
 */
export const titles = (wanted) => ask('GET', `/api/titles?${query(wanted)}`);

/**
 * Return the items of all pages of a list.
 *
 * @template T
 * @param {(cursor: string | undefined) => Promise<Page<T>>} askPage
 */
async function allPages(askPage) {
  /** @type {T[]} */
  const all = [];
  /** @type {string | undefined} */
  let cursor;
  do {
    const page = await askPage(cursor);
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor);
  return all;
}

/**
 * @param {string} id of a series
 * @returns {Promise<import('./messages').SeriesAnswer>}
 */
export const series = (id) => ask('GET', `/api/titles/${id}`);

/** All titles. */
export const allTitles = () => allPages((cursor) => titles({ limit: 200, cursor }));

/** All coming shows. @returns {Promise<ListedShow[]>} */
export const comingShows = () =>
  allPages((cursor) => ask('GET', `/api/shows?${query({ when: 'coming', limit: 200, cursor })}`));

/** @param {{cursor?: string, limit?: number}} wanted @returns {Promise<Page<ListedShow>>} the newest first */
export const pastShows = (wanted) => ask('GET', `/api/shows?${query({ when: 'past', ...wanted })}`);

/** All whom this person has bookmarked. @returns {Promise<Friend[]>} the newest first */
export const friends = () =>
  allPages((cursor) => ask('GET', `/api/friends?${query({ limit: 200, cursor })}`));

/** All bookmarks, of people and of films. @returns {Promise<Bookmark[]>} the newest first */
export const bookmarks = () =>
  allPages((cursor) => ask('GET', `/api/bookmarks?${query({ limit: 200, cursor })}`));

/** Once more is the same bookmark. @param {string} user @returns {Promise<Bookmark>} */
export const addFriend = (user) => ask('POST', '/api/bookmarks', { target_id: user, target_type: 'user' });

/** @param {string} id @returns {Promise<void>} */
export const deleteBookmark = (id) => ask('DELETE', `/api/bookmarks/${id}`);

/** @param {{cursor?: string, limit?: number}} wanted @returns {Promise<Page<View>>} the newest first */
export const history = (wanted) => ask('GET', `/api/history?${query(wanted)}`);

/** @param {string} id @returns {Promise<void>} */
export const deleteView = (id) => ask('DELETE', `/api/history/${id}`);

/** @returns {Promise<void>} */
export const clearHistory = () => ask('DELETE', '/api/history');

/** The address of one's calendar. @returns {Promise<import('./messages').CalendarAnswer>} */
export const calendarAddress = () => ask('GET', '/api/me/calendar');

/** Make an address; one that there was stops working. @returns {Promise<import('./messages').CalendarAnswer>} */
export const renewCalendar = () => ask('POST', '/api/me/calendar');

/** @param {string} id @returns {Promise<Show>} */
export const show = (id) => ask('GET', `/api/shows/${id}`);

/**
 * @param {{
 *   target_id: string,
 *   target_type: 'movie' | 'series',
 *   movie_time?: string,
 *   sessions?: {target_id: string, movie_time: string}[],
 *   title?: string,
 *   access?: Access,
 *   control?: Control,
 *   waiting?: WaitPolicy,
 * }} request
 * @returns {Promise<Show>}
 */
export const schedule = (request) => ask('POST', '/api/shows', request);

/**
 * @param {string} id
 * @param {{access?: Access, control?: Control, waiting?: WaitPolicy, slow_mode?: number}} change
 * @returns {Promise<Show>}
 */
export const changeShow = (id, change) => ask('PATCH', `/api/shows/${id}`, change);

/** @param {string} session @param {string} movie_time @returns {Promise<Session>} */
export const reschedule = (session, movie_time) => ask('PATCH', `/api/sessions/${session}`, { movie_time });

/** @param {string} id @returns {Promise<import('./messages').SessionAnswer>} */
export const session = (id) => ask('GET', `/api/sessions/${id}`);

/** @param {string} session @returns {Promise<SyncTable>} */
export const syncOf = (session) => ask('GET', `/api/sessions/${session}/sync`);

/** @param {string} id @returns {Promise<void>} */
export const deleteShow = (id) => ask('DELETE', `/api/shows/${id}`);

/** @param {string} token @returns {Promise<Invitation>} */
export const invitation = (token) => ask('GET', `/api/invites/${token}`);

/**
 * @param {string} token
 * @returns {Promise<{show_id: string, session_id: string, role: Role}>}
 */
export const accept = (token) => ask('POST', `/api/invites/${token}/accept`);

/**
 * @param {string} show
 * @param {{before?: number, after?: number, limit?: number}} wanted
 * @returns {Promise<{items: import('./protocol.js').ChatMessage[]}>}
 */
export const messages = (show, wanted) => ask('GET', `/api/shows/${show}/messages?${query(wanted)}`);

/** @param {string} show @param {string} id @returns {Promise<void>} */
export const deleteMessage = (show, id) => ask('DELETE', `/api/shows/${show}/messages/${id}`);

/**
 * @param {string} show
 * @param {string} user
 * @param {{role?: Role, muted?: boolean}} change
 * @returns {Promise<import('./protocol.js').MemberRow>}
 */
export const changeMember = (show, user, change) =>
  ask('PATCH', `/api/shows/${show}/members/${user}`, change);

/** @param {string} show @param {string} user @returns {Promise<void>} */
export const removeMember = (show, user) => ask('DELETE', `/api/shows/${show}/members/${user}`);

/** @param {string} show @returns {Promise<Page<Invite>>} the show's own link first */
export const invites = (show) => ask('GET', `/api/shows/${show}/invites`);

/**
 * Make a further link: who opens it is invited by it, whatever the show's access is.
 *
 * @param {string} show
 * @param {{uses?: number}} [request]
 * @returns {Promise<Invite>}
 */
export const makeInvite = (show, request = {}) => ask('POST', `/api/shows/${show}/invites`, request);

/** @param {string} show @param {string} id @returns {Promise<void>} */
export const revokeInvite = (show, id) => ask('DELETE', `/api/shows/${show}/invites/${id}`);

/**
 * Revoke the show's own link; a new one replaces it at once.
 *
 * @param {string} id of the show
 * @returns {Promise<string | undefined>} the new link
 */
export async function renewLink(id) {
  const { items } = await invites(id);
  const own = items.find((invite) => invite.own);
  if (!own) {
    throw new Problem(0, 'other');
  }
  await revokeInvite(id, own.id);
  return (await show(id)).link;
}
