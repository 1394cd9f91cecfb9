/** @file Evaluations: greedy answers on held-out samples, item by item, with counts and intervals. */
import { Detail } from './detail.ts';
import { AnswerMetrics, MetricComparison, MetricFigure } from './metrics.ts';
import { PairedComparison } from './paired-comparison.ts';
import { z } from 'zod';
import {
  DatasetId,
  EvaluationId,
  ModelId,
  Progress,
  Proportion,
  RunId,
  SampleId,
  Split,
  Task,
  Timestamp,
} from './primitives.ts';

/**
 * What is asked. `reasoning`: the questions in the training template, byte for byte. `direct`: the same questions in a
 * template that asks only for the answer. `sensitivity`: each question in several wordings. `hallucination`: questions
 * about how many there are of things not in the picture, so every right answer is 0. `samples`: each question several
 * times at temperature 1, to see what the model gets right sometimes. `drift`: the same by the tuned model and by its base,
 * each answer scored by both, to see how far training moved the model on these questions. The other modes decode greedily.
 */
export const EvaluationMode = z.enum(['reasoning', 'direct', 'sensitivity', 'hallucination', 'samples', 'drift']);
export type EvaluationMode = z.infer<typeof EvaluationMode>;

export const EvaluationItem = z.object({
  sampleId: SampleId,
  text: z.string(),
  verdict: z.enum(['correct', 'wrong', 'unparsed']),
  formatOk: z.boolean(),
  /** Right when answers without tags are read, too; absent in records from earlier versions. */
  lenient: z.boolean().optional(),
  /** How much is right, for kinds of answer that can be partly right; absent for others. */
  metrics: AnswerMetrics.optional(),
  tokens: z.int(),
  /** What was asked and the right answer, if they differ from the sample's own question. */
  question: z.string().optional(),
  answer: z.string().optional(),
  /** From 0: which wording of the question this is, in mode `sensitivity`; which sampled answer, in mode `samples`. */
  variant: z.int().nonnegative().optional(),
});
export type EvaluationItem = z.infer<typeof EvaluationItem>;

/** Accuracy across wordings of the same questions: how much an answer depends on the wording. */
export const Sensitivity = z.object({
  variants: z.array(z.object({ wording: z.string(), accuracy: Proportion })),
  /** Over the wordings' accuracies. `sd` is the sample standard deviation. */
  mean: z.number(),
  min: z.number(),
  max: z.number(),
  sd: z.number(),
  /** Share of samples answered correctly in every wording, and in none. */
  always: Proportion,
  never: Proportion,
});
export type Sensitivity = z.infer<typeof Sensitivity>;

/** Answers to questions about things not in the picture. */
export const Hallucination = z.object({
  /** Share of questions that were answered with a number other than 0. */
  named: Proportion,
  /** Share of questions that were answered with 0. */
  denied: Proportion,
  /** Answers without a number. */
  without: z.int(),
  /** The numbers named, most frequent first. */
  numbers: z.array(z.object({ number: z.number(), count: z.int() })),
});
export type Hallucination = z.infer<typeof Hallucination>;

/**
 * How many of the same questions can be answered without looking at a picture, and whether the model does better. A
 * model that does not has shown nothing about pictures, however much it gained.
 */
export const NoLook = z.object({
  /** Always the same answer: the one that is most often the right one to these questions. */
  constant: z.object({ answer: z.string(), accuracy: Proportion }),
  /** From the words of the question alone, learned from the training split; null if there is nothing to learn from. */
  questionOnly: Proportion.nullable(),
  /** Which of the two gets more answers right; `constant` if they get as many. */
  best: z.enum(['constant', 'question-only']),
  /** The model (second) against the best of the two (first), question by question. */
  comparison: PairedComparison,
});
export type NoLook = z.infer<typeof NoLook>;

/**
 * pass@k: the probability that at least one of k sampled answers is right, averaged over the questions, by the unbiased
 * estimator of Chen et al. (arXiv 2107.03374, Eq. 1). Answers without tags are read, too. The interval is Student's over
 * questions, at 95%.
 */
export const PassAtK = z.object({ k: z.int().positive(), value: z.number(), low: z.number(), high: z.number() });
export type PassAtK = z.infer<typeof PassAtK>;

/** What several sampled answers to each question showed. */
export const SampledFigures = z.object({
  /** Answers to each question. */
  perQuestion: z.int().positive(),
  questions: z.int().positive(),
  temperature: z.number(),
  seed: z.int(),
  /** For k from 1 to `perQuestion`. */
  passAtK: z.array(PassAtK),
});
export type SampledFigures = z.infer<typeof SampledFigures>;

/** A KL divergence as sampled answers estimate it, in nats. */
const SampledKl = z.object({
  /** Mean over answers, with Student's 95% interval over questions. */
  perAnswer: z.object({ mean: z.number(), low: z.number(), high: z.number() }),
  /** The same divided by the mean number of tokens. */
  perToken: z.number(),
});

/** How far training moved a model from its base on some questions. */
export const Drift = z.object({
  /** Answers of each model to each question. */
  perQuestion: z.int().positive(),
  questions: z.int().positive(),
  seed: z.int(),
  /** KL(tuned ‖ base): how surprising the tuned model's answers are for the base. */
  reverse: SampledKl,
  /** KL(base ‖ tuned): how surprising the base's answers are for the tuned model. */
  forward: SampledKl,
  /** Share of right answers at temperature 1, lenient, with an interval over questions. */
  base: Proportion,
  tuned: Proportion,
});
export type Drift = z.infer<typeof Drift>;

export const EvaluationSummary = z.object({
  id: EvaluationId,
  modelId: ModelId,
  /** Null for the base model; else the run whose adapter was active, at `step`. */
  runId: RunId.nullable(),
  step: z.int().nullable(),
  datasetId: DatasetId,
  split: Split,
  createdAt: Timestamp,
  /** Strict: only an answer in its tags counts. In mode `samples`, over all answers, with an interval over questions. */
  accuracy: Proportion,
  /** The same with answers without tags read, too ("There are 2." is 2); null in records from earlier versions. */
  lenient: Proportion.nullable().default(null),
  format: Proportion,
  unparsed: z.int(),
  thinkRate: z.number(),
  meanTokens: z.number(),
  byTask: z.array(z.object({ task: Task, accuracy: Proportion })),
  /** Where several datasets were asked, each by itself, `datasetId` first; absent if there was one. */
  byDataset: z.array(z.object({ datasetId: DatasetId, name: z.string(), accuracy: Proportion })).optional(),
  mode: EvaluationMode.default('reasoning'),
  /** The template used for each question; null in records from earlier versions. */
  promptTemplate: z.string().nullable().default(null),
  /** Null = none. */
  systemPrompt: z.string().nullable().default(null),
  sensitivity: Sensitivity.nullable().default(null),
  hallucination: Hallucination.nullable().default(null),
  /** Pixels that the pictures were limited to; null in records from earlier versions: the checkpoint's own limit. */
  maxPixels: z.int().positive().nullable().default(null),
  /** Null in records from earlier versions, and in mode `hallucination`, where every right answer is the same. */
  noLook: NoLook.nullable().default(null),
  /** For kinds of answer that can be partly right, in the modes with one answer to each question; absent for others. */
  metrics: z.array(MetricFigure).optional(),
  /** Only in mode `samples`. */
  samples: SampledFigures.nullable().default(null),
  /** Only in mode `drift`. */
  drift: Drift.nullable().default(null),
});
export type EvaluationSummary = z.infer<typeof EvaluationSummary>;

export const EvaluationRequest = z.object({
  modelId: ModelId,
  runId: RunId.optional(),
  datasetId: DatasetId,
  /** Further datasets that are asked too, as after a run on a mixture. */
  otherDatasetIds: z.array(DatasetId).min(1).max(15).optional(),
  split: Split.default('test'),
  /** 0 = every sample of the split; of several datasets, so many of each. */
  limit: z.int().min(0).default(0),
  mode: EvaluationMode.default('reasoning'),
  /** Mode `direct`: a template other than `DIRECT_PROMPT_TEMPLATE`. */
  directTemplate: z.string().includes('{question}').optional(),
  /**
   * Mode `sensitivity`: the wordings, each with `{question}`. Absent: a sample's own `paraphrases` column, else the
   * wordings of the starter data for starter questions, else `DEFAULT_WORDINGS`.
   */
  wordings: z.array(z.string().includes('{question}')).min(4).max(50).optional(),
  /** Asks the model without an adapter as this run asks it: the same template, limits and verifier. */
  likeRun: RunId.optional(),
  /** Modes `samples` and `drift`: answers to each question; absent = `DEFAULT_SAMPLES` and `DEFAULT_DRIFT_SAMPLES`. */
  samples: z.int().min(2).max(256).optional(),
  /** With `runId`: the step whose checkpoint is evaluated; absent = the newest. */
  step: z.int().positive().optional(),
  /** How much of each picture the model sees; absent = the run's, else the dataset's, else the default. */
  detail: Detail.optional(),
});
export type EvaluationRequest = z.input<typeof EvaluationRequest>;

export const EvaluationEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('done'), evaluation: EvaluationSummary }),
]);
export type EvaluationEvent = z.infer<typeof EvaluationEvent>;

/** How an item changed from the first evaluation to the second. */
export const ItemChange = z.enum(['gained', 'lost', 'kept', 'missed']);
export type ItemChange = z.infer<typeof ItemChange>;

export const EvaluationItemsRequest = z.object({
  evaluationId: EvaluationId,
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
  verdict: z.enum(['correct', 'wrong', 'unparsed']).optional(),
  /** Words that the question or the given answer must contain. */
  search: z.string().optional(),
  /** An earlier evaluation of the same questions, whose answers are shown alongside. */
  against: EvaluationId.optional(),
  /** Only with `against`: gained = wrong there and right here. */
  change: ItemChange.optional(),
});
export type EvaluationItemsRequest = z.input<typeof EvaluationItemsRequest>;

/** An item with everything that a screen shows of it. */
export const EvaluationItemView = EvaluationItem.extend({
  /** Place in the evaluation, from 0. */
  ordinal: z.int().nonnegative(),
  datasetId: DatasetId,
  question: z.string(),
  answer: z.string(),
  /** The right answer by which this one was judged, if it was changed since; null = it is the same. */
  answerThen: z.string().nullable().default(null),
  /** The same question in the other evaluation; null without one, or if it was not asked there. */
  other: z.object({ text: z.string(), verdict: z.enum(['correct', 'wrong', 'unparsed']) }).nullable(),
});
export type EvaluationItemView = z.infer<typeof EvaluationItemView>;

export const EvaluationItemPage = z.object({ total: z.int(), items: z.array(EvaluationItemView) });
export type EvaluationItemPage = z.infer<typeof EvaluationItemPage>;

/** Two evaluations over the same questions; "second" is compared with "first". */
export const EvaluationComparison = PairedComparison.extend({
  first: EvaluationSummary,
  second: EvaluationSummary,
  firstAccuracy: Proportion,
  secondAccuracy: Proportion,
  /** The metrics that both have; absent without any. */
  metrics: z.array(MetricComparison).optional(),
  /** The verdict in words. */
  sentence: z.string(),
  lostItems: z.array(SampleId),
  gainedItems: z.array(SampleId),
});
export type EvaluationComparison = z.infer<typeof EvaluationComparison>;

/** Runs on the same task whose gain is set against what they forgot, in lines: one for each run or each method. */
export const TradeOffRequest = z.object({
  lines: z
    .array(z.object({ name: z.string(), runIds: z.array(RunId).min(1).max(50) }))
    .min(1)
    .max(20),
});
export type TradeOffRequest = z.infer<typeof TradeOffRequest>;

const TradeOffInterval = z.object({ low: z.number(), high: z.number() });

/** Shares of right answers at temperature 1, read leniently, and distances from the base in nats per answer. */
const TradeOffFigures = z.object({
  /** On the task that was trained. */
  accuracy: z.number(),
  /** On the other datasets, averaged over them; null without any that every checkpoint was asked. */
  retention: z.number().nullable(),
  /** KL(base ‖ tuned) and KL(tuned ‖ base), on the task that was trained. */
  forward: z.number(),
  reverse: z.number(),
  /** 95% intervals: over the runs if there are several (Student), else over the questions. */
  intervals: z
    .object({ accuracy: TradeOffInterval, retention: TradeOffInterval.nullable(), forward: TradeOffInterval })
    .optional(),
});

export const TradeOffPoint = TradeOffFigures.extend({
  step: z.int(),
  /** The runs that the figures are the mean of. */
  runIds: z.array(RunId),
  /** No other checkpoint, and not the base either, is better in one respect and at least as good in the other. */
  onFrontier: z.boolean(),
});
export type TradeOffPoint = z.infer<typeof TradeOffPoint>;

/** What each checkpoint gained on its task, and what that cost elsewhere, as far as it was measured. */
export const TradeOff = z.object({
  datasetId: DatasetId,
  /** The datasets that the retention is averaged over. */
  others: z.array(DatasetId),
  /** Null while nothing was measured. */
  base: TradeOffFigures.nullable(),
  lines: z.array(z.object({ name: z.string(), points: z.array(TradeOffPoint) })),
  /**
   * Spearman's rank correlation of the forward KL on the trained task with what was forgotten elsewhere, over all points:
   * 1 if the KL ranks the forgetting perfectly. Null with fewer than three points.
   */
  klPredicts: z.object({ correlation: z.number(), points: z.int() }).nullable(),
  /** Evaluations of stored checkpoints that are missing. */
  missing: z.array(EvaluationRequest),
});
export type TradeOff = z.infer<typeof TradeOff>;

/**
 * Why an answer was gained or lost. `form`: the first model was right in content, but not in form. `selection`: it was
 * right in some of its sampled answers. `new`: in none of them. `untold`: selection or new, but nobody has sampled the
 * first model's answers to this question. `lost`: right before, and not any more.
 */
export const ChangePart = z.enum(['form', 'selection', 'new', 'untold', 'lost']);
export type ChangePart = z.infer<typeof ChangePart>;

/** The answers gained and lost between two evaluations, by reason. The gains less the losses are the difference. */
export const WhatChanged = z.object({
  /** Questions both answered. */
  n: z.int().positive(),
  strict: z.object({ first: Proportion, second: Proportion }),
  lenient: z.object({ first: Proportion, second: Proportion }),
  /** Every part, with its share of all questions. */
  parts: z.array(z.object({ part: ChangePart, share: Proportion })),
  /** The sampled answers of the first model; null if there are none. */
  samples: z
    .object({
      perQuestion: z.int().positive(),
      /** Of the `n` questions, those with sampled answers. */
      questions: z.int().positive(),
      /** If none of the samples is right, the model's chance of a right one is below this, with 95% confidence. */
      chanceBelow: z.number(),
    })
    .nullable(),
});
export type WhatChanged = z.infer<typeof WhatChanged>;

/** pass@k of two models on the same questions, and whether the second can do more or less than the first. */
export const PassComparison = z.object({
  perQuestion: z.int().positive(),
  questions: z.int().positive(),
  first: z.array(PassAtK),
  second: z.array(PassAtK),
  /** Questions with at least one right answer, paired; the verdict is on this. */
  comparison: PairedComparison,
  verdict: z.enum(['widened', 'narrowed', 'undecided']),
});
export type PassComparison = z.infer<typeof PassComparison>;

/** What changed from one evaluation to another, with all that is known about it. */
export const EvaluationExplanation = z.object({
  first: EvaluationSummary,
  second: EvaluationSummary,
  change: WhatChanged,
  /** Null unless the answers of both were sampled. */
  passAtK: PassComparison.nullable(),
  sentences: z.array(z.string()),
  /** What to sample so that every answer can be explained; empty if nothing is missing. */
  missing: z.array(EvaluationRequest),
});
export type EvaluationExplanation = z.infer<typeof EvaluationExplanation>;
