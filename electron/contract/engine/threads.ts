/** @file How the studio tells a starting engine to use the processor's cores (method/model-size.ts says which way is right). */

/** The environment variable; its values are those of `ThreadUse`. */
export const THREADS_VARIABLE = 'ATELIER_THREADS';
