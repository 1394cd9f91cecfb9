/** @file What GRPO and supervised steps are given. */
import type { EngineSample } from '../../contract/engine/engine.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import type { ModelConfig } from '../../formats/model-config.ts';
import type { MixedItem } from '../rewards/judge.ts';
import type { Program } from '../runtime/program.ts';
import type { BatchFeeds, PreparedPrompt } from './batch.ts';
import type { PolicyShape } from './policy-program.ts';
import type { RolloutEntries } from './rollout/rollout-program.ts';
import type { UpdatesByLength } from './update/shorter-updates.ts';
import type { StepRows, StepScalars, UpdateCalls } from './update/update-step.ts';

export interface StepContext {
  recipe: Recipe;
  program: Program;
  shape: PolicyShape;
  /** Into how many lanes rollouts are divided. */
  lanes: number;
  /** What updates the policy and scores completions under the reference model. */
  calls: UpdateCalls;
  /** The same for completions of at most so many tokens; absent = the shape's length serves all. */
  upTo?: UpdatesByLength;
  /** What samples answers; null for supervised runs that never answer. */
  rollout: RolloutEntries | null;
  config: ModelConfig;
  eosIds: readonly number[];
  padId: number;
  /** True if updates encode the pictures themselves, because layers of the vision tower or its merger are trained. */
  pixels: boolean;
  decode: (ids: readonly number[]) => string;
  /** Scores of completions, `[completions][recordedRewards(recipe)]`; null = no opinion. */
  judge: (items: readonly MixedItem[]) => (number | null)[][];
  residentBytes: () => number;
  /** Measures the KL term's share of the gradient (update/kl-share.ts); absent if the run never does. */
  klShare?: (step: StepRows, beta: number) => Promise<number | null>;
  /** Observes each update, if its effect on each group is to be known (trainer/attribution.ts). */
  watchUpdate?: { before(step: StepRows): Promise<void>; after(step: StepRows, beta: number): Promise<void> };
}

export interface StepBatch {
  samples: readonly EngineSample[];
  prompts: readonly PreparedPrompt[];
  feeds: BatchFeeds;
}

/** Learning rate and Adam's bias corrections for the t-th update (1-based). */
export function adamScalars({ optimiser }: Recipe, t: number, learningRate: number): StepScalars {
  return {
    learningRate: Float32Array.of(learningRate),
    correction1: Float32Array.of(1 - optimiser.adamBeta1 ** t),
    correction2: Float32Array.of(Math.sqrt(1 - optimiser.adamBeta2 ** t)),
  };
}
