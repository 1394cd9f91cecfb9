/** @file How much memory the machine can still give to this process. */
import { freemem, totalmem } from 'node:os';

export interface AvailableMemory {
  /** What the process uses now, apart from what ended work has left to be used again. */
  residentBytes: number;
  /** What it may use in total without pushing others out of memory. */
  limitBytes: number;
}

/** Share of memory kept free for the rest of the machine, since swapping would make everything slow. */
const KEPT_FREE = 0.1;

/** The smallest resident size seen while no program existed: what ended programs leave behind is used again. */
let idleBytes = Infinity;
let programs = 0;

/** Counts a program that is about to take memory. @returns what to call, once, when it has given its memory back */
export function occupyMemory(): () => void {
  if (programs === 0) idleBytes = Math.min(idleBytes, process.memoryUsage.rss());
  programs += 1;
  let released = false;
  return () => {
    if (!released) programs -= 1;
    released = true;
  };
}

/** Memory that is free or can be freed at once, within the container's limit if there is one. */
export function availableMemory(): AvailableMemory {
  const now = process.memoryUsage.rss();
  if (programs === 0) idleBytes = Math.min(idleBytes, now);
  const residentBytes = programs === 0 ? idleBytes : now;
  const constrained = process.constrainedMemory();
  const ceiling = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  const limitBytes = Math.min(now + freemem(), ceiling) - KEPT_FREE * ceiling;
  return { residentBytes, limitBytes: Math.max(0, Math.round(limitBytes)) };
}
