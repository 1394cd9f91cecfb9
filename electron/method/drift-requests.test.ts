/** @file Every dataset with test questions is measured once for each checkpoint. */
import { describe, expect, it } from 'vitest';
import { EvaluationRequest, type DatasetSummary, type RunSummary } from '../contract/api/index.ts';
import { driftRequests } from './drift-requests.ts';

const dataset = (id: string, test: number, excluded = 0): DatasetSummary =>
  ({ id, test, excluded: { train: 0, test: excluded } }) as DatasetSummary;
const run = { id: 'run-1', modelId: 'model-1', datasetId: 'ds-own' } as RunSummary;

describe('what must be measured to see what was forgotten', () => {
  it("begins with the run's own task, takes at most 100 questions, and leaves datasets without questions out", () => {
    const datasets = [dataset('ds-a', 500), dataset('ds-none', 8, 8), dataset('ds-own', 40, 10)];
    const requests = driftRequests(run, [60], datasets, []);
    expect(requests.map(({ datasetId, limit }) => [datasetId, limit])).toEqual([
      ['ds-own', 30],
      ['ds-a', 100],
    ]);
    for (const request of requests)
      expect(EvaluationRequest.parse(request)).toMatchObject({ mode: 'drift', runId: 'run-1' });
  });

  it('measures nothing without a checkpoint', () => {
    expect(driftRequests(run, [], [dataset('ds-own', 5)], [])).toEqual([]);
  });

  it('measures nothing twice, but again after more training', () => {
    const measured = [
      { datasetId: 'ds-own' as never, step: 60 },
      { datasetId: 'ds-a' as never, step: 40 },
    ];
    expect(
      driftRequests(run, [40, 60], [dataset('ds-own', 5), dataset('ds-a', 5)], measured).map(({ datasetId, step }) => [
        datasetId,
        step,
      ]),
    ).toEqual([
      ['ds-own', 40],
      ['ds-a', 60],
    ]);
  });
});
