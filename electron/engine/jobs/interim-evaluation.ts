/**
 * @file Interim evaluations during training: greedy answers to held-out samples by the training program itself, so that no
 * second copy of the weights is needed. Greedy decoding draws no random number, and training never reads what an
 * evaluation leaves behind, so a run with interim evaluations equals a run without them, bit for bit.
 */
import type { EngineSample, TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import { accuracyParamsOf } from '../../contract/model/rewards.ts';
import type { RunWarning } from '../../contract/model/runs.ts';
import type { LoadedModel } from '../policy/loaded-model.ts';
import type { Policy } from '../policy/policy.ts';
import { measureSamples } from '../policy/prepare-samples.ts';
import type { PreparedPrompt } from '../training/batch.ts';
import type { PolicyShape } from '../training/policy-program.ts';
import { answerInBatches, gradedItem } from './answer-batches.ts';

const PHASE = 'evaluate held-out samples';

export interface InterimSet {
  samples: readonly EngineSample[];
  prompts: readonly PreparedPrompt[];
  /** Samples that are longer or larger than any training sample, so they do not fit into the training program. */
  skipped: number;
}

/** The job's held-out samples that the training program can hold. */
export async function prepareInterim(job: TrainJob, model: LoadedModel, shape: PolicyShape): Promise<InterimSet> {
  const { heldOut = [], recipe } = job;
  const prompts = await measureSamples(model, recipe, heldOut);
  const fitting = prompts.flatMap((prompt, index) => {
    const sample = heldOut[index];
    return sample !== undefined && fits(prompt, shape) ? [{ sample, prompt }] : [];
  });
  return {
    samples: fitting.map(({ sample }) => sample),
    prompts: fitting.map(({ prompt }) => prompt),
    skipped: heldOut.length - fitting.length,
  };
}

function fits({ inputIds, images }: PreparedPrompt, shape: PolicyShape): boolean {
  return (
    inputIds.length <= shape.promptLength &&
    images.length <= shape.images / shape.batch &&
    images.every(({ grid }) => grid[0] * grid[1] * grid[2] <= shape.patches)
  );
}

/**
 * One interim evaluation of the policy as it is now: its progress, then the items. The training program answers each
 * sample `groupSize` times, always with the same words here; the first answer counts.
 */
export async function* evaluateInterim(
  { recipe }: TrainJob,
  model: LoadedModel,
  policy: Policy,
  { samples, prompts }: InterimSet,
  step: number,
): AsyncGenerator<TrainEvent, void, undefined> {
  const items: EvaluationItem[] = [];
  if (samples.length > 0) yield { type: 'phase', progress: { phase: PHASE, done: 0, total: samples.length } };
  const answerer = { model, policy, samples, prompts, maxNewTokens: recipe.grpo.maxCompletionLength };
  for await (const { answered, progress } of answerInBatches(answerer, PHASE)) {
    items.push(...answered.map((each) => gradedItem(each, accuracyParamsOf(recipe.rewards))));
    yield { type: 'phase', progress };
  }
  yield { type: 'evaluation', step, items };
}

export function skippedWarning({ skipped, samples }: InterimSet): RunWarning {
  const message = `${String(skipped)} of ${String(skipped + samples.length)} held-out samples are longer or larger than any training sample, so interim evaluations skip them. The evaluation at the end includes them.`;
  return { step: 0, code: 'HELD_OUT_LEFT_OUT', message, severity: 'info' };
}
