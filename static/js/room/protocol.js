// @ts-check
/** The room protocol: what each message holds, and text to and from it (mirrors sessions/protocol.py). */

/** @typedef {import('../sync/timeline.js').Timeline} Timeline */
/** @typedef {import('./roles.js').Role} Role */
/** @typedef {import('./roles.js').Action} Action */
/** @typedef {import('./roles.js').May} May */

/** @typedef {{id: string, name: string}} User */

/**
 * @typedef {object} MemberRow
 * @property {User} user
 * @property {Role} role
 * @property {boolean} muted
 * @property {string} state  as reported, or `away`
 * @property {number | null} error  s, negative is behind
 * @property {string | null} transport
 */

// From the client.

/** @typedef {{type: 'hello', protocol: 1, after?: number, token?: string}} Hello */
/** @typedef {{type: 'ping', c0: number}} Ping */

/**
 * @typedef {object} Command
 * @property {'command'} type
 * @property {string} ref
 * @property {Action} action
 * @property {number} [position]  s
 * @property {number} [rate]
 * @property {number} [revision]  refused as stale unless it is the newest
 */

/** @typedef {{type: 'say', ref: string, id: string, text: string}} Say */
/** @typedef {{type: 'typing'}} IsTyping */

/** @typedef {'waiting' | 'ready' | 'playing' | 'paused' | 'stalled' | 'background' | 'blocked'} ViewerState */

/**
 * @typedef {object} ReportFields
 * @property {number} [revision]  of the timeline that the picture follows
 * @property {number} [error]  this picture less the timeline, s
 * @property {number} [clock_error]  bound of the clock's offset, s
 * @property {number} [delay]  half the round trip, 95th percentile, s
 * @property {ViewerState} state
 * @property {number} [buffered]  ahead of the picture, s
 * @property {number} [seek_cost]  s
 * @property {number} [start_latency]  s
 * @property {number} [dropped]  frames
 */

/** @typedef {{type: 'report'} & ReportFields} Report */

/** @typedef {Hello | Ping | Command | Say | IsTyping | Report} ClientMessage */

// From the server.

/**
 * Whom the room waits for, and until when at most.
 *
 * @typedef {object} Waiting
 * @property {User[]} for
 * @property {number | null} until  server time, Unix s
 */

/**
 * How well a session kept step.
 *
 * @typedef {object} Summary
 * @property {number} p50  half of what was reported was no further off than this, s
 * @property {number} p95  s
 * @property {number} viewers
 */

/**
 * @typedef {object} Welcome
 * @property {'welcome'} type
 * @property {number} protocol
 * @property {number} now  Unix s
 * @property {User} user
 * @property {Role} role
 * @property {May} may  what one may do
 * @property {any} show
 * @property {any} session
 * @property {Timeline} timeline
 * @property {Timeline | null} next
 * @property {any} roster
 * @property {number} seq  of the newest entry of the log
 * @property {any} settings
 * @property {Waiting | null} [waiting]
 * @property {Summary | null} [summary]  once the film is over
 */

/** @typedef {{type: 'waiting'} & Waiting} WaitingNews */
/** @typedef {{type: 'summary'} & Summary} SummaryNews */
/** @typedef {{type: 'timeline', now: number, timeline: Timeline, next: Timeline | null}} TimelineNews */
/** @typedef {{type: 'pong', c0: number, s1: number, s2: number}} Pong */

/**
 * @typedef {object} ChatMessage
 * @property {'message'} type
 * @property {string} id
 * @property {number} seq
 * @property {string} created_at
 * @property {string} user_id
 * @property {string} name
 * @property {string} text
 * @property {string | null} session_id
 * @property {number | null} position  where the film stood, s
 * @property {boolean} [deleted]
 */

/**
 * @typedef {object} Notice
 * @property {'notice'} type
 * @property {number} seq
 * @property {string} kind
 * @property {string | null} by
 * @property {string} name
 * @property {number | null} position  s
 * @property {number} [from]  s, where `sought`
 * @property {string | null} session_id
 * @property {number | null} [revision]
 * @property {string} created_at
 * @property {number} [rate]  where `rate`
 * @property {User} [user]  whom it is about, where `role` or `removed`
 * @property {Role} [role]  that they have now, where `role`
 * @property {string} [reason]  `waiting` where the room itself waits, or goes on
 */

/** @typedef {{type: 'deleted', seq: number, id: string, by: string}} Deleted */
/** @typedef {{type: 'edited', seq: number, id: string, by: string, text: string}} Edited */
/** @typedef {{type: 'members', rows: MemberRow[], present: number, total: number}} Members */
/** @typedef {{type: 'rights', role: Role, may: May}} RightsNews  what one may do has changed */
/** @typedef {{type: 'accepted', ref: string, revision?: number, seq?: number}} Accepted */

/**
 * @typedef {object} Refused
 * @property {'refused'} type
 * @property {string | null} [ref]
 * @property {string} code  stable; the page has its own words for it
 * @property {string} [detail]  for developers
 * @property {number} [retry_after]  s
 */

/** @typedef {{type: 'typing', user: User}} Typing */
/** @typedef {{type: 'removed' | 'goodbye', reason: string}} Goodbye */

/**
 * @typedef {Welcome | TimelineNews | Pong | ChatMessage | Notice | Deleted | Edited | Members
 *   | Accepted | Refused | Typing | Goodbye | RightsNews | WaitingNews | SummaryNews} ServerMessage
 */

/** @typedef {ChatMessage | Notice | Deleted | Edited} Entry  an entry of the show's log */

/** The version of the room protocol that this page speaks. */
export const PROTOCOL = 1;

/** @param {unknown} value */
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

/** @param {unknown} value */
const isTimeline = (value) => {
  const t = /** @type {Record<string, unknown> | null} */ (typeof value === 'object' ? value : null);
  return t !== null && [t.revision, t.position, t.rate, t.instant].every(isNumber);
};

/** @param {Record<string, unknown>} m */
const carriesTimelines = (m) =>
  isNumber(m.now) && isTimeline(m.timeline) && (m.next === null || isTimeline(m.next));

/** @param {Record<string, unknown>} m */
const isEntry = (m) => Number.isSafeInteger(m.seq) && Number(m.seq) > 0;

/**
 * What a message must hold to be of use. Other types are not checked: nobody listens to them.
 *
 * @type {Readonly<Record<string, (message: Record<string, unknown>) => boolean>>}
 */
const SHAPES = {
  welcome: (m) => carriesTimelines(m) && isNumber(m.seq),
  timeline: carriesTimelines,
  pong: (m) => [m.c0, m.s1, m.s2].every(isNumber),
  message: isEntry,
  notice: isEntry,
  deleted: isEntry,
  edited: isEntry,
  waiting: (m) => Array.isArray(m.for) && (m.until === null || isNumber(m.until)),
  summary: (m) => [m.p50, m.p95, m.viewers].every(isNumber),
  rights: (m) => typeof m.may === 'object' && m.may !== null,
  accepted: (m) => m.ref !== undefined,
  refused: (m) => typeof m.code === 'string',
};

/**
 * Read a message of the server; null for one that cannot be used.
 *
 * @param {unknown} text
 * @returns {ServerMessage | null}
 */
export function parse(text) {
  if (typeof text !== 'string') {
    return null;
  }
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof message?.type !== 'string') {
    return null;
  }
  // A type such as `constructor` must not find what every object has.
  const fits = Object.hasOwn(SHAPES, message.type) ? SHAPES[message.type] : undefined;
  return fits === undefined || fits(message) ? message : null;
}

/**
 * @param {ClientMessage} message
 * @returns {string}
 */
export function encode(message) {
  return JSON.stringify(message);
}

/**
 * Whether a message is an entry of the show's log, which is handed on once and in order.
 *
 * Entries of a type that this version does not know count too, or the log would seem to have a gap.
 *
 * @param {ServerMessage} message
 * @returns {message is Entry}
 */
export function inLog(message) {
  return 'seq' in message && isEntry(message) && message.type !== 'welcome' && message.type !== 'accepted';
}
