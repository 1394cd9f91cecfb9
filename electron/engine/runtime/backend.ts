/**
 * @file Finds the numeric backend: native TensorFlow if its addon loads, WebAssembly otherwise.
 * Only this folder knows the native binding.
 */
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineInfo } from '../../contract/model/system.ts';
import type { NativeBackend } from './native-api.ts';
import { withOwnMemory } from './native-binding.ts';
import { restoreNodeUtil } from './node-util.ts';
import { applyThreadUse, threadUse } from './threads.ts';

export interface Runtime {
  info: EngineInfo;
  /** Present if native TensorFlow runs; functions are then compiled into programs. */
  native: NativeBackend | null;
  /** Into how many lanes batches are divided (threads.ts). */
  lanes: number;
  /** Why native TensorFlow is not in use, as a sentence; null if it is. */
  degraded: string | null;
}

let loaded: Promise<Runtime> | undefined;

/** Loads the backend once per process. `ATELIER_BACKEND=wasm` selects WebAssembly. */
export function loadRuntime(): Promise<Runtime> {
  loaded ??= process.env['ATELIER_BACKEND'] === 'wasm' ? loadWasm('ATELIER_BACKEND=wasm is set.') : loadBest();
  return loaded;
}

async function loadBest(): Promise<Runtime> {
  try {
    return await loadNative();
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return await loadWasm(`TensorFlow's native part could not be loaded (${reason.trim()}).`);
  }
}

async function loadNative(): Promise<Runtime> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const lanes = applyThreadUse(threadUse());
  restoreNodeUtil();
  await import('@tensorflow/tfjs-node-gpu');
  await tf.ready();
  if (tf.getBackend() !== 'tensorflow') throw new Error('tfjs-node did not register its backend');
  const native = tf.backend() as unknown as NativeBackend;
  native.binding = withOwnMemory(native.binding);
  const gpu = native.binding.isUsingGpuDevice();
  return {
    info: {
      backend: 'tensorflow',
      version: native.binding.TF_Version,
      device: gpu ? 'GPU (CUDA)' : 'CPU',
      threads: availableParallelism(),
    },
    native,
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
    lanes: 1,
    degraded: `${reason} Atelier runs on WebAssembly. The results are the same, but training takes many times longer.`,
  };
}
