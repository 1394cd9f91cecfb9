/**
 * @file A program: state (variables) and entry points, all plain tfjs functions. On native TensorFlow the entry
 * points are traced into one graph whose session holds the variables, so nothing large travels between calls;
 * without it they run op by op on the same state. Callers cannot tell the difference but by speed.
 */
import type { DataType, Tensor } from '@tensorflow/tfjs-core';

export interface TensorSpec {
  shape: readonly number[];
  dtype: Extract<DataType, 'float32' | 'int32'>;
}

/**
 * A variable may be stored as bfloat16: half the memory, and faster products. Such a variable is set from raw
 * little-endian bytes and does not change afterwards; to entry points it looks like float32.
 */
export interface VariableSpec {
  shape: readonly number[];
  dtype: TensorSpec['dtype'] | 'bfloat16';
  /** `zeros`: what it holds in a new program. Any other variable must be set before it is used. */
  initial?: 'zeros';
}

export type Tensors = Record<string, Tensor>;
export type FeedData = Float32Array | Int32Array;

export interface EntryResult {
  outputs: Tensors;
  /** New values of variables, assigned together after everything else was computed. */
  updates?: Tensors;
  /** Adam steps of further variables, taken at the same moment. */
  adam?: AdamUpdate;
}

/**
 * m ← m + (1 − β₁)(g − m), v ← v + (1 − β₂)(g² − v), θ ← decay·θ − rate · m / (√v + ε), for many variables. Compiled
 * programs take such a step in place, in one op and one pass over the memory for each variable.
 */
export interface AdamUpdate {
  /** Scalars. */
  rate: Tensor;
  beta1: Tensor;
  beta2: Tensor;
  epsilon: Tensor;
  slots: readonly AdamSlot[];
}

export interface AdamSlot {
  /** Names of variables: θ, m and v. */
  parameter: string;
  mean: string;
  square: string;
  gradient: Tensor;
  /** Scalar; absent = 1. */
  decay?: Tensor;
}

export interface Entry {
  inputs: Record<string, TensorSpec>;
  /** Called with tensors of exactly the declared shapes; must not dispose of what it is given. */
  run(inputs: Tensors, variables: Tensors): EntryResult;
}

export interface ProgramSpec {
  variables: Record<string, VariableSpec>;
  entries: Record<string, Entry>;
}

/** Results come as promises, because a GPU can only be read that way. Native TensorFlow computes at once and blocks the thread. */
export interface Program {
  /** Sets variables from host memory (bfloat16 ones from bytes). Unknown names or wrong lengths throw. */
  set(values: Record<string, FeedData | Uint8Array>): void;
  /** Copies variables to host memory; bfloat16 ones cannot be read back. */
  get(names: readonly string[]): Promise<Record<string, Float32Array>>;
  /** Runs an entry point; every declared input must be fed. Outputs are copied to host memory. */
  call(entry: string, feeds: Record<string, FeedData>): Promise<Record<string, FeedData>>;
  dispose(): void;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Throws when a value does not fit the variable that it is for. */
export function checkValue(
  name: string,
  spec: VariableSpec | undefined,
  data: FeedData | Uint8Array | undefined,
): asserts data is FeedData | Uint8Array {
  if (spec?.dtype !== 'bfloat16') {
    if (data instanceof Uint8Array) throw new Error(`${name} is not kept in bfloat16 and cannot be set from bytes.`);
    checkFeed(name, spec as TensorSpec | undefined, data);
    return;
  }
  const bytes = 2 * sizeOf(spec.shape);
  if (!(data instanceof Uint8Array) || data.length !== bytes)
    throw new Error(`${name} is kept in bfloat16: it is set from ${String(bytes)} bytes.`);
}

/** Throws when a feed does not fit its declaration: a wrong length would be read out of bounds natively. */
export function checkFeed(name: string, spec: TensorSpec | undefined, data: FeedData | undefined): void {
  if (spec === undefined) throw new Error(`The program has no input or variable named ${name}.`);
  if (data === undefined) throw new Error(`The input ${name} was not fed.`);
  if (data.length !== sizeOf(spec.shape)) {
    throw new Error(
      `${name} has ${String(data.length)} values, its shape [${spec.shape.join(', ')}] needs ${String(sizeOf(spec.shape))}.`,
    );
  }
  if (spec.dtype === 'float32' ? !(data instanceof Float32Array) : !(data instanceof Int32Array)) {
    throw new Error(`${name} must be fed as ${spec.dtype}.`);
  }
}
