/** @file The engine's procedures as a plain object: what the engine's process implements and what the studio calls. */
import type { z } from 'zod';
import type { EvaluateEvent, EvaluateJob, JudgeJob, SampleEvent, SampleJob, TrainEvent, TrainJob } from './engine.ts';
import type { MemoryPlan } from './memory.ts';
import type { GenerateRequest, GenerateResult, ScoreItem, ScoreResult } from '../model/models.ts';
import type { EngineInfo } from '../model/system.ts';

export interface ScoreJob {
  model: string;
  adapter?: string | undefined;
  items: z.infer<typeof ScoreItem>[];
}

/**
 * Foreseen failures are thrown as AtelierError on both sides of the link. `signal` fires when the
 * caller no longer wants the answer; a training job is ended by `stop`, which writes a checkpoint.
 */
export interface EngineService {
  info(): Promise<EngineInfo>;
  /** The memory that a job will need, told without starting it; null where nothing is compiled. */
  plan(job: TrainJob): Promise<MemoryPlan | null>;
  train(job: TrainJob, signal?: AbortSignal): AsyncIterable<TrainEvent>;
  stop(): Promise<{ stopping: boolean }>;
  evaluate(job: EvaluateJob, signal?: AbortSignal): AsyncIterable<EvaluateEvent>;
  /** Several sampled answers to each sample; nothing is learned. */
  sample(job: SampleJob, signal?: AbortSignal): AsyncIterable<SampleEvent>;
  /** Scores `[items][rewards]` of given completions; null = no opinion. */
  judge(job: JudgeJob, signal?: AbortSignal): Promise<(number | null)[][]>;
  generate(request: z.output<typeof GenerateRequest>, signal?: AbortSignal): Promise<GenerateResult>;
  score(job: ScoreJob, signal?: AbortSignal): Promise<ScoreResult[]>;
}
