/** @file What a plan may use leaves a tenth of the machine's memory free, or of its container's. */
import { afterEach, expect, it, vi } from 'vitest';
import { availableMemory } from './available-memory.ts';

const GIB = 2 ** 30;
vi.mock('node:os', () => ({ freemem: () => 20 * 2 ** 30, totalmem: () => 32 * 2 ** 30 }));

afterEach(() => vi.restoreAllMocks());

it.each([
  ['of the machine', 0, 21 * GIB - 3.2 * GIB],
  ['of its container, where that has less', 16 * GIB, 16 * GIB - 1.6 * GIB],
])('keeps a tenth of the memory %s free', (_whose, container, wanted) => {
  vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(GIB);
  vi.spyOn(process, 'constrainedMemory').mockReturnValue(container);
  expect(availableMemory()).toEqual({ residentBytes: GIB, limitBytes: Math.round(wanted) });
});
