/**
 * @file The link to the engine's own process. The engine gets a recipe and paths and sends events;
 * it knows no database. Images travel as paths, never as bytes.
 */
import { eventIterator, oc } from '@orpc/contract';
import { z } from 'zod';
import { ERROR_MAP } from '../errors/error-codec.ts';
import { EvaluationItem } from '../model/evaluations.ts';
import { MemoryPlan } from './memory.ts';
import { GenerateRequest, GenerateResult, ScoreItem, ScoreResult } from '../model/models.ts';
import { Progress, RunId, SampleId, Task } from '../model/primitives.ts';
import { Recipe } from '../model/recipe.ts';
import { AccuracyParams, JudgeItem, JudgeScores, RewardSpec } from '../model/rewards.ts';
import { Completion, RunWarning, StepMetrics } from '../model/runs.ts';
import { EngineInfo } from '../model/system.ts';

export const EngineSample = z.object({
  id: SampleId,
  imagePath: z.string(),
  /** Turns the image as its EXIF orientation says; absent = as stored. */
  upright: z.boolean().optional(),
  prompt: z.string(),
  answer: z.string(),
  task: Task,
});
export type EngineSample = z.infer<typeof EngineSample>;

export const TrainJob = z.object({
  runId: RunId,
  recipe: Recipe,
  modelPath: z.string(),
  samples: z.array(EngineSample).min(1),
  /** Checkpoints are written to `checkpointRoot/step-000123` (written aside, then renamed into place). */
  checkpointRoot: z.string(),
  /** Folder of the checkpoint to go on from; absent for a fresh start. */
  resumeFrom: z.string().optional(),
  /** Held-out samples for looks while training goes on (`recipe.evalEvery`), in a fixed order. */
  heldOut: z.array(EngineSample).optional(),
  /** Prompts whose update is worked off at once, chosen for the machine's memory; changes no result. */
  microBatchPrompts: z.int().min(1).optional(),
  /** Most memory that the engine may take in all; absent = what the machine can give. */
  memoryLimitBytes: z.number().positive().optional(),
  /** Runs the steps again for exact projections; no checkpoint is written, and the run itself is not touched. */
  replay: z.boolean().optional(),
});
export type TrainJob = z.infer<typeof TrainJob>;

export const TrainEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('phase'), progress: Progress }),
  z.object({
    type: z.literal('step'),
    metrics: StepMetrics,
    completions: z.array(Completion),
    /** How far the update served each group, in order; absent where nobody asked for it. */
    projections: z.array(z.object({ sampleId: SampleId, projection: z.number() })).optional(),
  }),
  /** Greedy answers to the held-out samples after `step` steps. */
  z.object({ type: z.literal('evaluation'), step: z.int().nonnegative(), items: z.array(EvaluationItem) }),
  z.object({ type: z.literal('checkpoint'), step: z.int(), path: z.string(), sha256: z.string() }),
  z.object({ type: z.literal('warning'), warning: RunWarning }),
  /** `stopped` is true when the job ended on request before its last step (a checkpoint was written). */
  z.object({ type: z.literal('done'), step: z.int(), stopped: z.boolean() }),
]);
export type TrainEvent = z.infer<typeof TrainEvent>;

export const EvaluateJob = z.object({
  modelPath: z.string(),
  /** PEFT folder (a checkpoint folder is one); absent = base model. */
  adapterPath: z.string().optional(),
  promptTemplate: z.string(),
  samples: z.array(EngineSample).min(1),
  maxNewTokens: z.int().positive(),
  /** How answers are read; absent = by their task. */
  accuracy: AccuracyParams.optional(),
});
export type EvaluateJob = z.infer<typeof EvaluateJob>;

export const EvaluateEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('items'), items: z.array(EvaluationItem) }),
]);
export type EvaluateEvent = z.infer<typeof EvaluateEvent>;

/** Several answers to each sample, drawn as training would draw them, without learning from them. */
export const SampleJob = z.object({
  modelPath: z.string(),
  adapterPath: z.string().optional(),
  promptTemplate: z.string(),
  samples: z.array(EngineSample).min(1),
  numGenerations: z.int().positive(),
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

/** Completions to score; a person's own rewards run here, in the engine's process and in a sandbox there. */
export const JudgeJob = z.object({ rewards: z.array(RewardSpec).min(1), items: z.array(JudgeItem) });
export type JudgeJob = z.infer<typeof JudgeJob>;

const procedure = oc.errors(ERROR_MAP);

export const engineContract = {
  info: procedure.output(EngineInfo),
  /** The memory that a job will need; null where nothing is compiled, so that it cannot be told. */
  plan: procedure.input(TrainJob).output(MemoryPlan.nullable()),
  train: procedure.input(TrainJob).output(eventIterator(TrainEvent)),
  /** Asks the running job to end after its current step and write a checkpoint. */
  stop: procedure.output(z.object({ stopping: z.boolean() })),
  evaluate: procedure.input(EvaluateJob).output(eventIterator(EvaluateEvent)),
  sample: procedure.input(SampleJob).output(eventIterator(SampleEvent)),
  judge: procedure.input(JudgeJob).output(JudgeScores),
  generate: procedure.input(GenerateRequest).output(GenerateResult),
  score: procedure
    .input(z.object({ model: z.string(), adapter: z.string().optional(), items: z.array(ScoreItem).min(1) }))
    .output(z.array(ScoreResult)),
};
