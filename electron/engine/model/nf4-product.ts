/**
 * @file The product with a frozen matrix that is kept in NF4: an op of our own (engine/native) unpacks it as it multiplies, and
 * another gives the gradient of the other factor.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

interface TracingBackend {
  /** Present while a graph is recorded (runtime/tracer.ts). */
  keptInNf4?: (tensor: Tensor) => boolean;
  executeSingleOutput: (op: string, attributes: [], inputs: Tensor[]) => Tensor;
}

/** Whether a tensor stands for a matrix in NF4. */
export function isInNf4(weight: Tensor): boolean {
  return (tf.backend() as unknown as TracingBackend).keptInNf4?.(weight) ?? false;
}

/**
 * x Wᵀ in float32, differentiable with respect to x.
 * @param x [rows, in]
 * @param weight [out, in], kept in NF4
 * @returns [rows, out]
 */
export function nf4Product(x: Tensor, weight: Tensor): Tensor {
  const { executeSingleOutput } = tf.backend() as unknown as TracingBackend;
  const run = executeSingleOutput.bind(tf.backend());
  const op = tf.customGrad((...args) => {
    const [rows] = args as unknown as [Tensor];
    return {
      value: run('AtelierNf4Product', [], [rows, weight]),
      gradFunc: (dy: Tensor) => run('AtelierNf4Gradient', [], [dy, weight]),
    };
  });
  return op(x);
}
