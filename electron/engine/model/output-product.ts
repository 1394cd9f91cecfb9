/**
 * @file The product that gives logits. TensorFlow's product of bfloat16 matrices also rounds its result to bfloat16, in
 * steps of 0.125 at a magnitude of 25: tokens would tie, and greedy text would depend on their order. So an op of our own
 * (engine/native) multiplies in float32 and widens the table in registers. Where there is none, the graph widens the table a block of
 * rows at a time, through memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { emptyBlocks, overRows, placesOf } from './blocks.ts';
import { updateRows } from './ops.ts';

/** Values of a block of the table: 8 MiB of float32, of which most is still in a cache when it is multiplied. */
const BLOCK_VALUES = 2 ** 21;

interface TracingBackend {
  /** Present while a graph is recorded (runtime/tracer.ts): whether a tensor is a variable kept in bfloat16. */
  keptInBfloat16?: (tensor: Tensor) => boolean;
  /** Whether the graph may have our own ops (runtime/own-ops.ts). */
  ownOps?: boolean;
  executeSingleOutput: (op: string, attributes: [], inputs: Tensor[]) => Tensor;
}

/**
 * hidden · tableᵀ in float32, whichever way the table is kept. Differentiable only if it is kept in float32.
 * @param hidden [n, D]
 * @param table [vocabulary, D]
 * @returns [n, vocabulary]
 */
export function outputProduct(hidden: Tensor, table: Tensor): Tensor {
  const backend = tf.backend() as unknown as TracingBackend;
  if (backend.keptInBfloat16?.(table) !== true)
    return tf.matMul(hidden as tf.Tensor2D, table as tf.Tensor2D, false, true);
  if (backend.ownOps === true) return backend.executeSingleOutput('AtelierOutputProduct', [], [hidden, table]);
  return inBlocks(hidden, table);
}

function inBlocks(hidden: Tensor, table: Tensor): Tensor {
  const [n = 0, width = 0] = hidden.shape;
  const [vocabulary = 0] = table.shape;
  const most = Math.max(1, Math.floor(BLOCK_VALUES / width));
  const [logits] = overRows(vocabulary, most, [emptyBlocks([vocabulary, n])], (first, size, [buffer]) => {
    const places = tf.add(first, placesOf(size));
    // Rows that are gathered reach the graph as float32.
    const block = tf.gather(table, places as tf.Tensor1D);
    return [updateRows(buffer as Tensor, places, tf.matMul(block as tf.Tensor2D, hidden as tf.Tensor2D, false, true))];
  });
  return n === 1 ? tf.reshape(logits as Tensor, [n, vocabulary]) : tf.transpose(logits as Tensor);
}
