/** @file A policy in training: takes one step after another, in a given way of working updates off. */
import type { KlState } from '../../method/kl-curve.ts';
import type { TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import { attributionModeOf, watchUpdates } from './attribution.ts';
import type { Workload } from '../memory/memory-plan.ts';
import type { Policy } from '../policy/policy.ts';
import { ensureFeatures } from './prepare-samples.ts';
import type { Judge } from '../rewards/judge.ts';
import { grpoStep, type StepContext } from '../training/grpo/grpo-step.ts';
import { lanesOf } from '../training/policy-program.ts';
import { samplesOfStep } from '../training/random.ts';
import { sftStep } from '../training/sft/sft-step.ts';
import { buildTrainingPolicy, type TrainingSetup } from '../policy/training-policy.ts';

export interface TrainerStep {
  event: Extract<TrainEvent, { type: 'step' }>;
  /** What the KL schedule remembers for the next step. */
  klState: KlState;
}

export interface Trainer {
  workload: Workload;
  policy: Policy;
  /** @param step 1-based */
  step(step: number, kl: KlState): Promise<TrainerStep>;
  close(): void;
}

/** Builds the policy with the weights that the setup starts from. */
export async function openTrainer(setup: TrainingSetup, workload: Workload, judge: Judge): Promise<Trainer> {
  const { job, model, prompts, targets, trainable } = setup;
  const { recipe } = job;
  const { policy, shape, plan } = await buildTrainingPolicy(setup, workload);
  const mode = attributionModeOf(job);
  const watch = mode === null ? null : watchUpdates(mode, policy.program, trainable);
  const context: StepContext = {
    recipe,
    program: policy.program,
    shape,
    lanes: lanesOf(policy.state, shape),
    plan,
    config: model.processor.config,
    eosIds: model.processor.eosIds,
    padId: model.processor.padId,
    decode: (ids) => model.processor.tokenizer.decode(ids, { skipSpecialTokens: true }),
    judge: (items) => judge.score(items),
    residentBytes: () => process.memoryUsage.rss(),
  };
  if (watch !== null) {
    context.watchUpdate = { before: watch.before, after: (rows, beta) => watch.after(context, rows, beta) };
  }
  const take = async (step: number, kl: KlState): Promise<TrainerStep> => {
    const chosen = chosenIn(job, step);
    const samples = chosen.map((index) => at(job.samples, index));
    const own = chosen.map((index) => at(prompts, index));
    await ensureFeatures(policy, own);
    const batch = { samples, prompts: own, feeds: policy.feeds(own) };
    if (recipe.method === 'sft') {
      const imitated = chosen.map((index) => at(targets, index));
      const metrics = sftStep(context, batch, imitated, step);
      return { event: { type: 'step', metrics, completions: [] }, klState: kl };
    }
    const { klState, metrics, completions } = grpoStep(context, batch, step, kl);
    return { event: { type: 'step', metrics, completions }, klState };
  };
  return {
    workload,
    policy,
    step: async (step, kl) => {
      const taken = await take(step, kl);
      if (watch === null) return taken;
      return { ...taken, event: { ...taken.event, projections: watch.taken(samplesIn(job, step)) } };
    },
    close: () => {
      policy.dispose();
    },
  };
}

/** Places of the samples that a step draws. */
function chosenIn({ recipe, samples }: TrainJob, step: number): number[] {
  return samplesOfStep(step, recipe.grpo.promptsPerStep, samples.length, recipe.seed);
}

function samplesIn(job: TrainJob, step: number): SampleId[] {
  return chosenIn(job, step).map((index) => at(job.samples, index).id);
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`There is no item ${String(index)}.`);
  return item;
}
