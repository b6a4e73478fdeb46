// @ts-check
/** The room protocol: encodes and parses the messages of messages.d.ts, which is generated from the server. */

/** @typedef {import('./messages').Person} User */
/** @typedef {import('./messages').MemberRecord} MemberRow */

// From the client.

/** @typedef {import('./messages').ClientMessage} ClientMessage */
/** @typedef {import('./messages').Hello} Hello */
/** @typedef {import('./messages').Ping} Ping */
/** @typedef {import('./messages').CommandMessage & {ref: string}} Command */
/** @typedef {Command['action']} Action */
/** @typedef {import('./messages').Say & {ref: string}} Say */
/** @typedef {import('./messages').Report} Report */
/** @typedef {Report['state']} ViewerState */
/** @typedef {Omit<Report, 'type'>} ReportFields */

// From the server.

/** @typedef {import('./messages').WaitingRecord} Waiting */
/** @typedef {import('./messages').SummaryRecord} Summary */
/** @typedef {import('./messages').Welcome} Welcome */
/** @typedef {import('./messages').WaitingChanged} WaitingNews */
/** @typedef {import('./messages').Summary} SummaryNews */
/** @typedef {import('./messages').TimelineChanged} TimelineNews */
/** @typedef {import('./messages').Pong} Pong */
/** @typedef {import('./messages').ChatMessage} ChatMessage */
/** @typedef {import('./messages').Notice} Notice */
/** @typedef {import('./messages').Deleted} Deleted */
/** @typedef {import('./messages').Members} Members */
/** @typedef {import('./messages').RightsChanged} RightsNews */
/** @typedef {import('./messages').ShowChanged} ShowNews */
/** @typedef {import('./messages').Accepted} Accepted */
/** @typedef {import('./messages').Refusal} Refused */
/** @typedef {import('./messages').SomebodyTyping} Typing */
/** @typedef {import('./messages').Goodbye} Goodbye */

/** @typedef {import('./messages').ServerMessage} ServerMessage */

/** @typedef {ChatMessage | Notice | Deleted} Entry  an entry of the show's log */

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

/** @param {{seq?: unknown}} m */
const isEntry = (m) => Number.isSafeInteger(m.seq) && Number(m.seq) > 0;

/**
 * The fields that a message must have. Other types are not checked, because nobody listens to them.
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
  waiting: (m) => Array.isArray(m.for) && (m.until === null || isNumber(m.until)),
  summary: (m) => [m.p50, m.p95, m.viewers].every(isNumber),
  rights: (m) => typeof m.may === 'object' && m.may !== null,
  accepted: (m) => m.ref !== undefined,
  refused: (m) => typeof m.code === 'string',
};

/**
 * Parse a message of the server; null if it is not valid.
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
  // A type such as `constructor` must not find what every object inherits.
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
 * Whether a message is an entry of the show's log, which is dispatched once and in order.
 *
 * Entries of unknown types count too, or the log would seem to have a gap.
 *
 * @param {ServerMessage} message
 * @returns {message is Entry}
 */
export function inLog(message) {
  return 'seq' in message && isEntry(message) && message.type !== 'welcome' && message.type !== 'accepted';
}
