/**
 * @file Watches a GPU: what goes wrong on it is learnt late and asynchronously, and results computed meanwhile are worthless.
 * So every call runs within error scopes, and a device that is lost or stands still ends the engine, which the studio starts
 * again from the run's last checkpoint.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { AtelierError } from '../../../contract/errors/errors.ts';
import type { CallGuard } from '../eager-program.ts';
import { beEager } from './patience.ts';

export interface GpuWatch {
  guard: CallGuard;
  /** Why the device is lost, as a sentence; null while it works. */
  lost(): string | null;
}

/** Two minutes without a finished batch of shaders. Checks are counted, not time: a machine that slept has checked nothing. */
const STANDSTILL = { everyMs: 10_000, checks: 12 };

type OnLost = (sentence: string) => void;
let onLost: OnLost = () => undefined;

/** What to do if the device is lost; the engine's own process ends. */
export function whenGpuLost(listener: OnLost): void {
  onLost = listener;
}

export function watchGpu(
  device: GPUDevice,
  backend: WebGPUBackend,
  { everyMs, checks }: typeof STANDSTILL = STANDSTILL,
): GpuWatch {
  let lost: string | null = null;
  let failed: Error | null = null;
  const lose = (sentence: string): void => {
    if (lost !== null) return;
    lost = sentence;
    onLost(sentence);
  };
  void device.lost.then(({ message }) => {
    lose(`The GPU was lost${message === '' ? '' : ` (${firstLine(message)})`}.`);
  });
  // Outside all scopes: a batch that tfjs hands in later.
  device.onuncapturederror = ({ error }) => {
    failed ??= isShort(error) ? memoryError(error.message) : gpuError(error.message);
  };

  const progress = countProgress(device, backend);
  const watchdog = watchProgress(progress, everyMs, checks, () => {
    lose(`The GPU has finished nothing for ${String((everyMs * checks) / 1000)} seconds, so it was given up.`);
  });

  const guard: CallGuard = {
    open() {
      if (lost !== null) throw lostError(lost);
      beEager();
      device.pushErrorScope('out-of-memory');
      device.pushErrorScope('validation');
      return async () => {
        flush(backend);
        const [invalid, memory] = [device.popErrorScope(), device.popErrorScope()];
        watchdog.start();
        try {
          const [wrong, short] = await Promise.all([invalid, memory]);
          if (lost !== null) throw lostError(lost);
          if (short !== null) {
            releaseBuffers(backend);
            throw memoryError(short.message);
          }
          if (wrong !== null) throw gpuError(wrong.message);
          await progress.allDone();
        } catch (error) {
          throw lost === null ? error : lostError(lost);
        } finally {
          watchdog.stop();
        }
        if (lost !== null) throw lostError(lost);
        if (failed !== null) throw failed;
      };
    },
    handedIn: () => void progress.allDone().catch(() => undefined),
    place: ({ dataId }) => {
      // A small value stays where tfjs computes with small values.
      if (lost === null && (backend.tensorMap.get(dataId).values?.length ?? 0) >= LARGE_VALUES)
        backend.uploadToGPU(dataId);
    },
    release: () => {
      if (lost === null) releaseBuffers(backend);
    },
  };
  return { guard, lost: () => lost };
}

/** From so many numbers on, a value is worth bringing to the GPU at once. */
const LARGE_VALUES = 1000;

/** tfjs keeps every buffer it has ever made, by size: right within a run, too much after it. */
function releaseBuffers(backend: WebGPUBackend): void {
  flush(backend);
  const manager = backend.bufferManager as unknown as {
    freeBuffers: Map<string, GPUBuffer[]>;
    numFreeBuffers: number;
    numBytesAllocated: number;
  };
  for (const buffers of manager.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      manager.numBytesAllocated -= buffer.size;
      manager.numFreeBuffers -= 1;
      buffer.destroy();
    }
  }
}

/** Hands in what tfjs still collects. */
function flush(backend: WebGPUBackend): void {
  const open = backend as unknown as { commandEncoder: object | null };
  if (open.commandEncoder === null) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

interface Progress {
  /** How often work that was handed in has been finished. */
  finished(): number;
  /** Resolves when everything handed in so far is finished. */
  allDone(): Promise<void>;
}

/** A long call is handed in as thousands of batches; asking after each of them would cost more than it tells. */
const BATCHES_PER_QUESTION = 32;

function countProgress(device: GPUDevice, backend: WebGPUBackend): Progress {
  let finished = 0;
  let batches = 0;
  const allDone = async (): Promise<void> => {
    await device.queue.onSubmittedWorkDone();
    finished += 1;
  };
  const submit = backend.submitQueue.bind(backend);
  backend.submitQueue = () => {
    submit();
    batches += 1;
    if (batches % BATCHES_PER_QUESTION === 0) void allDone().catch(() => undefined);
  };
  return { finished: () => finished, allDone };
}

/** Calls `onStandstill` if nothing has finished at so many checks in a row while somebody waits. */
function watchProgress({ finished }: Progress, everyMs: number, checks: number, onStandstill: () => void) {
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      waiting += 1;
      if (timer !== undefined) return;
      let seen = finished();
      let still = 0;
      timer = setInterval(() => {
        still = finished() === seen ? still + 1 : 0;
        seen = finished();
        if (still === checks) onStandstill();
      }, everyMs).unref();
    },
    stop: () => {
      waiting -= 1;
      if (waiting > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function lostError(sentence: string): AtelierError {
  return new AtelierError('ENGINE_LOST', sentence, {
    remedy: 'A run that was interrupted can be resumed from its last checkpoint.',
  });
}

/** Named so that a step is taken again with smaller micro-batches (memory/fitted-trainer.ts). */
function memoryError(message: string): Error {
  return new Error(`The GPU is out of memory: ${firstLine(message)}`);
}

/** WebGPU's name for it exists only where it has been loaded. */
function isShort(error: GPUError): boolean {
  return error.constructor.name === 'GPUOutOfMemoryError';
}

function gpuError(message: string): Error {
  return new Error(`The GPU refused a computation: ${firstLine(message)}`);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
