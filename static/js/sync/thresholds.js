// @ts-check
/** How near to the timeline is near enough. */

/** Nearer than this to the timeline a picture is called in sync, s. */
export const IN_SYNC_S = 0.04;

/** Closer than this to the timeline nothing is corrected, s: below a refresh of the screen. */
export const DEAD_ZONE_S = 0.008;

/** Beyond this a nudge is too slow: the picture is cued again, s. */
export const MAX_NUDGED_ERROR_S = 0.4;

/** Beyond this a picture that was just cued, or stood still, is cued again, s. */
export const MAX_ERROR_AFTER_SEEK_S = 0.08;
