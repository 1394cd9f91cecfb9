/**
 * @file Finds the numeric backend: native TensorFlow if its addon loads, otherwise a GPU through WebGPU, otherwise
 * WebAssembly. Only this folder knows the native binding and the GPU.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineInfo } from '../../contract/model/system.ts';
import { GPU_USE_VARIABLE } from '../../contract/engine/gpu-use.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { checkEnvironment, environmentWord } from './environment.ts';
import type { NativeBackend } from './native-api.ts';
import { withOwnMemory } from './native-binding.ts';
import { restoreNodeUtil } from './node-util.ts';
import { registerOwnOps } from './own-ops.ts';
import { applyThreadUse, threadsOfOp, threadUse } from './threads.ts';
import { gpuDevice, openGpu, WEBGPU_VERSION, type Gpu } from './webgpu/gpu.ts';
import { machineGpu, webGpuPackage, type Probed } from './webgpu/probe.ts';

export interface Runtime {
  info: EngineInfo;
  /** Present if native TensorFlow runs; functions are then compiled into programs. */
  native: NativeBackend | null;
  /** Present if functions run on a GPU through WebGPU. */
  gpu: Gpu | null;
  /** Into how many lanes batches are divided (threads.ts). */
  lanes: number;
  /** Why native TensorFlow is not in use, as a sentence; null if it is. */
  degraded: string | null;
}

/** What computes, and why it must not: a setting asks for more than there is. */
interface Loaded {
  runtime: Runtime;
  refusal: AtelierError | null;
}

let loaded: Promise<Loaded> | undefined;

const ON_CUDA: ReturnType<typeof registerOwnOps> = { instructions: null, reason: 'TensorFlow computes on a GPU.' };

const BACKEND_VARIABLE = 'ATELIER_BACKEND';

/** Where mapped weights lie: /tmp is often memory. */
const ON_DISK = '/var/tmp';

/**
 * Loads the backend once per process.
 * @throws AtelierError ENGINE_UNAVAILABLE if WebGPU is asked for and cannot be had, or a setting has a word that it does not take
 */
export async function loadRuntime(): Promise<Runtime> {
  const { runtime, refusal } = await examineRuntime();
  if (refusal !== null) throw refusal;
  return runtime;
}

/** As `loadRuntime`, for telling what there is where jobs are refused. @throws AtelierError if there is nothing to tell */
export function examineRuntime(): Promise<Loaded> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Loaded> {
  checkEnvironment();
  const runtime = await loadWanted();
  return { runtime, refusal: environmentWord('ATELIER_WEIGHTS') === 'disk' ? mapWeights(runtime) : null };
}

async function loadWanted(): Promise<Runtime> {
  const wanted = environmentWord(BACKEND_VARIABLE);
  if (wanted === 'wasm') return await loadWasm('ATELIER_BACKEND=wasm is set.');
  if (wanted === 'processor') return await loadBest({ gpu: false });
  if (wanted === 'webgpu') return await loadForcedGpu('hand');
  switch (environmentWord(GPU_USE_VARIABLE)) {
    case 'always':
      return await loadForcedGpu('settings');
    case 'measured':
      return (await loadMeasuredGpu()) ?? (await loadBest());
    case 'never':
      return await loadBest({ gpu: false });
    default:
      return await loadBest();
  }
}

/** A trial found it right and faster. If it is gone since, nobody asked for it by name. */
async function loadMeasuredGpu(): Promise<Runtime | null> {
  const probed = await machineGpu();
  if (probed.refusal !== null) return null;
  try {
    return await loadGpu(probed, null);
  } catch {
    return null;
  }
}

/** @returns why weights cannot be mapped from the disk; null if they are */
function mapWeights({ native }: Runtime): AtelierError | null {
  if (native?.sessions === undefined || !existsSync(ON_DISK))
    return new AtelierError(
      'ENGINE_UNAVAILABLE',
      "ATELIER_WEIGHTS=disk is set, but only Atelier's own operations for TensorFlow can map weights, and there are none here.",
      {
        place: { field: 'ATELIER_WEIGHTS' },
        remedy: 'Leave ATELIER_WEIGHTS out. `atelier doctor` says why there are none.',
      },
    );
  native.weightsFolder = ON_DISK;
  return null;
}

/** @param options `gpu`: whether a GPU may stand in for TensorFlow */
async function loadBest({ gpu = true }: { gpu?: boolean } = {}): Promise<Runtime> {
  try {
    return await loadNative();
  } catch (error) {
    const reason = `TensorFlow's native part could not be loaded (${lineOf(error)}).`;
    return (gpu ? await loadGpuInstead(reason) : null) ?? (await loadWasm(reason));
  }
}

function lineOf(error: unknown): string {
  return (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)).trim();
}

async function loadForcedGpu(askedBy: 'hand' | 'settings'): Promise<Runtime> {
  const probed = await machineGpu();
  const refuse = (sentence: string, remedy: string, cause?: unknown): AtelierError =>
    askedBy === 'hand'
      ? new AtelierError(
          'ENGINE_UNAVAILABLE',
          `${BACKEND_VARIABLE}=webgpu is set, but it cannot be used: ${sentence}`,
          {
            remedy: `${remedy} Without ${BACKEND_VARIABLE}, Atelier computes on the processor.`,
            cause,
          },
        )
      : new AtelierError('ENGINE_UNAVAILABLE', `The GPU is set to "always" but cannot be used: ${sentence}`, {
          remedy: `${remedy} Until then, every job is refused. To compute on the processor, set the GPU to "automatic" or "never".`,
          cause,
        });
  if (probed.refusal !== null) throw refuse(probed.refusal.sentence, probed.refusal.remedy);
  try {
    return await loadGpu(probed, null);
  } catch (error) {
    throw refuse(`The GPU could not be opened (${lineOf(error)}).`, 'Update the graphics driver.', error);
  }
}

/** A real GPU is many times faster than WebAssembly, a software renderer is not. */
async function loadGpuInstead(reason: string): Promise<Runtime | null> {
  const probed = await machineGpu();
  if (probed.refusal !== null || probed.adapter?.software !== false) return null;
  try {
    return await loadGpu(probed, `${reason} Atelier computes on the GPU through WebGPU instead.`);
  } catch {
    return null;
  }
}

async function loadGpu({ name, names, adapter }: Probed, degraded: string | null): Promise<Runtime> {
  const address = webGpuPackage();
  if (adapter === null || address === null) throw new Error('there is no adapter');
  const gpu = await openGpu(address, { name, names, adapter });
  return {
    info: { backend: 'webgpu', version: WEBGPU_VERSION, device: gpuDevice(gpu), threads: 1 },
    native: null,
    gpu,
    lanes: 1,
    degraded,
  };
}

async function loadNative(): Promise<Runtime> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  // On CUDA, TensorFlow would take all of a card's memory at once.
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  const lanes = applyThreadUse(threadUse());
  restoreNodeUtil();
  await import('@tensorflow/tfjs-node-gpu');
  await tf.ready();
  if (tf.getBackend() !== 'tensorflow') throw new Error('tfjs-node did not register its backend');
  const native = tf.backend() as unknown as NativeBackend;
  native.binding = withOwnMemory(native.binding);
  const gpu = native.binding.isUsingGpuDevice();
  // They compute on the processor, and on a GPU the table would travel at every call.
  const { sessions, scoring = false, ...ownOps } = gpu ? ON_CUDA : registerOwnOps(threadsOfOp());
  native.ownOps = ownOps.instructions !== null;
  native.scoring = scoring;
  if (sessions !== undefined) native.sessions = sessions;
  return {
    info: {
      backend: 'tensorflow',
      version: native.binding.TF_Version,
      device: gpu ? 'GPU (CUDA)' : 'CPU',
      threads: availableParallelism(),
      ownOps,
    },
    native,
    gpu: null,
    // A GPU parallelises each product by itself.
    lanes: gpu ? 1 : lanes,
    degraded: null,
  };
}

async function loadWasm(reason: string): Promise<Runtime> {
  await import('@tensorflow/tfjs');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(dirname(entry), '/'));
  await tf.setBackend('wasm');
  await tf.ready();
  return {
    info: { backend: 'wasm', version: wasm.version_wasm, device: 'CPU (WebAssembly)', threads: wasm.getThreadsCount() },
    native: null,
    gpu: null,
    lanes: 1,
    degraded: `${reason} Atelier runs on WebAssembly. The results are the same, but training takes many times longer.`,
  };
}
