/** @file One measuring process of our side: `engine-process.ts JOB`, JOB being an EngineJob as JSON. */
import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { AtelierError } from '../../contract/errors/errors.ts';
import { GenerateJob, type TrainEvent } from '../../contract/engine/engine.ts';
import { answeringPolicy } from '../../engine/jobs/generate.ts';
import { planAnswers } from '../../engine/memory/answer-memory.ts';
import { loadModel } from '../../engine/policy/loaded-model.ts';
import type { PolicyOptions } from '../../engine/policy/policy.ts';
import { createEngineService } from '../../engine/service/service.ts';
import { loadRuntime } from '../../engine/runtime/backend.ts';
import { measureMachine, type ProductShape } from './gemm-peak.ts';
import { oneRowTurns } from './one-row-turns.ts';
import { startOpClock, type OpProfile } from './op-profile.ts';
import { CHECKPOINT_ROOT, trainJobOf, type JobFiles } from './measured-job.ts';
import { peakResidentBytes } from './resident.ts';
import { startStopwatch, type EntryTime } from './stopwatch.ts';
import { takeTurns } from './turns.ts';
import type { Workload } from './works.ts';
import { resultOf } from '../../contract/model/result-events.ts';

export type EngineJob =
  | { kind: 'train'; method: 'grpo' | 'sft'; work: Workload; files: JobFiles }
  /** The same, op by op, timing every op. */
  | { kind: 'profile'; method: 'grpo' | 'sft'; work: Workload; files: JobFiles }
  /** The memory that the engine predicts for the job, without running it. */
  | { kind: 'plan'; method: 'grpo' | 'sft'; work: Workload; files: JobFiles }
  /** One token after a question about one photo. */
  | { kind: 'photo'; files: JobFiles; prompt: string }
  /** Answers to one question by itself. */
  | { kind: 'one-row'; files: JobFiles }
  /** The memory that the engine predicts for it. */
  | { kind: 'photo-plan'; files: JobFiles; prompt: string }
  /** An adapter merged into its model, then the same again, cancelled after its first progress. */
  | { kind: 'merge'; files: JobFiles; adapterPath: string; folder: string }
  | { kind: 'products'; shapes: readonly ProductShape[] };

/** One step as its process saw it, in seconds. */
export interface StepTiming {
  /** From requesting the step to receiving it, everything included. */
  seconds: number;
  generate: number;
  /** Rewards, advantages and the reference's log-probs. */
  score: number;
  update: number;
  tokensGenerated: number;
  /** Tokens of the longest answer. */
  longest: number;
  residentBytes: number;
  entries: Record<string, EntryTime>;
  /** Only in a profile. */
  ops?: OpProfile[];
}

/** An answer of one token. */
export interface PhotoTiming {
  /** Encoding the photo and running the prompt. */
  seconds: number;
  /** The same, with loading the model and reading and resizing the photo. */
  wall: number;
  /** Of all cores together, during all of that. */
  processorSeconds: number;
  promptTokens: number;
  entries: Record<string, EntryTime>;
}

export interface MergeTiming {
  seconds: number;
  processorSeconds: number;
  /** Bytes of the files that were written. */
  bytes: number;
  /** From the request to cancel until the job had ended. */
  cancelSeconds: number;
}

/** Seconds from the start of the process until it reached each phase of the job's start-up. */
export interface Startup {
  phases: Record<string, number>;
  ready: number;
}

function sinceStart(): number {
  return (Date.now() - performance.timeOrigin) / 1000;
}

async function train(job: Extract<EngineJob, { work: Workload }>): Promise<void> {
  const stopwatch = await startStopwatch();
  const clock = job.kind === 'profile' ? await startOpClock() : null;
  const iterable = createEngineService().train(trainJobOf(job.work, job.method, job.files));
  const events = iterable[Symbol.asyncIterator]();
  const phases: Record<string, number> = { runtime: sinceStart() };
  const next = async (): Promise<TrainEvent> => {
    const result: IteratorResult<TrainEvent, unknown> = await events.next();
    if (result.done === true) throw new Error('The job ended by itself.');
    const { value } = result;
    if (value.type === 'phase') phases[value.progress.phase] = sinceStart();
    if (value.type === 'warning') process.stderr.write(`${value.warning.message}\n`);
    return value;
  };
  const reached = async (wanted: (event: TrainEvent) => boolean): Promise<TrainEvent> => {
    for (;;) {
      const event = await next();
      if (wanted(event)) return event;
    }
  };
  await reached((event) => event.type === 'phase' && event.progress.phase === 'train');
  const turn = async (): Promise<StepTiming> => {
    stopwatch.take();
    clock?.take();
    const start = performance.now();
    const event = await reached(({ type }) => type === 'step');
    const seconds = (performance.now() - start) / 1000;
    if (event.type !== 'step') throw new Error('unreachable');
    const { metrics } = event;
    const { completionTokens, model } = job.work;
    const exact = model.endsEvery === undefined;
    if (
      exact &&
      (metrics.completionLengthMin !== completionTokens || metrics.completionLengthMax !== completionTokens)
    ) {
      throw new Error(`${job.work.name}: completions are not ${String(completionTokens)} tokens long.`);
    }
    if (!Number.isFinite(metrics.loss)) throw new Error(`${job.work.name}: the loss is not a number.`);
    return {
      seconds,
      generate: metrics.secondsGenerate,
      score: metrics.secondsScore,
      update: metrics.secondsUpdate,
      tokensGenerated: metrics.tokensGenerated,
      longest: metrics.completionLengthMax ?? 0,
      residentBytes: process.memoryUsage.rss(),
      entries: stopwatch.take(),
      ...(clock === null ? {} : { ops: clock.take() }),
    };
  };
  const startup: Startup = { phases, ready: sinceStart() };
  const { info } = await loadRuntime();
  await takeTurns(turn, () => ({ peakResidentBytes: peakResidentBytes() }), { startup, info });
}

async function plan({ work, method, files }: Extract<EngineJob, { work: Workload }>): Promise<void> {
  const turn = async (): Promise<object> => ({
    plan: await createEngineService().plan(trainJobOf(work, method, files)),
  });
  await takeTurns(turn, () => ({}), { info: (await loadRuntime()).info });
}

/** What an answer of one token to a question about one photo costs. */
async function photo({ files, prompt }: Extract<EngineJob, { kind: 'photo' }>): Promise<void> {
  const stopwatch = await startStopwatch();
  const turn = async (): Promise<PhotoTiming> => {
    stopwatch.take();
    const start = performance.now();
    const used = process.cpuUsage();
    const { seconds, promptIds } = await resultOf(createEngineService().generate(photoQuestion(files, prompt)));
    const wall = (performance.now() - start) / 1000;
    const processorSeconds = processorSecondsSince(used);
    return { seconds, wall, processorSeconds, promptTokens: promptIds.length, entries: stopwatch.take() };
  };
  await takeTurns(turn, () => ({ peakResidentBytes: peakResidentBytes() }), { info: (await loadRuntime()).info });
}

async function oneRow({ files }: Extract<EngineJob, { kind: 'one-row' }>): Promise<void> {
  const turn = await oneRowTurns(files.modelPath);
  await takeTurns(turn, () => ({}), { info: (await loadRuntime()).info });
}

function processorSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function merging({ files, adapterPath, folder }: Extract<EngineJob, { kind: 'merge' }>): Promise<void> {
  const job = { modelPath: files.modelPath, adapterPath, metadata: { format: 'pt' } };
  const service = createEngineService();
  const whole = async (): Promise<Omit<MergeTiming, 'cancelSeconds'>> => {
    const start = performance.now();
    const used = process.cpuUsage();
    let bytes = 0;
    for await (const event of service.merge({ ...job, folder }))
      if (event.type === 'done') bytes = event.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { seconds: (performance.now() - start) / 1000, processorSeconds: processorSecondsSince(used), bytes };
  };
  const cancelled = async (): Promise<number> => {
    const cancel = new AbortController();
    let asked = 0;
    const again = join(folder, 'cancelled');
    await mkdir(again);
    try {
      for await (const event of service.merge({ ...job, folder: again }, cancel.signal)) {
        if (event.type !== 'progress') continue;
        asked = performance.now();
        cancel.abort();
      }
      throw new Error('The merge did not end when it was cancelled.');
    } catch (error) {
      if (!cancel.signal.aborted || !(error instanceof AtelierError) || error.code !== 'CANCELLED') throw error;
    }
    return (performance.now() - asked) / 1000;
  };
  const turn = async (): Promise<MergeTiming> => ({ ...(await whole()), cancelSeconds: await cancelled() });
  await takeTurns(turn, () => ({ peakResidentBytes: peakResidentBytes() }), { info: (await loadRuntime()).info });
}

/** What the engine predicts for it. */
async function photoPlan({ files, prompt }: Extract<EngineJob, { kind: 'photo-plan' }>): Promise<void> {
  const turn = async (): Promise<{ predictedBytes: number | null }> => {
    const job = photoQuestion(files, prompt);
    const model = await loadModel(job.model);
    const prompts = [await model.processor.measure({ prompt, imagePaths: files.imagePaths })];
    const optionsFor = (): PolicyOptions => answeringPolicy(model, null, prompts, job);
    const plan = await planAnswers({ model, prompts, most: 1, optionsFor });
    return { predictedBytes: plan?.predictedBytes ?? null };
  };
  await takeTurns(turn, () => ({}), { info: (await loadRuntime()).info });
}

function photoQuestion({ modelPath, imagePaths }: JobFiles, prompt: string): z.output<typeof GenerateJob> {
  return GenerateJob.parse({ model: modelPath, prompt, images: imagePaths, maxNewTokens: 1, greedy: true });
}

async function products(shapes: readonly ProductShape[]): Promise<void> {
  const turn = async (): Promise<object> => measureMachine(shapes);
  await takeTurns(turn, () => ({}), { info: (await loadRuntime()).info });
}

const job = JSON.parse(process.argv[2] ?? '') as EngineJob;
if (job.kind === 'products') await products(job.shapes);
else if (job.kind === 'photo') await photo(job);
else if (job.kind === 'one-row') await oneRow(job);
else if (job.kind === 'merge') await merging(job);
else if (job.kind === 'photo-plan') await photoPlan(job);
else await (job.kind === 'plan' ? plan(job) : train(job));
rmSync(CHECKPOINT_ROOT, { recursive: true, force: true });
process.exit(0);
