import { expect, it } from 'vitest';
import type { DatasetId, MemoryPlan, ModelId, RunRequest } from '../../../../electron/contract/api/index.ts';
import { DetailCosts } from './detail-costs.svelte.ts';

const request = { modelId: 'm' as ModelId, datasetId: 'd' as DatasetId, detail: 'low' as const };

it('plans each limit in turn, and shows what could not be planned as unknown', async () => {
  const asked: RunRequest[] = [];
  const costs = new DetailCosts((each) => {
    asked.push(each);
    return each.maxPixels === 2 ? Promise.reject(new Error('no')) : Promise.resolve({ fits: true } as MemoryPlan);
  });
  await costs.load(request, [1, 2, 3]);
  expect(asked.map(({ maxPixels }) => maxPixels)).toEqual([1, 2, 3]);
  expect(asked.every(({ detail }) => detail === undefined)).toBe(true);
  expect([1, 2, 3, 4].map((limit) => costs.of(limit)?.fits)).toEqual([true, undefined, true, undefined]);
  expect(costs.of(2)).toBeNull();
});

it('forgets an earlier request when another takes its place', async () => {
  const answers: ((plan: MemoryPlan) => void)[] = [];
  const costs = new DetailCosts(() => new Promise((resolve) => answers.push(resolve)));
  const first = costs.load(request, [1]);
  const second = costs.load(request, [5]);
  for (const answer of answers) answer({ fits: false } as MemoryPlan);
  await Promise.all([first, second]);
  expect(costs.of(1)).toBeUndefined();
  expect(costs.of(5)).toEqual({ fits: false });
});
