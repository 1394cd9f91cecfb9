/** @file How much memory the machine can still give to this process. */
import { freemem, totalmem } from 'node:os';

export interface AvailableMemory {
  /** What the process uses now. */
  residentBytes: number;
  /** What it may use in total without pushing others out of memory. */
  limitBytes: number;
}

/** Share of memory kept free for the rest of the machine, since swapping would make everything slow. */
const KEPT_FREE = 0.1;

/** Memory that is free or can be freed at once, within the container's limit if there is one. */
export function availableMemory(): AvailableMemory {
  const residentBytes = process.memoryUsage.rss();
  const constrained = process.constrainedMemory();
  const ceiling = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  const limitBytes = Math.min(residentBytes + freemem(), ceiling) - KEPT_FREE * ceiling;
  return { residentBytes, limitBytes: Math.max(0, Math.round(limitBytes)) };
}
