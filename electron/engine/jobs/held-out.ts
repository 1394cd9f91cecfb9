/**
 * @file Looks at held-out samples while training goes on: greedy answers with the training program itself, so no second
 * copy of the weights is needed. Greedy decoding draws no random number and training never reads what a look leaves
 * behind, so a run with looks is the same, bit for bit, as one without.
 */
import type { EngineSample, TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import { accuracyParamsOf } from '../../contract/model/rewards.ts';
import { gradedItem } from './answering.ts';
import type { LoadedModel } from '../policy/loaded-model.ts';
import { answerBatch, type Policy } from '../policy/policy.ts';
import { ensureFeatures, prepareSamples } from './prepare-samples.ts';
import type { PreparedPrompt } from '../training/batch.ts';
import type { PolicyShape } from '../training/policy-program.ts';

export interface HeldOutSet {
  samples: readonly EngineSample[];
  prompts: readonly PreparedPrompt[];
  /** Samples that are longer than any training sample: they would not fit into the training program. */
  left: number;
}

/** The samples of the job's looks that the training program can hold. */
export async function prepareHeldOut(job: TrainJob, model: LoadedModel, shape: PolicyShape): Promise<HeldOutSet> {
  const asked = job.heldOut ?? [];
  const prompts = await prepareSamples(model, job.recipe.promptTemplate, asked);
  const fitting = asked.map((sample, index) => ({ sample, prompt: prompts[index] })).filter(fits);
  function fits(each: { sample: EngineSample; prompt: PreparedPrompt | undefined }): each is {
    sample: EngineSample;
    prompt: PreparedPrompt;
  } {
    const { prompt } = each;
    return (
      prompt !== undefined &&
      prompt.inputIds.length <= shape.promptLength &&
      prompt.images.length <= shape.images / shape.batch &&
      prompt.images.every(({ grid }) => grid[0] * grid[1] * grid[2] <= shape.patches)
    );
  }
  return {
    samples: fitting.map(({ sample }) => sample),
    prompts: fitting.map(({ prompt }) => prompt),
    left: asked.length - fitting.length,
  };
}

/** One look: the answers of the policy as it is now. Yields its progress, then the items. */
export async function* look(
  job: TrainJob,
  model: LoadedModel,
  policy: Policy,
  set: HeldOutSet,
  step: number,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { batch, groupSize } = policy.shape;
  const { grpo, rewards } = job.recipe;
  const items: EvaluationItem[] = [];
  const total = set.samples.length;
  for (let start = 0; start < total; start += batch) {
    yield { type: 'phase', progress: { phase: 'look at held-out samples', done: start, total } };
    const prompts = set.prompts.slice(start, start + batch);
    await ensureFeatures(policy, prompts);
    const { tokens } = answerBatch(policy, model, prompts, {
      greedy: true,
      maxNewTokens: grpo.maxCompletionLength,
      uniform: () => 0,
    });
    // The training program answers each prompt groupSize times, here always with the same words: the first counts.
    prompts.forEach((_, index) => {
      const sample = set.samples[start + index] as EngineSample;
      items.push(gradedItem(model, sample, tokens[index * groupSize] ?? [], accuracyParamsOf(rewards)));
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield { type: 'evaluation', step, items };
}
