/** @file How the studio tells a starting engine to use the CPU cores (method/model-size.ts decides which way). */

/** The environment variable; it takes the values of `ThreadUse`. */
export const THREADS_VARIABLE = 'ATELIER_THREADS';
