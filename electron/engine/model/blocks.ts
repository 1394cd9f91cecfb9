/**
 * @file Work in blocks, one after another, so that intermediate results exist for one block at a time. While a graph is
 * traced, `repeat` becomes a loop of the graph, whose size does not depend on the number of blocks. Op by op it is a loop
 * here. Nothing in this file is differentiable: functions that use it define their own gradients (attention.ts).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { updateRows } from './ops.ts';

/** Values of a block's largest result: 64 MiB of float32. Results with fewer values are computed at once. */
export const BLOCK_VALUES = 2 ** 24;

/** More rows make a product no faster. */
const MOST_ROWS = 1024;

/** Rows are multiplied in tiles: a bfloat16 product of 782 rows takes a fifth longer than one of 784 (oneDNN 3.7, Zen 4). */
export const TILE_ROWS = 16;

/** Whether a result of so many values is computed in blocks. @param most of one block; absent = BLOCK_VALUES */
export function needsBlocks(values: number, most = BLOCK_VALUES): boolean {
  return values > most;
}

/** Rows of a block whose largest result is so wide. */
export function rowsOfBlock(width: number, most = BLOCK_VALUES): number {
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(most / width)));
}

interface NativeOps {
  executeSingleOutput?: (
    op: string,
    attributes: { name: string; type: number; value: number | boolean }[],
    inputs: TensorInfo[],
  ) => Tensor;
  binding?: { TF_ATTR_TYPE: number; TF_ATTR_BOOL: number; TF_FLOAT: number; TF_INT32: number };
  repeat?: typeof repeat;
}

/** TensorFlow's own ops if the backend has them; null on WebAssembly. */
function nativeOps(): Required<Omit<NativeOps, 'repeat'>> | null {
  const { executeSingleOutput, binding } = tf.backend() as unknown as NativeOps;
  if (executeSingleOutput === undefined || binding === undefined) return null;
  return { executeSingleOutput: executeSingleOutput.bind(tf.backend()), binding };
}

/**
 * Runs `body` for index 0 … count − 1, one after another.
 * @param initial what the first run is given; buffers among them may be written in place
 * @param body gets the index (a scalar, int32) and what the run before gave; returns the same shapes
 * @returns what the last run gave
 */
export function repeat(
  count: number,
  initial: readonly Tensor[],
  body: (index: Tensor, carried: Tensor[]) => readonly Tensor[],
): Tensor[] {
  const backend = tf.backend() as unknown as NativeOps;
  if (backend.repeat !== undefined) return backend.repeat(count, initial, body);
  let carried = [...initial];
  for (let index = 0; index < count; index++) {
    const before = carried;
    carried = tf.tidy(() => body(tf.scalar(index, 'int32'), before).map((tensor) => tensor.clone()));
    if (index > 0) tf.dispose(before);
  }
  return carried;
}

/** A buffer of float32 zeros that blocks are written into. */
export function emptyBlocks(shape: readonly number[]): Tensor {
  const native = nativeOps();
  if (native === null) return tf.zeros([...shape]);
  const { binding, executeSingleOutput } = native;
  const attributes = [
    { name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'init', type: binding.TF_ATTR_BOOL, value: true },
  ];
  return executeSingleOutput('Empty', attributes, [tf.tensor1d(shape as number[], 'int32')]);
}

/** Block `index` of x [blocks, …]. @returns x's shape without the first axis */
export function takeBlock(x: Tensor, index: Tensor): Tensor {
  return tf.reshape(takeRows(x, index, 1), x.shape.slice(1));
}

/** `size` rows of x from row `first` (a scalar, int32) on. Native TensorFlow shares x's memory where it is aligned. */
export function takeRows(x: Tensor, first: Tensor, size: number): Tensor {
  const rest = x.shape.slice(1);
  const native = nativeOps();
  if (native === null) return tf.gather(x, tf.add(first, placesOf(size)) as tf.Tensor1D);
  const { binding, executeSingleOutput } = native;
  const place = tf.reshape(first, [1]);
  const zeros = tf.tensor1d(
    rest.map(() => 0),
    'int32',
  );
  const begin = rest.length === 0 ? place : tf.concat([place, zeros]);
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'Index', type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 },
  ];
  return executeSingleOutput('Slice', attributes, [x, begin, tf.tensor1d([size, ...rest], 'int32')]);
}

/** Rows of each block, if `total` rows are divided into as few blocks of at most `most` as possible: about equally many. */
export function evenRows(total: number, most: number): number {
  const even = Math.ceil(total / Math.ceil(total / most));
  const tiled = Math.ceil(even / TILE_ROWS) * TILE_ROWS;
  return tiled <= Math.min(total, most) ? tiled : even;
}

/**
 * Runs `body` over `total` rows, in blocks of at most `most`. If they do not divide, some of the last block are computed twice, so
 * `body` must give a row the same result each time.
 * @param body gets the first row (a scalar, int32), how many there are, and what is carried, as in `repeat`
 */
export function overRows(
  total: number,
  most: number,
  initial: readonly Tensor[],
  body: (first: Tensor, size: number, carried: Tensor[]) => readonly Tensor[],
): Tensor[] {
  const size = evenRows(total, most);
  return repeat(Math.ceil(total / size), initial, (index, carried) => {
    const first = tf.minimum(tf.mul(index, tf.scalar(size, 'int32')), tf.scalar(total - size, 'int32'));
    return body(first, size, carried);
  });
}

/** A tensor [rows, width] of which `compute` gives at most `most` rows at a time (see `overRows`). */
export function mapRows(
  [rows, width]: readonly [number, number],
  most: number,
  compute: (first: Tensor, size: number) => Tensor,
): Tensor {
  const [filled] = overRows(rows, most, [emptyBlocks([rows, width])], (first, size, [buffer]) => [
    updateRows(buffer as Tensor, tf.add(first, placesOf(size)), compute(first, size)),
  ]);
  return filled as Tensor;
}

/** 0, 1, … count − 1 as int32. */
export function placesOf(count: number): Tensor {
  return tf.tensor1d(
    Int32Array.from({ length: count }, (_, place) => place),
    'int32',
  );
}

/** `blocks` [blocks, …] with `value` as block `index`, written in place if the backend can. */
export function putBlock(blocks: Tensor, index: Tensor, value: Tensor): Tensor {
  return updateRows(blocks, tf.reshape(index, [1]), tf.expandDims(value, 0));
}

/** `blocks` [blocks, …] with `value` added to block `index`, in place if the backend can. */
export function addToBlock(blocks: Tensor, index: Tensor, value: Tensor): Tensor {
  const native = nativeOps();
  const place = tf.reshape(index, [1]);
  if (native === null)
    return tf.add(blocks, tf.scatterND(tf.reshape(place, [1, 1]), tf.expandDims(value, 0), blocks.shape));
  const { binding, executeSingleOutput } = native;
  const attributes = [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }];
  return executeSingleOutput('InplaceAdd', attributes, [blocks, place, tf.expandDims(value, 0)]);
}
