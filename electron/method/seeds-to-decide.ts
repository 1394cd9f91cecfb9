/** @file How many seeds a verdict needs. A module of its own, since the page needs it without the statistics library. */

/** With fewer seeds, no arm of an experiment is called better. */
export const SEEDS_TO_DECIDE = 3;
