/** @file Experiments: several runs that together answer one question, with the resulting figures and claims. */
import { z } from 'zod';
import { EvaluationMode, NoLook } from './evaluations.ts';
import {
  DatasetId,
  EvaluationId,
  ExperimentId,
  ModelId,
  Progress,
  Proportion,
  RunId,
  Sha256,
  Timestamp,
} from './primitives.ts';
import { Detail } from './detail.ts';
import { MetricMean, MetricName } from './metrics.ts';
import { Method, Recipe } from './recipe.ts';
import { RewardSpec } from './rewards.ts';

/**
 * `sweep`: one value of the recipe takes several values. `contest`: the methods on the same task. `exam`: train on each
 * of two tasks, test on both. `study`: all three at once, sharing every run they have in common.
 */
export const ExperimentKind = z.enum(['sweep', 'contest', 'exam', 'study']);
export type ExperimentKind = z.infer<typeof ExperimentKind>;

/**
 * What is compared. `grpo-matched`: GRPO with a constant KL weight equal to the mean of GRPO-D's schedule.
 * `grpo-reversed`: GRPO-D's weights in the opposite order. `grpo-linear`: from the smallest to the largest of them.
 * `grpo-target-kl`: a controller that holds the KL at the task's `targetKl`. `grpo-clip-higher`: GRPO without a KL term
 * and with DAPO's wider upper clip. `grpo-other`: GRPO with the task's second constant weight, `otherBeta`.
 */
export const Arm = z.enum([
  'base',
  'sft',
  'grpo',
  'grpo-d',
  'grpo-matched',
  'grpo-reversed',
  'grpo-linear',
  'grpo-target-kl',
  'grpo-clip-higher',
  'grpo-other',
]);
export type Arm = z.infer<typeof Arm>;

/** Tables of an experiment; a run of a study can appear in several. */
export const ExperimentTable = z.enum(['reward-weight', 'kl-weight', 'contest', 'exam']);
export type ExperimentTable = z.infer<typeof ExperimentTable>;

const Beta = z.number().min(0).max(10);

/** A task of an experiment: its data and KL weights. */
export const TaskSetup = z.object({
  datasetId: DatasetId,
  /** Train on only the first n samples (few-shot); absent = all. */
  trainSamples: z.int().min(1).optional(),
  /** The constant KL weight of plain GRPO. */
  beta: Beta.default(0.04),
  /** The constant KL weight of the arm `grpo-other`; absent = ten times `beta`. */
  otherBeta: Beta.optional(),
  /** GRPO-D's schedule `paper-eq3`. */
  betaMin: Beta.default(0.04),
  betaMax: Beta.default(0.1),
  explorationRatio: z.number().gt(0).lt(1).default(0.3),
  /** The KL per token that `grpo-target-kl` aims at; absent = the default of that schedule. */
  targetKl: z.number().gt(0).max(100).optional(),
  /** Where its answers have a form of their own: its rewards and template, in training and in tests; absent = the recipe's. */
  rewards: z.array(RewardSpec).min(1).optional(),
  promptTemplate: Recipe.shape.promptTemplate.optional(),
});
export type TaskSetup = z.input<typeof TaskSetup>;

/** Settings shared by all runs of an experiment; absent fields take the defaults of a single run. */
export const SharedRecipe = Recipe.pick({
  steps: true,
  grpo: true,
  optimiser: true,
  adapter: true,
  rewards: true,
  promptTemplate: true,
  systemPrompt: true,
  checkpointEvery: true,
  evalSamples: true,
  klShareEvery: true,
})
  .partial()
  .extend({
    /** How much of each picture the models see; absent = as each dataset says, else the default. */
    detail: Detail.optional(),
  });
export type SharedRecipe = z.infer<typeof SharedRecipe>;

/**
 * Sequential looks, fixed before the first run: verdicts are given only when every seed up to one of these numbers is
 * done, and all looks together are wrong in at most 5% of cases (method/sequential.ts).
 */
export const PlannedLooks = z.object({
  /** Growing numbers of seeds; the last one is the number of all seeds. */
  seeds: z.array(z.int().min(3)).min(1).max(10),
  spending: z.enum(['obrien-fleming', 'pocock']).default('pocock'),
});
export type PlannedLooks = z.output<typeof PlannedLooks>;

const common = {
  name: z.string().min(1).max(200).optional(),
  modelId: ModelId,
  /** Every trained arm is repeated with each. */
  seeds: z.array(z.int().min(0).max(0x7fffffff)).min(1).max(50).default([7]),
  recipe: SharedRecipe.default({}),
  /** The smallest difference of accuracies that matters: arms that differ by less are equivalent. */
  smallestDifference: z.number().gt(0).lt(1).default(0.02),
  /** The hash of the plan that was written before the first run. */
  planSha256: Sha256.optional(),
  /** Absent: a verdict whenever it is asked for, as if that were the only time. */
  looks: PlannedLooks.optional(),
};

/** The reward whose weight is swept, or the constant KL weight. */
export const SweptValue = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('reward-weight'),
    reward: z.string().default('format'),
    values: z.array(z.number().min(0).max(100)).min(2).max(50),
  }),
  z.object({ kind: z.literal('kl-weight'), values: z.array(Beta).min(2).max(50) }),
]);
export type SweptValue = z.input<typeof SweptValue>;

export const ExperimentRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sweep'), ...common, task: TaskSetup, vary: SweptValue }),
  z.object({
    kind: z.literal('contest'),
    ...common,
    task: TaskSetup,
    arms: z.array(Arm).min(1).default(['base', 'sft', 'grpo', 'grpo-d', 'grpo-matched']),
  }),
  z.object({
    kind: z.literal('exam'),
    ...common,
    tasks: z.tuple([TaskSetup, TaskSetup]),
    arms: z.array(Arm).min(1).default(['base', 'sft', 'grpo', 'grpo-d']),
  }),
  z.object({
    kind: z.literal('study'),
    ...common,
    tasks: z.tuple([TaskSetup, TaskSetup]),
    /** The arms on each task; absent = those of a contest. */
    contestArms: z.array(Arm).min(1).optional(),
    /** Which of the two tasks the sweeps use. */
    sweepTask: z.union([z.literal(0), z.literal(1)]).default(1),
    rewardWeights: z.array(z.number().min(0).max(100)).max(50).default([0, 0.25, 0.5, 0.75, 1]),
    klWeights: z.array(Beta).max(50).default([0, 0.01, 0.02, 0.03, 0.04, 0.05]),
    /** Also measure prompt sensitivity, hallucination and the direct-answer baseline before and after training. */
    probes: z.boolean().default(true),
    /**
     * Ask the runs of a study that is done again, with other questions. It has the same arms and seeds; nothing is trained.
     */
    askAgain: z.object({ study: ExperimentId, questions: z.tuple([DatasetId, DatasetId]) }).optional(),
  }),
]);
export type ExperimentRequest = z.input<typeof ExperimentRequest>;

export const ExperimentStatus = z.enum(['queued', 'running', 'completed', 'interrupted', 'failed']);
export type ExperimentStatus = z.infer<typeof ExperimentStatus>;

/** One evaluation that belongs to a child. */
export const ChildTest = z.object({
  datasetId: DatasetId,
  datasetName: z.string(),
  mode: EvaluationMode,
  /** Null until the evaluation has been made. */
  evaluationId: EvaluationId.nullable(),
  accuracy: Proportion.nullable(),
});
export type ChildTest = z.infer<typeof ChildTest>;

/** One child: an ordinary run with its evaluations, or (arm `base`) evaluations of the base model alone. */
export const ExperimentChild = z.object({
  ordinal: z.int().nonnegative(),
  label: z.string(),
  arm: Arm,
  parts: z.array(ExperimentTable),
  method: Method.nullable(),
  trainedOn: DatasetId.nullable(),
  trainedOnName: z.string().nullable(),
  seed: z.int().nullable(),
  /** The value of the swept reward weight, and the constant KL weight; null if the run has none. */
  rewardWeight: z.number().nullable(),
  klWeight: z.number().nullable(),
  runId: RunId.nullable(),
  status: z.enum(['waiting', 'running', 'completed', 'interrupted', 'failed']),
  reason: z.string().nullable(),
  step: z.int().nonnegative(),
  steps: z.int().nonnegative(),
  tests: z.array(ChildTest),
});
export type ExperimentChild = z.infer<typeof ExperimentChild>;

export const ExperimentSummary = z.object({
  id: ExperimentId,
  kind: ExperimentKind,
  name: z.string(),
  status: ExperimentStatus,
  modelId: ModelId,
  modelName: z.string(),
  seeds: z.array(z.int()),
  children: z.int().nonnegative(),
  completed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  /** 0…1: finished children plus the progress of the current one. */
  progress: z.number().min(0).max(1),
  /** What is happening now; null if nothing is. */
  phase: Progress.nullable(),
  secondsLeft: z.number().nullable(),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
  reason: z.string().nullable(),
  /** Present if its runs were handed off: it is not trained here, and waits to be taken back. */
  elsewhere: z.literal(true).optional(),
});
export type ExperimentSummary = z.infer<typeof ExperimentSummary>;

/** One cell of the tables: an arm (trained on one dataset) tested on one dataset, over all its seeds. */
export const ResultCell = z.object({
  parts: z.array(ExperimentTable),
  arm: Arm,
  label: z.string(),
  rewardWeight: z.number().nullable(),
  klWeight: z.number().nullable(),
  trainedOn: DatasetId.nullable(),
  testedOn: DatasetId,
  mode: EvaluationMode,
  /** One per finished seed (`seed` null for the base model). The intervals are within the run (Wilson). */
  seeds: z.array(
    z.object({
      seed: z.int().nullable(),
      runId: RunId.nullable(),
      evaluationId: EvaluationId,
      accuracy: Proportion,
    }),
  ),
  /** Means over the seeds, for kinds of answer that can be partly right; absent for others. */
  metrics: z.array(MetricMean.omit({ n: true }).extend({ name: MetricName })).optional(),
  mean: z.number(),
  sd: z.number().nullable(),
  /** Student's 95% interval over the seeds; null with fewer than two. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Optimiser updates of each run, and tokens per run (mean over the seeds): generated in training, and learned from. */
  updates: z.number().nullable(),
  tokensGenerated: z.number().nullable(),
  tokensLearned: z.number().nullable(),
  /** Mean over the runs, seconds of training. */
  seconds: z.number().nullable(),
  /**
   * What the KL weight did at the end of the runs, mean over them: the KL term's share of the gradient (the last three
   * measurements) and the KL per token (the last five steps). Null or absent if the runs did not measure it.
   */
  klEffect: z.object({ share: z.number(), kl: z.number() }).nullable().optional(),
  /**
   * The interquartile mean over seeds with its 95% interval by the bootstrap, as rliable computes them; absent with
   * fewer than three seeds, and in studies of earlier versions.
   */
  interquartile: z.object({ mean: z.number(), low: z.number(), high: z.number() }).optional(),
});
export type ResultCell = z.infer<typeof ResultCell>;

/** The KL weights worth trying, from the measurements of a sweep (method/kl-range.ts). */
export const KlRange = z.object({
  /** Up to this weight, the KL term makes less than 1% of the gradient. */
  noEffect: z.number(),
  /** From this weight on, the policy moves less than a tenth as far as with the smallest weight. */
  hardlyMoves: z.number(),
  /** Whether the runs reached both ends. If not, that end is the outermost weight that was measured. */
  reached: z.object({ low: z.boolean(), high: z.boolean() }),
  /** For a sweep: 0 and five weights from one end to the other, in equal ratios. */
  values: z.array(Beta),
  /** For GRPO-D: where the KL term makes 5% of the gradient, and a third. */
  betaMin: Beta,
  betaMax: Beta,
});
export type KlRange = z.infer<typeof KlRange>;

/** Two arms on the same test questions: over seeds, and question by question. */
export const ArmComparison = z.object({
  part: ExperimentTable,
  first: z.string(),
  second: z.string(),
  trainedOn: DatasetId,
  testedOn: DatasetId,
  /** Second − first per seed, with its mean and Student's interval over seeds. */
  perSeed: z.array(z.object({ seed: z.int(), first: EvaluationId, second: EvaluationId, difference: z.number() })),
  mean: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** All seeds together, question by question (McNemar). */
  gained: z.int(),
  lost: z.int(),
  p: z.number(),
  /**
   * The mean with seeds and questions both as random, which the verdict rests on; null where seeds or questions are too
   * few. This and all that follows is absent in studies of earlier versions, whose verdicts rest on `low`, `high` and `p`.
   */
  crossed: z
    .object({
      mean: z.number(),
      se: z.number(),
      df: z.number(),
      low: z.number(),
      high: z.number(),
      p: z.number(),
      variance: z.object({ seeds: z.number(), questions: z.number(), rest: z.number() }),
    })
    .nullable()
    .optional(),
  /** `crossed.p` corrected for the number of comparisons (Holm). */
  adjustedP: z.number().nullable().optional(),
  /** p of the two one-sided tests that the difference is smaller than `smallestDifference`. */
  equivalenceP: z.number().nullable().optional(),
  /** `equivalenceP` over all looks, corrected for the number of comparisons (Holm): the verdict rests on it. */
  adjustedEquivalenceP: z.number().nullable().optional(),
  /**
   * Only where looks were planned: those that were taken, with the p of each (`crossed`) and the level that it must not
   * exceed if this were the only comparison, and the number of seeds at the next one. Everything else in this comparison
   * is of the last look that was taken.
   */
  looks: z
    .object({
      taken: z.array(z.object({ seeds: z.int(), p: z.number(), level: z.number() })),
      next: z.int().nullable(),
    })
    .optional(),
  smallestDifference: z.number().optional(),
  /** Settings in which the arms differ; with more than one, no verdict is given. Absent if one of them is the base model. */
  settings: z.array(z.string()).optional(),
  /** The probability that a run of the second arm is more accurate than one of the first (rliable). */
  probabilityOfImprovement: z.number().nullable().optional(),
  /** What would probably decide it. `seeds` null: only more questions can. `seconds`: of training, null if unknown. */
  needs: z.object({ seeds: z.int().nullable(), seconds: z.number().nullable() }).nullable().optional(),
  verdict: z.enum(['first', 'second', 'equivalent', 'undecided']),
  sentence: z.string(),
});
export type ArmComparison = z.infer<typeof ArmComparison>;

export const ClaimVerdict = z.enum(['reproduced', 'not reproduced', 'equivalent', 'undecided']);
export type ClaimVerdict = z.infer<typeof ClaimVerdict>;

/** A claim of the paper and the outcome, decided by a rule in code (studio/experiments/claims.ts). */
export const Claim = z.object({
  id: z.string(),
  claim: z.string(),
  /** What the paper reports. */
  paper: z.string(),
  rule: z.string(),
  verdict: ClaimVerdict,
  /** Figures and reason, in words. */
  explanation: z.string(),
  /** The deciding estimates, with their intervals (null: too few seeds for an interval). */
  estimates: z.array(
    z.object({ label: z.string(), value: z.number(), low: z.number().nullable(), high: z.number().nullable() }),
  ),
});
export type Claim = z.infer<typeof Claim>;

export const ExperimentDetail = z.object({
  summary: ExperimentSummary,
  request: ExperimentRequest,
  /** `noLook`: what can be answered there without looking; absent until something was evaluated, and in earlier studies. */
  datasets: z.array(
    z.object({ id: DatasetId, name: z.string(), noLook: NoLook.omit({ comparison: true }).optional() }),
  ),
  children: z.array(ExperimentChild),
  cells: z.array(ResultCell),
  comparisons: z.array(ArmComparison),
  /** Only for a study. */
  claims: z.array(Claim),
  /** Only for experiments that sweep the KL weight, once at least three weights measured what they do. */
  klRange: KlRange.nullable().default(null),
});
export type ExperimentDetail = z.output<typeof ExperimentDetail>;
