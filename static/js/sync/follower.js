// @ts-check
/**
 * A follower keeps a picture in sync with the timeline by orders. Each kind of source has its own.
 *
 * {@link import('./controller.js').Controller} is for sources that can seek and change their rate,
 * {@link import('./live-follower.js').LiveFollower} for a stream that the server has at the right place.
 */

/** @typedef {import('./media.js').MediaEvent} MediaEvent */
/** @typedef {import('./media.js').MediaState} MediaState */
/** @typedef {import('./media.js').Order} Order */

/**
 * @typedef {object} FollowerParts
 * @property {import('./clock.js').ClockFilter} clock
 * @property {import('./timeline.js').Timelines} timelines
 * @property {import('./calibration.js').Calibration} calibration
 * @property {import('./profiles.js').Profile} profile
 */

/**
 * @typedef {object} Follower
 * @property {(event: MediaEvent, media: MediaState) => Order[]} handle  takes an event and returns
 *   the orders for the element, in order
 * @property {number} wake  when the next tick is needed, client time, s; Infinity: at the next event
 * @property {import('./sync-state.js').SyncState} state
 * @property {'none' | 'rate' | 'seek'} method  how the picture is being brought to the timeline
 * @property {(now: number, media: MediaState) => number | null} error  picture less timeline, s
 * @property {{latency: number, seekCost: number}} figures  expected latency of a start and cost of a seek, s
 * @property {readonly string[]} illegalSteps  bugs of the page: steps that are not in the table of states
 */

export {};
