/** @file A policy in training: takes one step after another with a given workload. */
import type { RecipeJob } from '../../contract/engine/engine.ts';
import type { SampleId } from '../../contract/model/primitives.ts';
import type { Completion, StepMetrics } from '../../contract/model/runs.ts';
import type { KlState } from '../../method/kl-curve.ts';
import type { Values } from '../policy/loaded-model.ts';
import { compileAhead } from '../policy/compile-ahead.ts';
import type { OnLoad } from '../policy/load-meter.ts';
import type { Policy } from '../policy/policy.ts';
import { ensureFeatures, withPixels } from '../policy/prepare-samples.ts';
import { isSeen } from '../model/lora.ts';
import type { Judge } from '../rewards/judge.ts';
import { namedEntries } from '../runtime/program.ts';
import { inTurn } from '../runtime/turns.ts';
import { promptFeeds, type BatchFeeds, type PreparedPrompt } from '../training/batch.ts';
import { grpoStep } from '../training/grpo/grpo-step.ts';
import { lanesOf } from '../training/policy-program.ts';
import { stepSampler } from '../training/mixture.ts';
import { sftStep } from '../training/sft/sft-step.ts';
import type { StepContext } from '../training/step-context.ts';
import { adamState } from '../training/update/adamw.ts';
import { shorterUpdates } from '../training/update/shorter-updates.ts';
import { klShare } from '../training/update/kl-share.ts';
import { watchUpdates } from './attribution.ts';
import type { TrainingSetup } from './setup.ts';
import { buildTrainingPolicy, type MemoryOption } from './training-policy.ts';

/** What is recorded of a step. */
export interface StepRecord {
  metrics: StepMetrics;
  completions: Completion[];
  /** How far the update served each group, in order; absent if the setup attributes nothing. */
  projections?: { sampleId: SampleId; projection: number }[];
}

export interface TrainerStep {
  record: StepRecord;
  /** What the KL schedule remembers for the next step. */
  klState: KlState;
}

/** Trained tensors and optimiser state, by program name. */
export interface TrainedState {
  trained: Values;
  optimiser: Values;
}

export interface Trainer {
  readonly workload: MemoryOption;
  readonly policy: Policy;
  /** @param step 1-based @throws whatever the backend throws; the weights are then as they were */
  step(step: number, kl: KlState): Promise<TrainerStep>;
  save(): Promise<TrainedState>;
  restore(state: TrainedState): void;
  close(): void;
}

/** Builds the policy with the weights that the setup starts from. */
export async function openTrainer(
  setup: TrainingSetup,
  workload: MemoryOption,
  judge: Judge,
  onLoad?: OnLoad,
): Promise<Trainer> {
  const { job, model, prompts, targets, trainable } = setup;
  const { recipe } = job;
  const { policy, shape } = await buildTrainingPolicy(setup, workload, onLoad);
  const { program, calls, rollout } = policy;
  const { config, padId, eosIds } = model.processor;
  const { attribution, klShare: shareCalls } = calls;
  const first = [...namedEntries({ ...rollout }).map(({ entry }) => entry), ...calls.first];
  if (onLoad !== undefined) await compileAhead(program, first, onLoad);
  const pixels = trainable.some(isSeen);
  const watch =
    attribution === null ? null : watchUpdates(attribution, { program, shape, config, padId, pixels }, trainable);
  const context: StepContext = {
    recipe,
    program,
    shape,
    lanes: lanesOf(policy.state, shape),
    calls: calls.update,
    rollout,
    config,
    eosIds,
    padId,
    pixels,
    decode: (ids) => model.processor.tokenizer.decode(ids, { skipSpecialTokens: true }),
    judge: (items) => judge.score(items),
    residentBytes: () => process.memoryUsage.rss(),
  };
  const shorter = shorterUpdates(program, recipe, { shape, calls: calls.update }, calls.updateFor);
  if (shorter !== null) context.upTo = shorter;
  if (watch !== null) context.watchUpdate = watch;
  if (shareCalls !== null) {
    context.klShare = (step, beta) => klShare({ program, shape, config, padId, pixels }, shareCalls, step, beta);
  }
  const samplesOf = samplesChosen(job);
  const optimiserNames = trainable.flatMap((name) => Object.values(adamState(name)));

  /** Of a supervised run that encodes pictures in its updates, nothing reads the features. */
  const feedsOf = async (own: readonly PreparedPrompt[]): Promise<BatchFeeds> =>
    pixels && recipe.method === 'sft'
      ? { ...promptFeeds(own, shape, config, padId), features: new Float32Array() }
      : await policy.feeds(own);

  const take = async (step: number, chosen: readonly number[], kl: KlState): Promise<TrainerStep> => {
    const samples = pick(job.samples, chosen);
    const own = pixels ? await withPixels(pick(prompts, chosen)) : pick(prompts, chosen);
    if (!pixels) await ensureFeatures(policy, own);
    try {
      return await inTurn(async () => {
        const batch = { samples, prompts: own, feeds: await feedsOf(own) };
        if (recipe.method === 'sft') {
          const metrics = await sftStep(context, batch, pick(targets, chosen), step);
          return { record: { metrics, completions: [] }, klState: kl };
        }
        const { klState, ...record } = await grpoStep(context, batch, step, kl);
        return { record, klState };
      });
    } finally {
      if (pixels) policy.forgetFeatures();
    }
  };

  return {
    workload,
    policy,
    step: async (step, kl) => {
      const chosen = samplesOf(step);
      const taken = await take(step, chosen, kl);
      if (watch === null) return taken;
      const projections = watch.taken(pick(job.samples, chosen).map(({ id }) => id));
      return { ...taken, record: { ...taken.record, projections } };
    },
    save: async () => ({ trained: await program.get(trainable), optimiser: await program.get(optimiserNames) }),
    restore: ({ trained, optimiser }) => {
      program.set({ ...trained, ...optimiser });
      if (pixels) policy.forgetFeatures();
    },
    close: () => {
      policy.dispose();
    },
  };
}

/** Gives the indices of the samples that a step draws. */
function samplesChosen({ recipe, samples }: RecipeJob): (step: number) => number[] {
  const { seed, grpo, mixture } = recipe;
  return stepSampler(
    { seed, promptsPerStep: grpo.promptsPerStep, mixture },
    samples.map(({ part = 0 }) => part),
  );
}

function pick<T>(list: readonly T[], indices: readonly number[]): T[] {
  return indices.map((index) => {
    const item = list[index];
    if (item === undefined) throw new Error(`There is no item ${String(index)}.`);
    return item;
  });
}
