/** @file The sentence that refuses work for lack of memory. */
import { expect, it } from 'vitest';
import type { MemoryPlan } from '../contract/engine/memory.ts';
import { isRefused, memoryRefusal } from './memory-refusal.ts';

const GIB = 2 ** 30;
const plan: MemoryPlan = {
  parts: [
    { name: 'weights', bytes: 4 * GIB },
    { name: 'work', bytes: 21.2 * GIB },
  ],
  predictedBytes: 25.2 * GIB,
  limitBytes: 12 * GIB,
  fits: false,
  calls: {},
  microBatchPrompts: 1,
  byLayer: true,
  precision: 'bfloat16',
  largestPicture: { name: 'heron.jpg', width: 4032, height: 3024, seenWidth: 4032, seenHeight: 3024, tokens: 15_552 },
  fittingMaxPixels: 1_003_520,
};

it('names the picture, its size, what it needs, what is available and what to do', () => {
  expect(memoryRefusal(plan, 'run')).toMatchObject({
    code: 'BAD_INPUT',
    message:
      'This run needs about 25.2 GiB of memory, for pictures such as heron.jpg (4032 × 3024 pixels, 15,552 image tokens), 21.2 GiB of it for intermediate results; 12.0 GiB are available.',
    remedy:
      'Lower the detail: with at most 1,003,520 pixels per picture (--detail 1003520) it fits. Or close other programs.',
    place: { field: 'detail' },
  });
});

it('does not advise less detail where that would not help', () => {
  const { fittingMaxPixels: _none, ...hopeless } = plan;
  expect(memoryRefusal(hopeless, 'question').remedy).toBe(
    'Use a smaller model or ask for fewer new tokens, or close other programs.',
  );
});

it('is for work that exceeds the limit by more than an estimate may be wrong', () => {
  expect(isRefused({ predictedBytes: 11, limitBytes: 10 })).toBe(false);
  expect(isRefused({ predictedBytes: 12, limitBytes: 10 })).toBe(true);
});
