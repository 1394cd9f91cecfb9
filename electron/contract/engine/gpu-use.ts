/** @file How the studio tells a starting engine whether to compute on the GPU. A person's own ATELIER_BACKEND comes before it. */

/** The environment variable; it takes the values of `EngineGpuUse`. */
export const GPU_USE_VARIABLE = 'ATELIER_GPU_USE';

/** `always`: or not at all. `measured`: a trial found it right and faster; if it cannot be opened now, the processor. `never`: the processor. */
export type EngineGpuUse = 'always' | 'measured' | 'never';

/** The field that an error names where the GPU is at fault: it cannot take what the processor may. */
export const GPU_FIELD = 'gpu';
