/**
 * @file Chooses between GPU and processor: as the person has set it, or by a short trial of both, once for each adapter, driver and size of
 * model. A trial runs in engines of its own, so a driver that crashes, hangs or computes wrong numbers costs a sentence.
 */
import { GPU_USE_VARIABLE, type EngineGpuUse } from '../../contract/engine/gpu-use.ts';
import type { EngineService } from '../../contract/engine/engine-service.ts';
import type { TrialResult } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { EngineInfo, GpuReport, GpuTrial, GpuUse } from '../../contract/model/system.ts';
import { forgetTrials, keepTrial, readTrials } from './gpu-trials.ts';
import { weightBytesOf } from './model-threads.ts';

/** Loading a driver, compiling shaders and a few short steps. */
const TRIAL_MS = 180_000;
/** So much faster the GPU must be: it has less memory, and a run on it repeats only there. */
const CLEARLY_FASTER = 1.25;
/** Of the numbers that devices may differ in by rounding, and what counts as zero. */
const TOLERANCE = 1e-3;
const NEAR_ZERO = 1e-4;

interface TrialEngine extends Pick<EngineService, 'trial'> {
  info(modelPath?: string): Promise<EngineInfo>;
  close(): Promise<void>;
}

export interface GpuChoiceOptions {
  /** The data folder. */
  home: string;
  /** What the person has set. */
  setting: () => Promise<GpuUse>;
  /** An engine that computes where it is told. */
  openEngine: (env: NodeJS.ProcessEnv) => TrialEngine;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
  /** Whether an adapter is worth a trial; absent = if it is no software renderer. For tests, which have no other. */
  isReal?: (adapter: Adapter) => boolean;
}

type Adapter = NonNullable<GpuReport['adapter']>;

export interface GpuChoice {
  /**
   * Where an engine for this model computes; null = as it does by itself, undefined = no matter.
   * @param report what an engine says of the GPU
   */
  useFor(
    modelPath: string | undefined,
    report: () => Promise<GpuReport | undefined>,
  ): Promise<EngineGpuUse | null | undefined>;
  /**
   * Settles it for a run, with a trial if there has been none, until it is released.
   * @param before the device on which the run was begun; null = it begins now
   * @returns the trial that decides, or null if none does
   * @throws the signal's reason if it fires during a trial, of which nothing is kept then
   */
  settle(modelPath: string, before: string | null, ask: SettleQuestions): Promise<GpuTrial | null>;
  /**
   * Goes to the processor with a run that a trial had sent to the GPU, where it cannot be computed. Later runs go there at once.
   * @param works throws if the run cannot be computed on the processor either; then nothing is kept
   */
  leave(modelPath: string, trial: GpuTrial, why: { reason: string; works: () => Promise<void> }): Promise<GpuTrial>;
  /** The run has ended: its model's other work goes where the setting says. */
  release(modelPath: string): void;
  /** The engine's report, with what is set and what trials found. */
  described(report: GpuReport): Promise<GpuReport>;
  forget(): Promise<void>;
}

export interface SettleQuestions {
  info: () => Promise<EngineInfo>;
  /** Called before a trial. */
  onTrial: () => void;
  /** Ends a trial. */
  signal?: AbortSignal | undefined;
}

export function createGpuChoice(options: GpuChoiceOptions): GpuChoice {
  const { home, setting, env = process.env, isReal = ({ software }) => !software } = options;
  /** Where the run of a model computes, until it ends; its model's other work goes there too. */
  const begun = new Map<string, EngineGpuUse | null>();
  const said = (name: string): boolean => (env[name] ?? '') !== '';
  // What a person says in the environment comes first; weights on the disk need the processor.
  const isSaid = (): boolean => said('ATELIER_BACKEND') || said(GPU_USE_VARIABLE) || env['ATELIER_WEIGHTS'] === 'disk';

  async function trialOf(modelPath: string, adapter: Adapter | null | undefined): Promise<GpuTrial | null> {
    const key = keyOf(adapter, modelPath);
    return (await readTrials(home)).find((trial) => trial.key === key) ?? null;
  }

  async function trialFor(modelPath: string, { info, onTrial, signal }: SettleQuestions): Promise<GpuTrial | null> {
    const adapter = (await info()).gpu?.adapter;
    if (adapter === null || adapter === undefined || !isReal(adapter) || trialSizeOf(modelPath) === 0) return null;
    const known = await trialOf(modelPath, adapter);
    if (known !== null) return known;
    onTrial();
    const verdict = await tryBoth(modelPath, options, signal);
    if (verdict === null) return null;
    const trial: GpuTrial = {
      key: keyOf(adapter, modelPath),
      adapter: adapter.name,
      weightBytes: trialSizeOf(modelPath),
      at: new Date().toISOString(),
      ...verdict,
    };
    await keepTrial(home, trial);
    return trial;
  }

  return {
    useFor: async (modelPath, report) => {
      if (isSaid()) return undefined;
      const settled = modelPath === undefined ? undefined : begun.get(modelPath);
      if (settled !== undefined) return settled;
      // A question to no model must not end the engine of a run that pauses between two calls.
      if (modelPath === undefined && begun.size > 0) return undefined;
      const set = await setting();
      if (set !== 'automatic') return set;
      if (modelPath === undefined) return undefined;
      const size = trialSizeOf(modelPath);
      const hopeful = (await readTrials(home)).some((trial) => trial.chosen === 'gpu' && trial.weightBytes === size);
      if (!hopeful) return null;
      const found = await trialOf(modelPath, (await report())?.adapter);
      return found?.chosen === 'gpu' ? 'measured' : null;
    },

    settle: async (modelPath, before, ask) => {
      begun.delete(modelPath);
      if (isSaid()) return null;
      if (before !== null && !isGpu(before)) {
        begun.set(modelPath, 'never');
        return null;
      }
      const set = await setting();
      if (before !== null) {
        begun.set(modelPath, set === 'always' ? 'always' : 'measured');
        return null;
      }
      if (set !== 'automatic') {
        begun.set(modelPath, set);
        return null;
      }
      const trial = await trialFor(modelPath, ask);
      begun.set(modelPath, trial?.chosen === 'gpu' ? 'measured' : null);
      return trial;
    },

    leave: async (modelPath, trial, { reason, works }) => {
      begun.set(modelPath, null);
      await works();
      const left: GpuTrial = { ...trial, at: new Date().toISOString(), chosen: 'processor', reason };
      await keepTrial(home, left);
      return left;
    },

    release: (modelPath) => void begun.delete(modelPath),

    described: async (report) => {
      const { adapter } = report;
      const trials = (await readTrials(home)).filter(
        ({ key, weightBytes }) => key === `${adapter?.key ?? ''} | ${weightBytes}`,
      );
      return { ...report, use: await setting(), trials: trials.sort((a, b) => a.weightBytes - b.weightBytes) };
    },

    forget: () => forgetTrials(home),
  };
}

/** Whether a run's recorded device is a GPU through WebGPU. */
function isGpu(device: string): boolean {
  return device.startsWith('webgpu');
}

/** A power of two, so that models of one size share a trial; 0 if there are no weights to read. */
export function trialSizeOf(modelPath: string): number {
  const bytes = weightBytesOf(modelPath) ?? 0;
  return bytes === 0 ? 0 : 2 ** Math.round(Math.log2(bytes));
}

function keyOf(adapter: Adapter | null | undefined, modelPath: string): string {
  return `${adapter?.key ?? ''} | ${trialSizeOf(modelPath)}`;
}

type Verdict = Pick<GpuTrial, 'gpuSeconds' | 'processorSeconds' | 'chosen' | 'reason'>;

/**
 * Null if there is no TensorFlow to hold the GPU against: then the engine chooses.
 * @throws the signal's reason if it fires
 */
async function tryBoth(
  modelPath: string,
  { openEngine, env = process.env, timeoutMs = TRIAL_MS }: GpuChoiceOptions,
  signal: AbortSignal | undefined,
): Promise<Verdict | null> {
  const on = <T>(backend: string, use: (engine: TrialEngine) => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    return within({ ms: timeoutMs, signal }, openEngine({ ...env, ATELIER_BACKEND: backend }), use);
  };
  const failed = (error: unknown, device: 'GPU' | 'processor', processorSeconds: number | null): Verdict => {
    // What was stopped says nothing of the device.
    signal?.throwIfAborted();
    return { gpuSeconds: null, processorSeconds, chosen: 'processor', reason: failureOf(error, device) };
  };
  const found = { tensorFlow: false };
  let processor: TrialResult | null;
  try {
    processor = await on('processor', async (engine) => {
      // Beside WebAssembly, every GPU is fast: the engine uses it by itself.
      found.tensorFlow = (await engine.info(modelPath)).backend === 'tensorflow';
      return found.tensorFlow ? await engine.trial({ modelPath }) : null;
    });
  } catch (error) {
    const verdict = failed(error, 'processor', null);
    return found.tensorFlow ? verdict : null;
  }
  if (processor === null) return null;
  try {
    return verdictOf(await on('webgpu', (engine) => engine.trial({ modelPath })), processor);
  } catch (error) {
    return failed(error, 'GPU', processor.secondsPerStep);
  }
}

function verdictOf(gpu: TrialResult, processor: TrialResult): Verdict {
  const [gpuSeconds, processorSeconds] = [gpu.secondsPerStep, processor.secondsPerStep];
  const wrong = differenceOf(gpu, processor);
  if (wrong !== null) {
    const reason = `The GPU computed ${wrong[0]} where the processor computed ${wrong[1]}, so its driver is not trusted.`;
    return { gpuSeconds, processorSeconds, chosen: 'processor', reason };
  }
  const repeats = gpu.repeats
    ? ''
    : ' Taken again, steps on the GPU gave other bits, so a resumed run does not repeat.';
  const faster = gpuSeconds * CLEARLY_FASTER < processorSeconds;
  return {
    gpuSeconds,
    processorSeconds,
    chosen: faster ? 'gpu' : 'processor',
    reason: `A short step of training took ${seconds(gpuSeconds)} on the GPU and ${seconds(processorSeconds)} on the processor.${repeats}`,
  };
}

/** The first numbers that differ by more than rounding, in every seed; null if those of one seed agree. */
function differenceOf(gpu: TrialResult, processor: TrialResult): [gpu: string, processor: string] | null {
  let first: [string, string] | null = null;
  for (const [which, own] of processor.numbers.entries()) {
    const other = gpu.numbers[which] ?? [];
    const at = own.findIndex((value, place) => !agree(value, other[place]));
    if (at === -1 && other.length === own.length) return null;
    first ??= [text(other[at]), text(own[at])];
  }
  return first ?? ['nothing', 'nothing'];
}

function agree(a: number | null, b: number | null | undefined): boolean {
  if (a === null || b === null || b === undefined) return false;
  return Math.abs(a - b) <= Math.max(NEAR_ZERO, TOLERANCE * Math.max(Math.abs(a), Math.abs(b)));
}

function text(value: number | null | undefined): string {
  return value === null || value === undefined ? 'no number' : value.toPrecision(4);
}

function seconds(value: number): string {
  return `${value.toPrecision(2)} s`;
}

function failureOf(error: unknown, device: 'GPU' | 'processor'): string {
  if (error === TOO_LONG) return `The ${device} did not finish its trial in time.`;
  const sentence =
    error instanceof AtelierError ? error.message : String(error instanceof Error ? error.message : error);
  return `The trial on the ${device} failed: ${sentence.split('\n')[0] ?? ''}`;
}

const TOO_LONG = new Error('too long');

/** Uses an engine of its own for so long, or until the signal fires, and ends it. */
async function within<T>(
  { ms, signal }: { ms: number; signal: AbortSignal | undefined },
  engine: TrialEngine,
  use: (engine: TrialEngine) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(TOO_LONG), ms);
  const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    onAbort = () => reject(either.reason as Error);
    either.addEventListener('abort', onAbort);
  });
  const work = use(engine);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, ended]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) either.removeEventListener('abort', onAbort);
    await engine.close();
  }
}
