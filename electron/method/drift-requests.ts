/** @file What must be measured to see what a run forgot: its own task, and every other dataset with test questions. */
import type { DatasetSummary } from '../contract/model/datasets.ts';
import type { EvaluationRequest, EvaluationSummary } from '../contract/model/evaluations.ts';
import type { RunSummary } from '../contract/model/runs.ts';

/** Enough questions to see a change of a few points, few enough to take minutes. */
const QUESTIONS = 100;

/** Requests for what is not measured yet at these checkpoints of a run; its own dataset comes first. */
export function driftRequests(
  run: Pick<RunSummary, 'id' | 'modelId' | 'datasetId'>,
  steps: readonly number[],
  datasets: readonly DatasetSummary[],
  measured: readonly Pick<EvaluationSummary, 'datasetId' | 'step'>[],
): EvaluationRequest[] {
  return datasets
    .filter(({ test, excluded }) => test - excluded.test > 0)
    .toSorted((a, b) => Number(b.id === run.datasetId) - Number(a.id === run.datasetId))
    .flatMap((dataset) =>
      steps
        .filter((step) => !measured.some((each) => each.datasetId === dataset.id && each.step === step))
        .map((step) => ({
          modelId: run.modelId,
          runId: run.id,
          datasetId: dataset.id,
          mode: 'drift' as const,
          limit: Math.min(QUESTIONS, dataset.test - dataset.excluded.test),
          step,
        })),
    );
}
