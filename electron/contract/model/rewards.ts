/**
 * @file Rewards as a recipe names them, and the bench that tries them before a run. Absent parameters take the reward's
 * own defaults, so recipes from earlier versions keep their meaning.
 */
import { z } from 'zod';
import { Detail } from './detail.ts';
import { DatasetId, ModelId, Progress, RunId, SampleId, Sha256, Split, SystemPrompt, Task } from './primitives.ts';

/** How an answer is read. `auto` follows the task: whole numbers for counting, exact values for geometry, else by the reference. */
export const AnswerKind = z.enum([
  'auto',
  'count',
  'number',
  'fraction',
  'radical',
  'pi',
  'degrees',
  'choice',
  'yes-no',
  'text',
  'tags',
  'transcript',
  'fields',
  'order',
  'description',
  'box',
  'point',
]);
export type AnswerKind = z.infer<typeof AnswerKind>;

export const AccuracyParams = z.strictObject({
  kind: AnswerKind.optional(),
  /** Largest accepted absolute difference (kinds auto, number, degrees, fields); 0 = exact. */
  tolerance: z.number().min(0).optional(),
  /** The same as a share of the reference: 0.01 accepts one percent. */
  relativeTolerance: z.number().min(0).lt(1).optional(),
  /** An answer without the unit that the reference has is wrong (kinds number and degrees). */
  requireUnit: z.boolean().optional(),
  /** Upper and lower case count as different answers (kind text). */
  caseSensitive: z.boolean().optional(),
  /** Smallest overlap (intersection over union) that counts as right (kind box). */
  iouThreshold: z.number().gt(0).max(1).optional(),
  /** The reward is the overlap itself instead of 1 or 0 (kind box). */
  overlapAsReward: z.boolean().optional(),
  /** The reward is how much is right (kinds tags, transcript, fields, order, description, box, point) instead of 1 or 0. */
  partialCredit: z.boolean().optional(),
  /** The only tags that count, with synonyms: `bird, dog = hound` (kind tags). */
  vocabulary: z.string().max(10_000).optional(),
  /** What the error rate counts (kind transcript). */
  errorRate: z.enum(['characters', 'words']).optional(),
  /** What is made equal before texts are compared (kinds transcript and fields). */
  normalise: z.enum(['none', 'spaces', 'letters']).optional(),
  /** A JSON Schema as text (kind fields); absent = the fields of each reference. */
  schema: z.string().max(20_000).optional(),
  /** What resemblance to a text is measured by (kind description). */
  resemblance: z.enum(['chrf', 'rouge-l']).optional(),
  /** Words above which a description earns less (kind description). */
  longest: z.int().min(1).max(2000).optional(),
});
export type AccuracyParams = z.infer<typeof AccuracyParams>;

export const FormatParams = z.strictObject({
  /** `strict` closes the loopholes of `r1v`, the regular expression of R1-V and the paper. */
  form: z.enum(['strict', 'r1v']).optional(),
  requireThought: z.boolean().optional(),
  requireAnswer: z.boolean().optional(),
});
export type FormatParams = z.infer<typeof FormatParams>;

export const LengthParams = z.strictObject({
  of: z.enum(['thought', 'completion']).optional(),
  /** Characters. Between the two the reward is 1. */
  min: z.int().min(0).optional(),
  max: z.int().min(1).optional(),
  /** Number of characters outside the range over which the reward falls to 0. */
  falloff: z.int().min(1).optional(),
});
export type LengthParams = z.infer<typeof LengthParams>;

/** Number of words considered together. */
export const RepetitionParams = z.strictObject({ ngram: z.int().min(1).max(20).optional() });
export type RepetitionParams = z.infer<typeof RepetitionParams>;

export const Script = z.enum([
  'latin',
  'cyrillic',
  'greek',
  'arabic',
  'hebrew',
  'devanagari',
  'thai',
  'han',
  'japanese',
  'hangul',
]);
export type Script = z.infer<typeof Script>;
export const LanguageParams = z.strictObject({ script: Script.optional() });
export type LanguageParams = z.infer<typeof LanguageParams>;

export const ReasoningParams = z.strictObject({ minCharacters: z.int().min(1).optional() });
export type ReasoningParams = z.infer<typeof ReasoningParams>;

/** A custom reward. The file's text is part of the recipe, so that the run can be repeated and checked. */
export const CustomParams = z.strictObject({
  label: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,39}$/u),
  /** Name of the file, without its folder. */
  file: z.string().regex(/^[^/\\]{1,200}\.(?:js|mjs|ts|mts)$/),
  source: z.string().min(1).max(65_536),
  /** SHA-256 of `source` in UTF-8. */
  sha256: Sha256,
});
export type CustomParams = z.infer<typeof CustomParams>;

/** `version` of the reward's code is filled in when a run starts. */
const common = { weight: z.number().min(0).max(100), version: z.string().optional() };

export const RewardSpec = z.discriminatedUnion('name', [
  z.object({ name: z.literal('accuracy'), ...common, params: AccuracyParams.optional() }),
  z.object({ name: z.literal('format'), ...common, params: FormatParams.optional() }),
  z.object({ name: z.literal('length'), ...common, params: LengthParams.optional() }),
  z.object({ name: z.literal('repetition'), ...common, params: RepetitionParams.optional() }),
  z.object({ name: z.literal('language'), ...common, params: LanguageParams.optional() }),
  z.object({ name: z.literal('reasoning'), ...common, params: ReasoningParams.optional() }),
  z.object({ name: z.literal('custom'), ...common, params: CustomParams }),
]);
export type RewardSpec = z.infer<typeof RewardSpec>;

/** A reward's name in metrics and completions; unique within a recipe. */
export function rewardKey(spec: RewardSpec): string {
  return spec.name === 'custom' ? `custom:${spec.params.label}` : spec.name;
}

/** How the recipe's accuracy reward reads answers; verdicts and evaluations read them the same way. */
export function accuracyParamsOf(rewards: readonly RewardSpec[]): AccuracyParams {
  for (const spec of rewards) if (spec.name === 'accuracy') return spec.params ?? {};
  return {};
}

export const RewardDescription = z.object({
  name: z.string(),
  version: z.string(),
  label: z.string(),
  /** One or two sentences for people. */
  help: z.string(),
  params: z.array(
    z.object({ name: z.string(), help: z.string(), default: z.union([z.string(), z.number(), z.boolean()]) }),
  ),
});
export type RewardDescription = z.infer<typeof RewardDescription>;

/** One completion to score. */
export const JudgeItem = z.object({ completion: z.string(), answer: z.string(), task: Task });
export type JudgeItem = z.infer<typeof JudgeItem>;

/** `[items][rewards]`; null = the reward has no opinion on this completion. */
export const JudgeScores = z.array(z.array(z.number().nullable()));

export const RewardBenchRequest = z.object({
  modelId: ModelId,
  /** The run whose newest checkpoint answers; absent = the base model. */
  runId: RunId.optional(),
  datasetId: DatasetId,
  split: Split.default('train'),
  rewards: z.array(RewardSpec).min(1),
  samples: z.int().min(1).max(1024).default(16),
  numGenerations: z.int().min(2).max(64).default(8),
  temperature: z.number().gt(0).max(5).default(1),
  topP: z.number().gt(0).max(1).default(1),
  minP: z.number().min(0).lt(1).default(0),
  maxCompletionLength: z.int().min(1).max(4096).default(48),
  /** Absent = the run's, else the model's own. */
  promptTemplate: z.string().includes('{question}').optional(),
  /** Absent = the run's, else the model's own; empty = none. */
  systemPrompt: SystemPrompt.optional(),
  /** How much of each picture the model sees; absent = the run's, else the dataset's, else the default. */
  detail: Detail.optional(),
  seed: z.int().min(0).max(0x7fffffff).default(7),
});
export type RewardBenchRequest = z.input<typeof RewardBenchRequest>;

/** A trick that earns an undeserved reward, tried on one reward. */
export const ProbeResult = z.object({
  probe: z.string(),
  title: z.string(),
  /** Mean score over the bench's references; null where the reward never had an opinion. */
  score: z.number().nullable(),
  fooled: z.boolean(),
});

export const BenchReward = z.object({
  key: z.string(),
  weight: z.number(),
  mean: z.number().nullable(),
  /** Mean over prompts of the unbiased standard deviation inside the group: what training can learn from. */
  groupStd: z.number().nullable(),
  /** Share of prompts whose answers all received the same score. */
  deadShare: z.number(),
  notJudged: z.int(),
  probes: z.array(ProbeResult),
  suggestedWeight: z.number(),
  /** Why this weight, as a sentence. */
  reason: z.string(),
});
export type BenchReward = z.infer<typeof BenchReward>;

export const BenchCompletion = z.object({
  text: z.string(),
  tokens: z.int(),
  truncated: z.boolean(),
  verdict: z.enum(['correct', 'wrong', 'unparsed']),
  scores: z.array(z.number().nullable()),
  reward: z.number().nullable(),
});

export const BenchGroup = z.object({
  sampleId: SampleId,
  prompt: z.string(),
  answer: z.string(),
  /** All totals are equal: this prompt teaches nothing. */
  dead: z.boolean(),
  completions: z.array(BenchCompletion),
});
export type BenchGroup = z.infer<typeof BenchGroup>;

export const RewardBenchReport = z.object({
  samples: z.int(),
  numGenerations: z.int(),
  rewards: z.array(BenchReward),
  total: z.object({ mean: z.number().nullable(), groupStd: z.number().nullable(), deadShare: z.number() }),
  /** Pooled correlation of two rewards inside the groups, from -1 to 1; null where one of them never varies. */
  agreement: z.array(z.object({ a: z.string(), b: z.string(), correlation: z.number().nullable() })),
  /** Chance that at least one of k answers is right (unbiased, Chen et al. 2021). */
  passAt: z.array(z.object({ k: z.int(), value: z.number() })),
  verdicts: z.object({ correct: z.int(), wrong: z.int(), unparsed: z.int() }),
  thinkRate: z.number(),
  truncatedRatio: z.number(),
  meanTokens: z.number(),
  /** What to know before the run, in sentences, most important first. */
  findings: z.array(z.string()),
  groups: z.array(BenchGroup),
});
export type RewardBenchReport = z.infer<typeof RewardBenchReport>;

export const RewardBenchEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('done'), report: RewardBenchReport }),
]);
export type RewardBenchEvent = z.infer<typeof RewardBenchEvent>;
