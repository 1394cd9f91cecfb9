/**
 * @file A program: state (variables) and entry points, all plain tfjs functions. On native TensorFlow the entry
 * points are traced into one graph whose session holds the variables, so nothing large travels between calls;
 * without it they run op by op on the same state. Callers cannot tell the difference but by speed.
 */
import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import type { Runtime } from './backend.ts';
import { compileProgram } from './compiled-program.ts';
import { createEagerProgram } from './eager-program.ts';

export interface TensorSpec {
  shape: readonly number[];
  dtype: Extract<DataType, 'float32' | 'int32'>;
}

export type Tensors = Record<string, Tensor>;
export type FeedData = Float32Array | Int32Array;

export interface EntryResult {
  outputs: Tensors;
  /** New values of variables, assigned together after everything else was computed. */
  updates?: Tensors;
}

export interface Entry {
  inputs: Record<string, TensorSpec>;
  /** Called with tensors of exactly the declared shapes; must not dispose of what it is given. */
  run(inputs: Tensors, variables: Tensors): EntryResult;
}

export interface ProgramSpec {
  variables: Record<string, TensorSpec>;
  entries: Record<string, Entry>;
}

export interface Program {
  /** Sets variables from host memory. Unknown names or wrong lengths throw. */
  set(values: Record<string, FeedData>): void;
  /** Copies variables to host memory. */
  get(names: readonly string[]): Record<string, Float32Array>;
  /** Runs an entry point; every declared input must be fed. Outputs are copied to host memory. */
  call(entry: string, feeds: Record<string, FeedData>): Record<string, FeedData>;
  dispose(): void;
}

/** Builds a program on whatever backend the runtime has. */
export async function createProgram(runtime: Runtime, spec: ProgramSpec): Promise<Program> {
  return runtime.native === null ? createEagerProgram(spec) : await compileProgram(runtime.native, spec);
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
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
