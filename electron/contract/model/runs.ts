/** @file Runs, their steps and completions, and the events a page can follow. */
import { z } from 'zod';
import { ErrorCode } from '../errors/errors.ts';
import { Detail } from './detail.ts';
import { NoLook } from './evaluations.ts';
import { MetricComparison } from './metrics.ts';
import { PairedComparison } from './paired-comparison.ts';
import {
  DatasetId,
  EvaluationId,
  ExperimentId,
  ModelId,
  Progress,
  Proportion,
  RunId,
  SampleId,
  Timestamp,
} from './primitives.ts';
import { AdapterRequest, Method, MixtureRequest, Recipe, StartRequest } from './recipe.ts';

/** A word of your own by which runs are found. */
export const RunTag = z.string().trim().min(1).max(40);
export type RunTag = z.infer<typeof RunTag>;

/** `interrupted` runs can be resumed from their last checkpoint. */
export const RunStatus = z.enum(['queued', 'running', 'completed', 'interrupted', 'failed']);
export type RunStatus = z.infer<typeof RunStatus>;

/**
 * One reward function over the completions of a step. As in TRL, `mean` covers the completions that it scored, and
 * `std` is the mean of the standard deviations inside the groups; null if it scored none, or no two in the same group.
 */
export const RewardStats = z.object({
  name: z.string(),
  weight: z.number(),
  mean: z.number().nullable(),
  std: z.number().nullable(),
});

/** Everything measured in one optimisation step. Null if the method has no such quantity. */
export const StepMetrics = z.object({
  step: z.int().positive(),
  /** Mean total reward of the completions that at least one reward scored. */
  reward: z.number().nullable(),
  /** Mean over groups of the standard deviation of the total reward inside the group. */
  rewardStd: z.number().nullable(),
  rewards: z.array(RewardStats),
  /** Share of groups whose completions all got the same reward: no signal. */
  fracRewardZeroStd: z.number().nullable(),
  /** The KL weight actually applied in this step. */
  beta: z.number().nullable(),
  kl: z.number().nullable(),
  /** Share of the KL term in the gradient, 0…1, in the steps that measured it (`recipe.klShareEvery`); else null or absent. */
  klGradientShare: z.number().nullable().optional(),
  loss: z.number(),
  entropy: z.number().nullable(),
  gradNorm: z.number(),
  learningRate: z.number(),
  completionLengthMean: z.number().nullable(),
  completionLengthMin: z.number().nullable(),
  completionLengthMax: z.number().nullable(),
  /** Share of completions cut at the maximum length (TRL: completions/clipped_ratio). */
  truncatedRatio: z.number().nullable(),
  clipRatioLow: z.number().nullable(),
  clipRatioHigh: z.number().nullable(),
  /** Share of completions with a non-empty thought. */
  thinkRate: z.number().nullable(),
  secondsGenerate: z.number(),
  secondsScore: z.number(),
  secondsUpdate: z.number(),
  secondsTotal: z.number(),
  tokensGenerated: z.int(),
  /** Share of this step's answers judged right; absent in runs from before this was measured. */
  accuracy: z.number().nullable().optional(),
  /** Groups that took part in the update: with a KL weight of 0, those without signal are left out. */
  groupsUpdated: z.int().nullable().optional(),
  residentBytes: z.number(),
});
export type StepMetrics = z.infer<typeof StepMetrics>;

/** One completion (rollout) of a group, with each reward and the advantage it got. */
export const Completion = z.object({
  step: z.int().positive(),
  sampleId: SampleId,
  /** Index inside its group. */
  index: z.int().nonnegative(),
  text: z.string(),
  tokens: z.int(),
  truncated: z.boolean(),
  /** Each reward's score; null if it has no opinion. Runs from before version 7 of the store have 0 instead. */
  rewards: z.array(z.object({ name: z.string(), value: z.number().nullable() })),
  /** The weighted sum of the scores; null when no reward has an opinion. */
  reward: z.number().nullable(),
  /** 0 when no reward has an opinion, as in TRL. */
  advantage: z.number(),
  /** How the verifier read the answer: the grade, or why it could not be graded. */
  verdict: z.enum(['correct', 'wrong', 'unparsed']),
});
export type Completion = z.infer<typeof Completion>;

export const CompletionGroup = z.object({
  step: z.int().positive(),
  sampleId: SampleId,
  datasetId: DatasetId,
  prompt: z.string(),
  answer: z.string(),
  completions: z.array(Completion),
});
export type CompletionGroup = z.infer<typeof CompletionGroup>;

export const RunSummary = z.object({
  id: RunId,
  name: z.string(),
  method: Method,
  status: RunStatus,
  modelId: ModelId,
  modelName: z.string(),
  datasetId: DatasetId,
  datasetName: z.string(),
  step: z.int().nonnegative(),
  steps: z.int().positive(),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
  /** Why it failed or was interrupted, as a sentence. */
  reason: z.string().nullable(),
  /** The error that ended the run early; null or absent if unknown, or if nothing went wrong. */
  endCode: ErrorCode.nullable().optional(),
  /** Mean reward per step, thinned to at most 60 points. */
  sparkline: z.array(z.number()),
  /** The checkpoint that stands for the run: the newest, or the best once a run with `loadBestModelAtEnd` has trained. */
  lastCheckpointStep: z.int().nullable(),
  secondsPerStep: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  base: Proportion.nullable(),
  tuned: Proportion.nullable(),
  /** `base` and `tuned` with answers without tags read, too; null where that was not measured. */
  lenient: z.object({ base: Proportion.nullable(), tuned: Proportion.nullable() }).default({ base: null, tuned: null }),
  /** Of a mixture, the same for each dataset by itself; absent without one, or while nothing was measured. */
  byDataset: z
    .array(
      z.object({ datasetId: DatasetId, name: z.string(), base: Proportion.nullable(), tuned: Proportion.nullable() }),
    )
    .optional(),
  /** The evaluations behind `base` and `tuned`. */
  evaluationIds: z
    .object({ base: EvaluationId.nullable(), tuned: EvaluationId.nullable() })
    .default({ base: null, tuned: null }),
  /** Whether the tuned model is better than its base on the questions both answered; null until there are any. */
  comparison: PairedComparison.nullable().default(null),
  /** The tuned model's metrics against its base's, for kinds of answer that can be partly right; absent for others. */
  metrics: z.array(MetricComparison).optional(),
  /** What can be answered without looking, against the tuned model; before it was evaluated, against its base. */
  noLook: NoLook.nullable().default(null),
  /** The experiment it belongs to; absent for a standalone run. */
  experimentId: ExperimentId.optional(),
  /** It was trained by a job on another machine; absent for a run of this one. */
  elsewhere: z.literal(true).optional(),
  /** In alphabetical order; absent = none. */
  tags: z.array(RunTag).optional(),
  /** When it was put in the trash; absent for a run that is not there. */
  removedAt: Timestamp.optional(),
});
export type RunSummary = z.infer<typeof RunSummary>;

export const RunDetail = z.object({ summary: RunSummary, recipe: Recipe, device: z.string().nullable() });
export type RunDetail = z.infer<typeof RunDetail>;

/** A plain-language message about how the run is going. */
export const RunWarning = z.object({
  step: z.int().nonnegative(),
  code: z.string(),
  message: z.string(),
  /** `info`: good to know, nothing to do; `problem`: act now. Absent (runs from before) = warning. */
  severity: z.enum(['info', 'warning', 'problem']).optional(),
});
export type RunWarning = z.infer<typeof RunWarning>;

/** Greedy answers to a fixed part of the held-out samples after `step` steps (0 = before the first). */
export const HeldOutPoint = z.object({
  step: z.int().nonnegative(),
  accuracy: Proportion,
  format: Proportion,
  unparsed: z.int(),
  thinkRate: z.number(),
  meanTokens: z.number(),
});
export type HeldOutPoint = z.infer<typeof HeldOutPoint>;

/**
 * Events of a run. `seq` grows by one; `runs.watch({ after })` replays from the store and then goes live, so reloading,
 * reconnecting and joining late all take the same path. A `phase` is not stored: it carries the number of the stored
 * event before it.
 */
export const RunEvent = z.discriminatedUnion('type', [
  /** `at`: when it was recorded. */
  z.object({ seq: z.int(), type: z.literal('status'), summary: RunSummary, at: Timestamp }),
  z.object({ seq: z.int(), type: z.literal('phase'), progress: Progress }),
  z.object({ seq: z.int(), type: z.literal('steps'), steps: z.array(StepMetrics) }),
  z.object({ seq: z.int(), type: z.literal('checkpoint'), step: z.int() }),
  z.object({ seq: z.int(), type: z.literal('warning'), warning: RunWarning }),
  z.object({ seq: z.int(), type: z.literal('evaluation'), point: HeldOutPoint }),
]);
export type RunEvent = z.infer<typeof RunEvent>;

/** Which runs to list; absent = all that are not in the trash. */
export const RunFilter = z
  .object({
    /** Every word must occur in the name, id, tags, method, model or dataset; upper and lower case are the same. */
    search: z.string().max(200).default(''),
    tag: RunTag.optional(),
    /** Lists the trash instead. */
    removed: z.boolean().default(false),
  })
  .optional();
export type RunFilter = z.input<typeof RunFilter>;

/** What emptying the trash deletes: checkpoints. The records of the runs stay, so their papers can still be checked. */
export const EmptiedTrash = z.object({
  runs: z.array(z.object({ runId: RunId, name: z.string(), checkpoints: z.int().nonnegative() })),
  freedBytes: z.number().nonnegative(),
  /** Runs that kept everything, and why. */
  skipped: z.array(z.object({ runId: RunId, reason: z.string() })),
});
export type EmptiedTrash = z.infer<typeof EmptiedTrash>;

/** Old checkpoints of finished runs that were, or would be, removed. */
export const CheckpointCleanup = z.object({
  runs: z.int().nonnegative(),
  checkpoints: z.int().nonnegative(),
  freedBytes: z.number().nonnegative(),
  /** Runs that kept everything, and why. */
  skipped: z.array(z.object({ runId: RunId, reason: z.string() })),
});
export type CheckpointCleanup = z.infer<typeof CheckpointCleanup>;

/** What the user provides to start a run; absent fields take `contract/defaults.ts` or the model's own template. */
export const RunRequest = Recipe.omit({ modelSha256: true, datasetSha256: true })
  .partial()
  .required({ modelId: true, datasetId: true })
  .extend({
    method: Method.default('grpo-d'),
    startFrom: StartRequest.optional(),
    startAdapter: AdapterRequest.optional(),
    mixture: MixtureRequest.optional(),
    /** How much of each picture the model sees, unless `maxPixels` says so; absent = the dataset's, else the default. */
    detail: Detail.optional(),
  });
export type RunRequest = z.input<typeof RunRequest>;
