/** @file What must be measured to see what a run forgot: its own task, and every other dataset with test questions. */
import type {
  DatasetSummary,
  EvaluationRequest,
  EvaluationSummary,
  RunSummary,
} from '../../../../electron/contract/api/index.ts';

/** Enough questions to see a change of a few points, few enough to take minutes. */
const QUESTIONS = 100;

/** Requests for what is not measured yet at the run's last checkpoint; its own dataset comes first. */
export function forgottenRequests(
  run: Pick<RunSummary, 'id' | 'modelId' | 'datasetId' | 'lastCheckpointStep'>,
  datasets: readonly DatasetSummary[],
  measured: readonly Pick<EvaluationSummary, 'datasetId' | 'step'>[],
): EvaluationRequest[] {
  if (run.lastCheckpointStep === null) return [];
  const missing = datasets.filter(
    ({ id, test, excluded }) =>
      test - excluded.test > 0 &&
      !measured.some(({ datasetId, step }) => datasetId === id && step === run.lastCheckpointStep),
  );
  return missing
    .toSorted((a, b) => Number(b.id === run.datasetId) - Number(a.id === run.datasetId))
    .map(({ id, test, excluded }) => ({
      modelId: run.modelId,
      runId: run.id,
      datasetId: id,
      mode: 'drift',
      limit: Math.min(QUESTIONS, test - excluded.test),
    }));
}
