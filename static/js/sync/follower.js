// @ts-check
/**
 * A follower keeps a picture with the timeline, by orders; there is one for each kind of source.
 *
 * {@link import('./controller.js').Controller} follows what can be sought in and steered by its rate.
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
 * @property {(event: MediaEvent, media: MediaState) => Order[]} handle  takes an event and returns what
 *   is to be done with the element, in order
 * @property {number} wake  when it wants to be asked again, client time, s; Infinity: when something happens
 * @property {import('./sync-state.js').SyncState} state
 * @property {'none' | 'rate' | 'seek'} method  how the picture is being brought to the timeline
 * @property {(now: number, media: MediaState) => number | null} error  picture less timeline, s
 * @property {{latency: number, seekCost: number}} figures  what a start and a seek would take now, s
 * @property {readonly string[]} illegalSteps  faults of the page: steps that its states do not know
 */

export {};
