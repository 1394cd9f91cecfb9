/**
 * @file tfjs-node's kernels without TensorFlow. They say which ops a function consists of, and that is all a trace needs: the
 * native part, which many machines with a GPU do not have, is never loaded and never called.
 */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { DT_BOOL, DT_FLOAT, DT_INT32 } from '../graph-def.ts';
import type { NativeBackend, NativeBinding } from '../native-api.ts';
import { restoreNodeUtil } from '../node-util.ts';

/** tfjs-node's kernels are registered for this name, and ask for it. */
const NAME = 'tensorflow';

/** An op that the compiler does not know, by its name; the program then runs op by op. */
export class UnknownOp extends Error {}

export function cannotCompile(error: unknown): error is UnknownOp {
  return error instanceof UnknownOp;
}

let made: NativeBackend | null = null;

/** Runs `trace` with kernels that only record. Must not run beside another call. */
export function withRecordingKernels<T>(trace: (native: NativeBackend) => T): T {
  const real = tf.getBackend();
  made ??= register();
  // Both backends exist, so this changes it before it returns.
  void tf.setBackend(NAME);
  try {
    return trace(made);
  } finally {
    void tf.setBackend(real);
  }
}

function register(): NativeBackend {
  restoreNodeUtil();
  const require = createRequire(import.meta.url);
  const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend') as {
    NodeJSKernelBackend: new (binding: NativeBinding, name: string) => NativeBackend;
  };
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
  const native = new NodeJSKernelBackend(BINDING, 'recording');
  // One that has no rule in shape-rules.ts.
  native.refuseToRun = (op) => {
    throw new UnknownOp(op);
  };
  native.gpuOps = true;
  tf.registerBackend(NAME, () => native as unknown as tf.KernelBackend, 0);
  return native;
}

function missing(): never {
  throw new Error('There is no native part here.');
}

const BINDING: NativeBinding = {
  TF_FLOAT: DT_FLOAT,
  TF_INT32: DT_INT32,
  TF_BOOL: DT_BOOL,
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
  TF_Version: '',
  createTensor: missing,
  deleteTensor: () => undefined,
  tensorDataSync: missing,
  executeOp: missing,
  loadSavedModel: missing,
  deleteSavedModel: missing,
  runSavedModel: missing,
  isUsingGpuDevice: () => false,
};
