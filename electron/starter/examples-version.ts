/** @file Which version of the task examples is drawn. Apart from the code that draws, which needs libvips. */

/** Raised whenever the pictures or questions change: a new version becomes a new dataset. */
export const EXAMPLES_VERSION = 2;
