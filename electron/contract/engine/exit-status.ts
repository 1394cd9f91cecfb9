/** @file How the engine's process says why it ended. */

/** The GPU is lost or stands still; the sentence is the last line of the log. */
export const GPU_LOST_STATUS = 87;
