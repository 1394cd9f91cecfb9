/**
 * @file The engine as the studio sees it: a service that starts its process when first needed, reports in plain words
 * when the process is lost, and starts a fresh one at the next call.
 */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { ORPCError } from '@orpc/contract';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { engineContract } from '../../contract/engine/engine.ts';
import type { EngineService } from '../../contract/engine/engine-service.ts';
import type { EngineInfo, GpuTrial } from '../../contract/model/system.ts';
import { GPU_LOST_STATUS } from '../../contract/engine/exit-status.ts';
import { GPU_USE_VARIABLE, type EngineGpuUse } from '../../contract/engine/gpu-use.ts';
import { THREADS_VARIABLE } from '../../contract/engine/threads.ts';
import type { ThreadUse } from '../../method/model-size.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { BoundedLog } from './bounded-log.ts';
import type { ChildExit, Child, SpawnChild } from '../../processes/child.ts';
import type { GpuChoice, SettleQuestions } from './gpu-choice.ts';
import { EventQueue } from './event-queue.ts';
import { STANDSTILL, watchForStandstill, type StandstillLimits } from './standstill.ts';
import { threadUseOfModel } from './model-threads.ts';

export interface EngineClientOptions {
  spawn: SpawnChild;
  /** Where the engine's output goes; absent = nowhere. */
  log?: BoundedLog;
  /** Ends the process after this long without a call; absent = never. */
  idleShutdownMs?: number;
  /** When a process that stands still counts as hung. */
  standstill?: StandstillLimits;
  env?: NodeJS.ProcessEnv;
  /** Whether engines compute on a GPU; absent = as they do by themselves. */
  gpu?: GpuChoice;
}

export interface EngineClient extends Omit<EngineService, 'info'> {
  /** @param modelPath asks the engine that computes with this model; absent = whichever runs */
  info(modelPath?: string): Promise<EngineInfo>;
  /**
   * Settles for a run whether it computes on a GPU, if need be by a trial. It holds until it is released.
   * @param before the device on which the run was begun; null = it begins now
   * @returns the trial that decides; null if none does
   * @throws the signal's reason if it fires during the trial
   */
  settleDevice(
    modelPath: string,
    before: string | null,
    ask: Pick<SettleQuestions, 'onTrial' | 'signal'>,
  ): Promise<GpuTrial | null>;
  /** Where a run goes on that a trial had sent to the GPU, and that cannot be computed there: see `GpuChoice.leave`. */
  leaveGpu: GpuChoice['leave'];
  /** The run has ended whose device was settled. */
  releaseDevice(modelPath: string): void;
  /** What the engine last reported about itself; null if it has not been asked yet. */
  readonly knownInfo: EngineInfo | null;
  /** Ends the process, if there is one. Calls in flight fail with CANCELLED. The next call starts a fresh process. */
  close(): Promise<void>;
}

type EngineRpc = ContractRouterClient<typeof engineContract>;

interface Live {
  process: Child;
  rpc: EngineRpc;
  exited: Promise<ChildExit>;
  exit: ChildExit | null;
  closing: boolean;
  /** It stood still during a call, and was ended. */
  hung: boolean;
  callsInFlight: number;
  /** How the process was told to use the cores. */
  threads: ThreadUse;
  /** What the process was told of the GPU; null = nothing. */
  gpuUse: EngineGpuUse | null;
}

/** What a call asks of the process that answers it; undefined = no matter. */
interface Wanted {
  modelPath?: string | undefined;
  gpuUse?: EngineGpuUse | null | undefined;
}

/** A client over a lazily started, supervised engine process. */
export function createEngineClient(options: EngineClientOptions): EngineClient {
  let live: Live | null = null;
  let knownInfo: EngineInfo | null = null;
  let idleTimer: NodeJS.Timeout | undefined;

  /** The running process, or a fresh one. Replaces an idle process whose device or core usage does not suit the model. */
  function current({ modelPath, gpuUse }: Wanted): Live {
    clearTimeout(idleTimer);
    const wanted = modelPath === undefined ? null : threadUseOfModel(modelPath);
    if (live !== null && live.callsInFlight === 0) {
      const suits = wanted === null || live.threads === wanted;
      const elsewhere = gpuUse !== undefined && live.gpuUse !== gpuUse;
      // What it said of its device is no longer true.
      if (elsewhere) knownInfo = null;
      if (!suits || elsewhere) end(live);
    }
    if (live === null || live.exit !== null || live.closing) live = start(options, wanted ?? 'lanes', gpuUse ?? null);
    return live;
  }

  /** Nothing is awaited unless there is a choice. */
  async function wantedFor(modelPath?: string): Promise<Wanted> {
    const { gpu } = options;
    if (gpu === undefined) return { modelPath };
    return { modelPath, gpuUse: await gpu.useFor(modelPath, async () => (knownInfo ?? (await ask({}))).gpu) };
  }

  async function ask(wanted: Wanted): Promise<EngineInfo> {
    knownInfo = await call('asked about itself', (rpc) => rpc.info(), wanted);
    return knownInfo;
  }

  function settle(engine: Live): void {
    engine.callsInFlight -= 1;
    if (engine.callsInFlight > 0 || options.idleShutdownMs === undefined || engine.exit !== null) return;
    idleTimer = setTimeout(() => {
      if (engine.callsInFlight === 0) end(engine);
    }, options.idleShutdownMs).unref();
  }

  async function callFor<T>(action: string, run: (rpc: EngineRpc) => Promise<T>, modelPath?: string): Promise<T> {
    return await call(action, run, options.gpu === undefined ? { modelPath } : await wantedFor(modelPath));
  }

  async function call<T>(action: string, run: (rpc: EngineRpc) => Promise<T>, wanted: Wanted): Promise<T> {
    const engine = current(wanted);
    engine.callsInFlight += 1;
    try {
      return await run(engine.rpc);
    } catch (error) {
      throw explain(error, engine, action, null, options.log);
    } finally {
      settle(engine);
    }
  }

  /**
   * Takes events from the link as they arrive, so that events sent before the process was lost are still delivered,
   * however slowly they are read.
   */
  function stream<T>(
    action: string,
    run: (rpc: EngineRpc, signal: AbortSignal) => Promise<AsyncIterable<T>>,
    stepOf: (event: T) => number | null,
    signal: AbortSignal | undefined,
    modelPath: string,
  ): AsyncIterable<T> {
    const leave = new AbortController();
    const queue = new EventQueue<T>(() => leave.abort());
    const either = signal === undefined ? leave.signal : AbortSignal.any([signal, leave.signal]);
    const begin = (wanted: Wanted): Live => {
      const engine = current(wanted);
      engine.callsInFlight += 1;
      return engine;
    };
    const now = options.gpu === undefined ? begin({ modelPath }) : null;
    const pump = async (): Promise<void> => {
      let lastStep: number | null = null;
      let engine: Live;
      try {
        engine = now ?? begin(await wantedFor(modelPath));
      } catch (error) {
        queue.fail(error);
        return;
      }
      try {
        for await (const event of await run(engine.rpc, either)) {
          lastStep = stepOf(event) ?? lastStep;
          queue.push(event);
        }
        if (engine.exit !== null || engine.closing) throw new Error('The stream ended together with its process.');
        queue.end();
      } catch (error) {
        queue.fail(explain(error, engine, action, lastStep, options.log));
      } finally {
        settle(engine);
      }
    };
    void pump();
    return queue;
  }

  return {
    get knownInfo() {
      return knownInfo;
    },
    info: async (modelPath) => {
      const { gpu } = options;
      if (gpu === undefined) return await ask({ modelPath });
      const info = await ask(await wantedFor(modelPath));
      if (info.gpu === undefined) return info;
      knownInfo = { ...info, gpu: await gpu.described(info.gpu) };
      return knownInfo;
    },
    settleDevice: async (modelPath, before, questions) =>
      (await options.gpu?.settle(modelPath, before, { info: () => ask({}), ...questions })) ?? null,
    leaveGpu: async (modelPath, trial, why) => {
      if (options.gpu === undefined) throw new Error('This engine has no choice.');
      return await options.gpu.leave(modelPath, trial, why);
    },
    releaseDevice: (modelPath) => options.gpu?.release(modelPath),
    trial: (job) => callFor('trying the device', (rpc) => rpc.trial(job), job.modelPath),
    plan: (job) => callFor('planning', (rpc) => rpc.plan(job), job.modelPath),
    sizeUp: (job) => callFor('estimating', (rpc) => rpc.sizeUp(job)),
    train: (job, signal) =>
      stream(
        'training',
        (rpc, either) => rpc.train(job, { signal: either }),
        (event) => {
          if (event.type === 'step') return event.metrics.step;
          return event.type === 'checkpoint' || event.type === 'done' ? event.step : null;
        },
        signal,
        job.modelPath,
      ),
    replay: (job, signal) =>
      stream(
        'replaying',
        (rpc, either) => rpc.replay(job, { signal: either }),
        (event) => (event.type === 'step' ? event.metrics.step : event.type === 'done' ? event.step : null),
        signal,
        job.modelPath,
      ),
    // A stop must not start an engine: without a process, nothing is training.
    stop: async () =>
      live === null || live.exit !== null || live.closing
        ? { stopping: false }
        : call('stopping', (rpc) => rpc.stop(), {}),
    evaluate: (job, signal) =>
      stream(
        'evaluating',
        (rpc, either) => rpc.evaluate(job, { signal: either }),
        () => null,
        signal,
        job.modelPath,
      ),
    sample: (job, signal) =>
      stream(
        'answering',
        (rpc, either) => rpc.sample(job, { signal: either }),
        () => null,
        signal,
        job.modelPath,
      ),
    drift: (job, signal) =>
      stream(
        'answering',
        (rpc, either) => rpc.drift(job, { signal: either }),
        () => null,
        signal,
        job.modelPath,
      ),
    merge: (job, signal) =>
      stream(
        'merging',
        (rpc, either) => rpc.merge(job, { signal: either }),
        () => null,
        signal,
        job.modelPath,
      ),
    gguf: (job, signal) =>
      stream(
        'writing GGUF files',
        (rpc, either) => rpc.gguf(job, { signal: either }),
        () => null,
        signal,
        job.modelPath,
      ),
    judge: (job, signal) => callFor('scoring', (rpc) => rpc.judge(job, optional(signal))),
    generate: (request, signal) =>
      stream(
        'generating',
        (rpc, either) => rpc.generate(request, { signal: either }),
        () => null,
        signal,
        request.model,
      ),
    attention: (job, signal) =>
      stream(
        'looking at an answer',
        (rpc, either) => rpc.attention(job, { signal: either }),
        () => null,
        signal,
        job.model,
      ),
    score: (job, signal) =>
      stream(
        'scoring',
        (rpc, either) => rpc.score(job, { signal: either }),
        () => null,
        signal,
        job.model,
      ),
    close: async () => {
      clearTimeout(idleTimer);
      knownInfo = null;
      if (live === null || live.exit !== null) return;
      end(live);
      await live.exited;
    },
  };
}

function optional(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function end(engine: Live): void {
  engine.closing = true;
  engine.process.kill();
}

function start(options: EngineClientOptions, threads: ThreadUse, gpuUse: EngineGpuUse | null): Live {
  const told = { [THREADS_VARIABLE]: threads, ...(gpuUse === null ? {} : { [GPU_USE_VARIABLE]: gpuUse }) };
  const child = options.spawn({ env: { ...told, ...engineEnv(options.env ?? process.env) } });
  const closeListeners: (() => void)[] = [];
  const exited = new Promise<ChildExit>((resolve) => child.onExit(resolve));
  const port = {
    postMessage: (data: unknown) => child.postMessage(data),
    on: (event: string, listener: (event?: { data: unknown }) => void) => {
      if (event === 'message') child.onMessage((data) => listener({ data }));
      else if (event === 'close') closeListeners.push(() => listener());
    },
  };
  child.onOutput((text) => options.log?.write(text));
  const rpc: EngineRpc = createORPCClient(new RPCLink({ port }));
  const state = { exit: null, closing: false, hung: false, callsInFlight: 0 };
  const engine: Live = { process: child, rpc, exited, threads, gpuUse, ...state };
  const endWatch = watchForStandstill(child, options.standstill ?? STANDSTILL, {
    isWaiting: () => engine.callsInFlight > 0 && engine.exit === null,
    onStandstill: () => {
      engine.hung = true;
      child.kill();
    },
  });
  void exited.then((exit) => {
    endWatch();
    engine.exit = exit;
    // Calls in flight fail only now, so that the code explaining the failure can see the exit.
    for (const listener of closeListeners) listener();
  });
  return engine;
}

/** Limits TensorFlow's own output to warnings and errors unless you asked for more. */
function engineEnv(base: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = { TF_CPP_MIN_LOG_LEVEL: '2' };
  for (const [name, value] of Object.entries(base)) if (value !== undefined) env[name] = value;
  return env;
}

/** Turns the failure of a call into the AtelierError that it carries, or into the loss of the process. */
function explain(
  error: unknown,
  engine: Live,
  action: string,
  lastStep: number | null,
  log: BoundedLog | undefined,
): unknown {
  if (error instanceof ORPCError) return fromLinkError(error as ORPCError<string, unknown>);
  if (engine.closing) {
    return new AtelierError('CANCELLED', 'The engine was closed before it had finished.', { cause: error });
  }
  const exit = engine.exit;
  if (exit === null) return error;
  const how =
    exit.signal !== null
      ? `signal ${exit.signal}`
      : exit.code !== null
        ? `exit status ${exit.code}`
        : 'it could not be started';
  const step = lastStep === null ? '' : ` The last step it reported was ${lastStep}.`;
  if (engine.hung) {
    return new AtelierError(
      'ENGINE_LOST',
      `The engine process stood still while it was ${action}: it neither answered nor used the processor, so it was ended.${step}`,
      {
        remedy: 'A run that was interrupted can be resumed from its last checkpoint.',
        cause: { ...exit, lastStep },
      },
    );
  }
  const line = log?.lastLine();
  if (exit.code === GPU_LOST_STATUS) {
    return new AtelierError(
      'ENGINE_LOST',
      `${line?.startsWith('The GPU') === true ? line : 'The GPU was lost.'} The engine was ${action}.${step}`,
      {
        remedy:
          'A run that was interrupted can be resumed from its last checkpoint. If it happens again, close other programs that use the GPU, or update its driver.',
        cause: { ...exit, lastStep },
      },
    );
  }
  return new AtelierError(
    'ENGINE_LOST',
    `The engine process ended while it was ${action} (${how}).${step}${line ? ` The last line of its log: ${line.slice(0, 300)}` : ''}`,
    {
      ...(log === undefined ? {} : { place: { file: log.path } }),
      remedy:
        exit.signal === 'SIGKILL'
          ? 'The system probably ended it because memory ran out. Lower promptsPerStep, numGenerations or maxCompletionLength, then resume the run.'
          : 'Read the log named above and run `atelier doctor`; a run that was interrupted can be resumed from its last checkpoint.',
      cause: { ...exit, lastStep },
    },
  );
}

function fromLinkError(error: ORPCError<string, unknown>): unknown {
  const crossed = decodeError(error);
  // Anything else is a bug, here or in the engine; its message is the best information available to log.
  if (crossed === null || crossed.code === 'INTERNAL')
    return new Error(`The engine failed: ${error.message}`, { cause: error });
  return crossed;
}
