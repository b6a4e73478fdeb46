// @ts-check
/** Thresholds of the error against the timeline, and of time. */

/** A picture with a smaller error is in sync, s. */
export const IN_SYNC_S = 0.04;

/** A smaller error is not corrected, s: it is below a refresh of the screen. */
export const DEAD_ZONE_S = 0.008;

/** A larger error is corrected by a seek, because a nudge would be too slow, s. */
export const MAX_NUDGED_ERROR_S = 0.4;

/** A larger error right after a seek or a stall is corrected by another seek, s. */
export const MAX_ERROR_AFTER_SEEK_S = 0.08;

/** A stream comes so long before the film at the earliest: until then there is nothing to wait for, s. */
export const STREAM_EARLY_S = 60;
