/**
 * @file Phantom tensors: a shape and a type without memory. While a function is traced, only shapes matter, so every
 * result is freed at once and becomes zeros for as long as an op needs it. A trace then needs the memory of one op
 * instead of a whole step with everything its backward pass would keep.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { DataId, DataType, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { NativeBackend, StoredTensor } from './native-api.ts';

/** tfjs-node's mark for "no native tensor yet"; it deletes only ids that are not negative. */
const NO_TENSOR = -1;

/** A tensor that was never in memory. */
export function phantomTensor(native: NativeBackend, shape: readonly number[], dtype: DataType): Tensor {
  const { binding } = native;
  const number = dtype === 'float32' ? binding.TF_FLOAT : dtype === 'bool' ? binding.TF_BOOL : binding.TF_INT32;
  const dataId = {};
  native.tensorMap.set(dataId, { shape: [...shape], dtype: number, id: NO_TENSOR, values: null, refCount: 1 });
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape: [...shape], dtype });
}

/** Frees the memory of a result. Its shape and type stay. */
export function makePhantom(native: NativeBackend, dataId: DataId): void {
  const stored = native.tensorMap.get(dataId);
  if (stored.id === null || stored.id < 0) return;
  native.binding.deleteTensor(stored.id);
  stored.id = NO_TENSOR;
  stored.values = null;
}

export function isPhantom(native: NativeBackend, dataId: DataId): boolean {
  const stored = native.tensorMap.get(dataId);
  return stored.id === NO_TENSOR && stored.values === null;
}

/** Runs `call` while the phantoms among its inputs are zeros in memory. */
export function withZeros<T>(native: NativeBackend, inputs: readonly TensorInfo[], call: () => T): T {
  const filled: StoredTensor[] = [];
  for (const input of inputs) {
    // tfjs-node's int64 inputs are not tensors.
    if ((input as Partial<TensorInfo>).dataId === undefined || !isPhantom(native, input.dataId)) continue;
    const stored = native.tensorMap.get(input.dataId);
    stored.id = zeros(native, stored);
    filled.push(stored);
  }
  try {
    return call();
  } finally {
    for (const stored of filled) {
      if (stored.id !== null) native.binding.deleteTensor(stored.id);
      stored.id = NO_TENSOR;
    }
  }
}

/** Zeros in host memory, for the few kernels that read their inputs (index checks). */
export function zeroValues(stored: StoredTensor, native: NativeBackend): ArrayBufferView {
  const size = stored.shape.reduce((product, dimension) => product * dimension, 1);
  return stored.dtype === native.binding.TF_FLOAT ? new Float32Array(size) : new Int32Array(size);
}

function zeros(native: NativeBackend, { shape, dtype }: StoredTensor): number {
  const { binding } = native;
  const dimensions = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
  const zero = binding.createTensor([], dtype, zeroOf(native, dtype));
  try {
    const attributes = [
      { name: 'T', type: binding.TF_ATTR_TYPE, value: dtype },
      { name: 'index_type', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
    ];
    const [made] = binding.executeOp('Fill', attributes, [dimensions, zero], 1);
    if (made === undefined) throw new Error('Fill gave no tensor.');
    return made.id;
  } finally {
    binding.deleteTensor(dimensions);
    binding.deleteTensor(zero);
  }
}

function zeroOf(native: NativeBackend, dtype: number): ArrayBufferView {
  if (dtype === native.binding.TF_FLOAT) return new Float32Array(1);
  return dtype === native.binding.TF_BOOL ? new Uint8Array(1) : new Int32Array(1);
}
