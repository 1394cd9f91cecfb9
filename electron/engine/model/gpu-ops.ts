/**
 * @file Ops that only programs compiled for a GPU have (runtime/wgsl): attention, and drawing tokens. Whoever uses one computes the same in
 * plain ops elsewhere.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

interface TracingBackend {
  /** Whether what is recorded is compiled for a GPU (runtime/native-api.ts). */
  gpuOps?: boolean;
  executeMultipleOutputs: (op: string, attributes: [], inputs: Tensor[], count: number) => Tensor[];
}

export function hasGpuOps(): boolean {
  return backend().gpuOps === true;
}

/** @param description numbers that the op's kernels are made from */
export function gpuOp(op: string, description: readonly number[], inputs: readonly Tensor[], count: 1): [Tensor];
export function gpuOp(
  op: string,
  description: readonly number[],
  inputs: readonly Tensor[],
  count: 2,
): [Tensor, Tensor];
export function gpuOp(op: string, description: readonly number[], inputs: readonly Tensor[], count: number): Tensor[] {
  return backend().executeMultipleOutputs(op, [], [tf.tensor1d([...description]), ...inputs], count);
}

function backend(): TracingBackend {
  return tf.backend() as unknown as TracingBackend;
}
