/** @file The checkpoint of a run that a person names by its step, or the one that stands for the run. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { Store } from '../../store/connection/open.ts';
import type { RecordedCheckpoint } from './whole-checkpoint.ts';

/**
 * @param step absent = the checkpoint that stands for the run
 * @returns null if the run has not written any
 * @throws AtelierError NOT_FOUND if there is none of that step
 */
export async function chosenCheckpoint(
  store: Pick<Store, 'runs'>,
  runId: RunId,
  step: number | undefined,
): Promise<RecordedCheckpoint | null> {
  if (step === undefined) return store.runs.resultCheckpoint(runId);
  const all = await store.runs.checkpoints(runId);
  const found = all.findLast((each) => each.step === step);
  if (found !== undefined) return found;
  throw new AtelierError('NOT_FOUND', `The run ${runId} has no checkpoint of step ${step}.`, {
    place: { field: 'step' },
    remedy: checkpointSteps(all.map((each) => each.step)),
  });
}

function checkpointSteps(steps: readonly number[]): string {
  const [only] = steps;
  if (only === undefined) return 'It has no checkpoints yet.';
  return steps.length === 1
    ? `Its only checkpoint is of step ${only}.`
    : `It has checkpoints of the steps ${steps.join(', ')}.`;
}
