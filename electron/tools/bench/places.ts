/** @file Where the bench keeps its files. */
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');
/** Checkpoints of random weights and pictures; safe to delete. */
export const MODELS = join(ROOT, '.cache/bench-models');
export const DEFAULT_RESULTS = join(ROOT, '.cache/bench/results.json');
export const PUBLISHED_RESULTS = join(ROOT, 'docs/performance.json');
export const PUBLISHED_PAGE = join(ROOT, 'docs/performance.md');
/** The page's charts, next to it. */
export const CHARTS = join(ROOT, 'docs/performance');
/** Results from other days and machines, one file each; the page shows their goals next to its own. */
export const EARLIER = join(ROOT, 'docs/performance/earlier');
export const ENGINE_PROCESS = join(import.meta.dirname, 'engine-process.ts');
/** Where the measuring process lies once it is bundled; safe to delete. */
export const ENGINE_BUILD = join(ROOT, '.cache/bench/engine');
export const TEXT_THREAD = join(ROOT, 'electron/formats/model-text-thread.ts');
export const PEER_PROCESS = join(import.meta.dirname, 'python/peer.py');
export const PEER_SETUP = join(ROOT, 'electron/tools/setup/bench-peers.mjs');
