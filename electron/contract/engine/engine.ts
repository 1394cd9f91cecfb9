/**
 * @file The link to the engine's own process. The engine receives a recipe and paths and sends events; it has no access
 * to the database. Images are passed as paths, never as bytes.
 */
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { ERROR_MAP } from '../errors/error-codec.ts';
import { Attention, GivenAnswer } from '../model/attention.ts';
import { PixelLimits } from '../model/detail.ts';
import { EvaluationItem } from '../model/evaluations.ts';
import { GgufCheck, GgufWeights, MergedCheck } from '../model/exports.ts';
import { MemoryPlan } from './memory.ts';
import { GenerateRequest, GenerateResult, ScoreRequest, ScoreResult } from '../model/models.ts';
import { Progress, RunId, SampleId, SystemPrompt, Task } from '../model/primitives.ts';
import { Recipe } from '../model/recipe.ts';
import { resultEvent } from '../model/result-events.ts';
import { AccuracyParams, JudgeItem, JudgeScores, RewardSpec } from '../model/rewards.ts';
import { Completion, RunWarning, StepMetrics } from '../model/runs.ts';
import { EngineInfo } from '../model/system.ts';

export const EngineSample = z.object({
  id: SampleId,
  imagePath: z.string(),
  /** What people call the picture, for messages; absent = its path. */
  imageName: z.string().optional(),
  /** Size in pixels as the model gets it, if known: a plan then need not open the file. */
  imageSize: z.object({ width: z.int().positive(), height: z.int().positive() }).optional(),
  /** Rotates the image according to its EXIF orientation; absent = as stored. */
  upright: z.boolean().optional(),
  prompt: z.string(),
  answer: z.string(),
  task: Task,
  /** The place of its dataset in the recipe's mixture; absent = the first. */
  part: z.int().nonnegative().optional(),
  /** Its dataset's own template, and how its answers are read; absent = as the job says. */
  promptTemplate: z.string().optional(),
  accuracy: AccuracyParams.optional(),
});
export type EngineSample = z.infer<typeof EngineSample>;

/** Fields shared by every job that asks questions about pictures. */
const Pictures = z.object({
  /** Absent = no system message. */
  systemPrompt: SystemPrompt.optional(),
  /** Larger pictures are shrunk to this many pixels; absent = the checkpoint's own limit. */
  maxPixels: z.int().positive().optional(),
  /** The most memory the engine may use; absent = what the machine can spare. */
  memoryLimitBytes: z.number().positive().optional(),
});

/** Fields shared by training, replaying and planning a recipe. */
const RecipeJob = z.object({
  recipe: Recipe,
  modelPath: z.string(),
  samples: z.array(EngineSample).min(1),
  /** PEFT folder that the run begins with; absent = a new adapter. */
  initialAdapter: z.string().optional(),
  /** Prompts in a micro-batch, chosen to fit the machine's memory; does not affect the result. */
  microBatchPrompts: z.int().min(1).optional(),
  /** The most memory the engine may use; absent = what the machine can spare. */
  memoryLimitBytes: z.number().positive().optional(),
});
export type RecipeJob = z.infer<typeof RecipeJob>;

export const TrainJob = RecipeJob.extend({
  runId: RunId,
  /** Checkpoints are written to `checkpointRoot/step-000123` (written aside, then renamed into place). */
  checkpointRoot: z.string(),
  /** Folder of the checkpoint to resume from; absent for a fresh start. */
  resumeFrom: z.string().optional(),
  /** Held-out samples for interim evaluations (`recipe.evalEvery`), in a fixed order. */
  heldOut: z.array(EngineSample).optional(),
  /** What the interim evaluations before `resumeFrom` found, in step order. */
  heldOutScores: z.array(z.object({ step: z.int().nonnegative(), right: z.int().nonnegative() })).optional(),
});
export type TrainJob = z.infer<typeof TrainJob>;

/** Repeats the steps of a run to compute exact projections. Writes nothing and leaves the run itself unchanged. */
export const ReplayJob = RecipeJob.extend({
  /** How many steps the run took; fewer than its recipe says if it was stopped early. */
  steps: z.int().positive(),
});
export type ReplayJob = z.infer<typeof ReplayJob>;

/** Estimates the memory a run needs. Computes and writes nothing else. */
export const PlanJob = RecipeJob;
export type PlanJob = z.infer<typeof PlanJob>;

/** Estimates what training a model would take that is not on this machine, from its configuration alone. */
export const SizeUpJob = z.object({
  /** `OWNER/NAME`, for messages. */
  name: z.string(),
  config: z.record(z.string(), z.unknown()),
  pixelLimits: PixelLimits,
  /** One picture with each question. */
  picture: z.object({ width: z.int().positive(), height: z.int().positive() }),
  /** Tokens of question and template. */
  textTokens: z.int().positive(),
  recipe: Recipe,
  memoryLimitBytes: z.number().positive().optional(),
});
export type SizeUpJob = z.infer<typeof SizeUpJob>;

/** How much an update benefited each group, in order. */
const Projections = z.array(z.object({ sampleId: SampleId, projection: z.number() }));

export const TrainEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('phase'), progress: Progress }),
  z.object({
    type: z.literal('step'),
    metrics: StepMetrics,
    completions: z.array(Completion),
    /** Absent unless the recipe asks for attribution. */
    projections: Projections.optional(),
  }),
  /** Greedy answers to the held-out samples after `step` steps. */
  z.object({ type: z.literal('evaluation'), step: z.int().nonnegative(), items: z.array(EvaluationItem) }),
  z.object({ type: z.literal('checkpoint'), step: z.int(), path: z.string(), sha256: z.string() }),
  z.object({ type: z.literal('warning'), warning: RunWarning }),
  /**
   * `stopped` is true if the job ended early on request (a checkpoint was written). A job that ends early because its
   * patience is over is complete.
   */
  z.object({ type: z.literal('done'), step: z.int(), stopped: z.boolean() }),
]);
export type TrainEvent = z.infer<typeof TrainEvent>;

export const ReplayJobEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('phase'), progress: Progress }),
  z.object({ type: z.literal('step'), metrics: StepMetrics, projections: Projections }),
  z.object({ type: z.literal('warning'), warning: RunWarning }),
  /** `step` is the last step taken. */
  z.object({ type: z.literal('done'), step: z.int() }),
]);
export type ReplayJobEvent = z.infer<typeof ReplayJobEvent>;

export const EvaluateJob = Pictures.extend({
  modelPath: z.string(),
  /** PEFT folder (a checkpoint folder is one); absent = base model. */
  adapterPath: z.string().optional(),
  promptTemplate: z.string(),
  samples: z.array(EngineSample).min(1),
  maxNewTokens: z.int().positive(),
  /** How answers are read; absent = according to their task. */
  accuracy: AccuracyParams.optional(),
});
export type EvaluateJob = z.infer<typeof EvaluateJob>;

export const EvaluateEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('items'), items: z.array(EvaluationItem) }),
]);
export type EvaluateEvent = z.infer<typeof EvaluateEvent>;

/** Samples several answers per sample, as training does, but without learning from them. */
export const SampleJob = Pictures.extend({
  modelPath: z.string(),
  adapterPath: z.string().optional(),
  promptTemplate: z.string(),
  samples: z.array(EngineSample).min(1),
  numGenerations: z.int().positive(),
  /** Takes the likeliest token each time; absent = draws. */
  greedy: z.boolean().optional(),
  /** Makes repeated tokens less likely where the model publishes such a penalty, as `generate` does; training never does. */
  asPublished: z.boolean().optional(),
  temperature: z.number().gt(0),
  topP: z.number().gt(0).max(1),
  minP: z.number().min(0).max(1).optional(),
  maxNewTokens: z.int().positive(),
  seed: z.int(),
});
export type SampleJob = z.infer<typeof SampleJob>;

export const SampledGroup = z.object({
  sampleId: SampleId,
  completions: z.array(z.object({ text: z.string(), tokens: z.int(), truncated: z.boolean() })),
});
export type SampledGroup = z.infer<typeof SampledGroup>;

export const SampleEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('groups'), groups: z.array(SampledGroup) }),
]);
export type SampleEvent = z.infer<typeof SampleEvent>;

/** Measures how far an adapter moved its base model: both answer, and each answer is scored by both. */
export const DriftJob = SampleJob.omit({
  temperature: true,
  topP: true,
  minP: true,
  greedy: true,
  asPublished: true,
}).required({ adapterPath: true });
export type DriftJob = z.infer<typeof DriftJob>;

export const DriftEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({
    type: z.literal('groups'),
    /** Who answered; all of the tuned model's groups come first. */
    of: z.enum(['tuned', 'base']),
    groups: z.array(
      z.object({
        sampleId: SampleId,
        /** `logRatio`: Σ over tokens of log p(who answered) − log p(the other). */
        completions: z.array(SampledGroup.shape.completions.element.extend({ logRatio: z.number() })),
      }),
    ),
  }),
]);
export type DriftEvent = z.infer<typeof DriftEvent>;

export const GenerateJob = GenerateRequest.omit({ detail: true }).extend({
  ...Pictures.shape,
  /** What people call the images, for messages; absent = their paths. */
  imageNames: z.array(z.string()).optional(),
});
export type GenerateJob = z.input<typeof GenerateJob>;

export const GenerateEvent = resultEvent(GenerateResult);
export type GenerateEvent = z.infer<typeof GenerateEvent>;

/** Goes once more through prompt and answer to see where each token of the answer looked. */
export const AttentionJob = GenerateJob.pick({
  model: true,
  adapter: true,
  partialAdapter: true,
  images: true,
  imageNames: true,
  upright: true,
  prompt: true,
}).extend({
  ...Pictures.shape,
  answer: GivenAnswer,
  /** How many of the likeliest tokens to return at each position. */
  alternatives: z.int().min(1).max(20).default(5),
});
export type AttentionJob = z.input<typeof AttentionJob>;

export const AttentionEvent = resultEvent(Attention);
export type AttentionEvent = z.infer<typeof AttentionEvent>;

export const ScoreJob = ScoreRequest.omit({ detail: true }).extend(Pictures.shape);
export type ScoreJob = z.input<typeof ScoreJob>;

export const ScoreEvent = resultEvent(z.array(ScoreResult));
export type ScoreEvent = z.infer<typeof ScoreEvent>;

/** Completions to judge. Custom rewards run in a sandbox inside the engine process. */
export const JudgeJob = z.object({ rewards: z.array(RewardSpec).min(1), items: z.array(JudgeItem) });
export type JudgeJob = z.infer<typeof JudgeJob>;

/** Merges an adapter into its base model and writes the result as safetensors files into an existing folder. */
export const MergeJob = z.object({
  modelPath: z.string(),
  /** Null = the model as it is. */
  adapterPath: z.string().nullable(),
  folder: z.string(),
  /** Header metadata of each file. */
  metadata: z.record(z.string(), z.string()),
  /** The most bytes of tensors in a file; absent = 5 GB, as transformers writes them. */
  shardBytes: z.int().positive().optional(),
  /** `mlx`: named and arranged as mlx-vlm loads them. Absent = as the base's files. */
  layout: z.literal('mlx').optional(),
});
export type MergeJob = z.infer<typeof MergeJob>;

export const MergeEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  /** Every file that was written, with its hash. */
  z.object({
    type: z.literal('done'),
    files: z.array(z.object({ name: z.string(), sha256: z.string(), sizeBytes: z.int() })),
    check: MergedCheck,
  }),
]);
export type MergeEvent = z.infer<typeof MergeEvent>;

/** Writes a model as GGUF files for llama.cpp into an existing folder, with an adapter merged, and reads them back. */
export const GgufJob = z.object({
  modelPath: z.string(),
  /** Null = the model as it is. */
  adapterPath: z.string().nullable(),
  folder: z.string(),
  weights: GgufWeights,
  /** What other programs show as the model's name. */
  name: z.string(),
  licence: z.string().nullable(),
  /** Further entries of each file's metadata. */
  metadata: z.record(z.string(), z.string()),
  /** The largest picture that the model was trained on, in pixels; absent = as the model's files say. */
  maxPixels: z.int().positive().optional(),
});
export type GgufJob = z.infer<typeof GgufJob>;

export const GgufEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({
    type: z.literal('done'),
    files: z.array(z.object({ name: z.string(), sha256: z.string(), sizeBytes: z.int() })),
    check: GgufCheck,
  }),
]);
export type GgufEvent = z.infer<typeof GgufEvent>;

/** A short step of training on a slice of a model, with made-up weights and without pictures. */
export const TrialJob = z.object({ modelPath: z.string() });
export type TrialJob = z.infer<typeof TrialJob>;

export const TrialResult = z.object({
  /** What small steps of the model's family computed, one list for each seed; null = not a number. Every right device gives the same. */
  numbers: z.array(z.array(z.number().nullable())),
  /** The fastest of several steps. */
  secondsPerStep: z.number(),
  /** Whether the steps of one seed, taken again, gave the same bits. */
  repeats: z.boolean(),
});
export type TrialResult = z.infer<typeof TrialResult>;

const procedure = oc.errors(ERROR_MAP);

/**
 * A job that reads a model's weights reports bytes read of bytes to read as progress of the phase `load`, with the unit
 * `bytes`, a few times a second. The last such event says that all are read.
 */
export const engineContract = {
  info: procedure.output(EngineInfo),
  /** Computes and times what the studio compares between devices. */
  trial: procedure.input(TrialJob).output(TrialResult),
  /** The memory a run will need; null if nothing is compiled on this machine, so no estimate is possible. */
  plan: procedure.input(PlanJob).output(MemoryPlan.nullable()),
  /** The same for a model that is not here. */
  sizeUp: procedure.input(SizeUpJob).output(MemoryPlan.nullable()),
  replay: procedure.input(ReplayJob).output(eventIterator(ReplayJobEvent)),
  train: procedure.input(TrainJob).output(eventIterator(TrainEvent)),
  /** Asks the training job to end after its current step and write a checkpoint. */
  stop: procedure.output(z.object({ stopping: z.boolean() })),
  evaluate: procedure.input(EvaluateJob).output(eventIterator(EvaluateEvent)),
  sample: procedure.input(SampleJob).output(eventIterator(SampleEvent)),
  drift: procedure.input(DriftJob).output(eventIterator(DriftEvent)),
  merge: procedure.input(MergeJob).output(eventIterator(MergeEvent)),
  gguf: procedure.input(GgufJob).output(eventIterator(GgufEvent)),
  judge: procedure.input(JudgeJob).output(JudgeScores),
  generate: procedure.input(GenerateJob).output(eventIterator(GenerateEvent)),
  attention: procedure.input(AttentionJob).output(eventIterator(AttentionEvent)),
  score: procedure.input(ScoreJob).output(eventIterator(ScoreEvent)),
};
