/**
 * @file A program: state (variables) and entry points, all plain tfjs functions. On native TensorFlow the entry
 * points are traced into one graph whose session holds the variables, so nothing large travels between calls. Elsewhere
 * they run op by op on the same state. Apart from speed, callers see no difference.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { nf4Bytes } from '../../formats/nf4.ts';
import { unalignedBytes } from '../../formats/unaligned.ts';

export type DType = 'float32' | 'int32';

export interface TensorSpec<T extends DType = DType> {
  shape: readonly number[];
  dtype: T;
}

export function float32(shape: readonly number[]): TensorSpec<'float32'> {
  return { shape, dtype: 'float32' };
}

export function int32(shape: readonly number[]): TensorSpec<'int32'> {
  return { shape, dtype: 'int32' };
}

/** What a variable is for. The memory plan and checkpoints go by it. */
export type VariableRole =
  /** A weight of the model. */
  | 'weight'
  /** A copy of a weight as it was before training, for the reference model or for attribution. */
  | 'copy'
  /** A LoRA factor. */
  | 'adapter'
  /** A running mean of the optimiser. */
  | 'optimiser'
  /** A sum of gradients. */
  | 'gradient'
  /** Keys, values and other state that one call leaves for the next. */
  | 'cache';

/**
 * A variable may be stored as bfloat16: half the memory, and faster products. Such a variable is set from raw
 * little-endian bytes and never changes afterwards. Entry points see it as float32. A matrix whose rows are whole blocks may
 * be stored in NF4, where our own ops are: an eighth of the memory. It is set from `packNf4`, and only products read it.
 */
export interface VariableSpec {
  role: VariableRole;
  shape: readonly number[];
  dtype: DType | 'bfloat16' | 'nf4';
  /** `zeros`: its value in a new program. Any other variable must be set before it is used. */
  initial?: 'zeros';
}

/** Float32 variables of one role. */
export function variables(
  role: VariableRole,
  shapes: Record<string, readonly number[]>,
  initial?: 'zeros',
): Record<string, VariableSpec> {
  const entries = Object.entries(shapes).map(([name, shape]): [string, VariableSpec] => [
    name,
    { role, shape, dtype: 'float32', ...(initial === undefined ? {} : { initial }) },
  ]);
  return Object.fromEntries(entries);
}

export type Tensors = Record<string, Tensor>;
export type FeedData = Float32Array | Int32Array;

/** Inputs of an entry point by name. */
export type Specs = Readonly<Record<string, TensorSpec | undefined>>;
/** The arrays that inputs are fed with. Optional inputs belong to some variants of an entry point only. */
export type FeedsOf<S> = {
  [K in keyof S]: NonNullable<S[K]> extends TensorSpec<infer T>
    ? T extends 'int32'
      ? Int32Array
      : Float32Array
    : never;
};
/** The tensors that inputs become. */
export type TensorsOf<S> = { [K in keyof S]: Tensor };

export interface EntryResult<O extends string = string> {
  /** Outputs that only some variants of an entry point have are declared all the same, and absent in the others. */
  outputs: Partial<Record<O, Tensor>>;
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

/**
 * An entry point. The object itself is the handle by which a program is called, so a call is checked against its inputs
 * and outputs when it is compiled.
 */
export interface Entry<I extends Specs = Specs, O extends string = string> {
  readonly inputs: I;
  /** Called with tensors of exactly the declared shapes. Must not dispose of what it is given. */
  run(inputs: TensorsOf<I>, variables: Tensors): EntryResult<O>;
}

/** An entry point whose types follow from what it is given. @param _outputs names of its outputs */
export function entryOf<I extends Specs, O extends string>(
  _outputs: readonly O[],
  inputs: I,
  run: Entry<I, O>['run'],
): Entry<I, O> {
  return { inputs, run };
}

/** Entry points by kind (`decode`, `update` …); a kind may have several variants, such as batch sizes. */
export type EntryTable = Readonly<Record<string, Entry | readonly Entry[] | undefined>>;

export interface ProgramSpec {
  variables: Record<string, VariableSpec>;
  entries: EntryTable;
  /** How many further entry points of each kind may be added (`extend`), for whoever estimates memory. */
  later?: Readonly<Record<string, number>>;
}

/** Every entry point with its kind and with a name that is unique in the program. */
export function namedEntries(table: EntryTable): { kind: string; name: string; entry: Entry }[] {
  return Object.entries(table).flatMap(([kind, given]) => {
    if (given === undefined) return [];
    if ('run' in given) return [{ kind, name: kind, entry: given }];
    return given.map((entry, variant) => ({ kind, name: `${kind}/${String(variant)}`, entry }));
  });
}

/** A larger weight is given as `ReadableBytes`. Only the embeddings of a large model are. */
export const MOST_WHOLE_BYTES = 64 * 1024 * 1024;

/** Bytes of a value that is too large to be in JavaScript's memory as well. */
export interface ReadableBytes {
  readonly byteLength: number;
  /** Fills `target` with the bytes from `offset` on. */
  readInto(offset: number, target: Uint8Array): Promise<void>;
}

export function isReadable(value: FeedData | Uint8Array | ReadableBytes): value is ReadableBytes {
  return 'readInto' in value;
}

/** The value in JavaScript's memory, for programs that cannot take it in pieces. */
export async function wholeValue(value: FeedData | Uint8Array | ReadableBytes): Promise<FeedData | Uint8Array> {
  if (!isReadable(value)) return value;
  const bytes = unalignedBytes(value.byteLength);
  await value.readInto(0, bytes);
  return bytes;
}

/** Results come as promises, because a GPU can only be read that way. Native TensorFlow computes at once and blocks the thread. */
export interface Program {
  /** Sets variables from host memory (bfloat16 ones from bytes). Unknown names or wrong lengths throw. */
  set(values: Record<string, FeedData | Uint8Array>): void;
  /**
   * Sets many variables, whose values are read one after another. `read` may reuse the memory of the last but one. An
   * eager or compiled program prepares itself once for all of them, which for a large graph takes longer than the copies.
   * @param meanwhile runs while the first value is read
   */
  fill(
    names: readonly string[],
    read: (name: string) => Promise<FeedData | Uint8Array | ReadableBytes>,
    meanwhile?: () => void,
  ): Promise<void>;
  /**
   * Does for these entry points what would delay their first call: TensorFlow optimises a graph when it is first called. Changes nothing.
   * @param soon before this returns, if it cannot be done beside whatever follows
   * @param later only if it can
   */
  prepare(soon: readonly Entry[], later?: readonly Entry[]): void;
  /** Adds entry points to the program; absent where all must be there from the beginning. Their names must be new. */
  extend?(entries: EntryTable): void;
  /**
   * Compiles these entry points all at once, if that takes long and can be watched: the shaders of a GPU. A failure is told to whoever calls
   * the entry.
   * @param tell gets how many parts are compiled, and of how many
   */
  compile?(entries: readonly Entry[], tell: (done: number, total: number) => void): Promise<void>;
  /** Copies variables to host memory. bfloat16 ones cannot be read back. */
  get(names: readonly string[]): Promise<Record<string, Float32Array>>;
  /** Runs one of the program's entry points. Every declared input must be fed. Outputs are copied to host memory. */
  call<I extends Specs, O extends string>(entry: Entry<I, O>, feeds: FeedsOf<I>): Promise<Outputs<O>>;
  /**
   * Calls one entry point several times in a row: what a call gives as the output `carried.from` is fed to the next as its input `carried.to`.
   * Present where waiting for each call would take long: a GPU goes on by itself, and all outputs are read together.
   */
  callInRow?<I extends Specs, O extends string>(
    entry: Entry<I, O>,
    feeds: readonly FeedsOf<I>[],
    carried: Carried<I, O>,
  ): Promise<Outputs<O>[]>;
  dispose(): void;
}

/** An output, and the input of the same shape and type that it becomes. What the later calls are given for that input is ignored. */
export interface Carried<I extends Specs = Specs, O extends string = string> {
  from: O;
  to: keyof I & string;
}

export type Outputs<O extends string> = Partial<Record<O, FeedData>>;

/** An output that must be there. @throws Error if the entry point has no such output */
export function floats<O extends string>(outputs: Outputs<O>, name: O): Float32Array {
  const data = outputs[name];
  if (!(data instanceof Float32Array)) throw new Error(`The entry point gave no numbers named ${name}.`);
  return data;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Bytes that a variable takes. */
export function bytesOfVariable({ shape, dtype }: Pick<VariableSpec, 'shape' | 'dtype'>): number {
  const values = sizeOf(shape);
  if (dtype === 'nf4') return nf4Bytes(values);
  return values * (dtype === 'bfloat16' ? 2 : 4);
}

/** Throws if a value does not fit the variable that it is for. */
export function checkValue(
  name: string,
  spec: VariableSpec | undefined,
  data: FeedData | Uint8Array | undefined,
): asserts data is FeedData | Uint8Array {
  const bytes = data instanceof Uint8Array ? data.length : undefined;
  if (bytes !== undefined || spec?.dtype === 'bfloat16' || spec?.dtype === 'nf4') checkBytes(name, spec, bytes);
  else checkFeed(name, spec as TensorSpec | undefined, data as FeedData | undefined);
}

/** Throws if a variable is not set from so many bytes. @param given undefined = from something else */
export function checkBytes(
  name: string,
  spec: VariableSpec | undefined,
  given: number | undefined,
): asserts spec is VariableSpec {
  if (spec?.dtype !== 'bfloat16' && spec?.dtype !== 'nf4')
    throw new Error(`${name} is kept in ${spec?.dtype ?? 'no program'} and cannot be set from bytes.`);
  const bytes = bytesOfVariable(spec);
  if (given !== bytes) throw new Error(`${name} is kept in ${spec.dtype}: it is set from ${String(bytes)} bytes.`);
}

/** Throws if a feed does not fit its declaration: native code would read a wrong length out of bounds. */
export function checkFeed(name: string, spec: TensorSpec | undefined, data: FeedData | undefined): void {
  if (spec === undefined) throw new Error(`The program has no input or variable named ${name}.`);
  if (data === undefined) throw new Error(`The input ${name} was not fed.`);
  if (data.length !== sizeOf(spec.shape)) {
    throw new Error(
      `${name} has ${String(data.length)} values, but its shape [${spec.shape.join(', ')}] needs ${String(sizeOf(spec.shape))}.`,
    );
  }
  if (spec.dtype === 'float32' ? !(data instanceof Float32Array) : !(data instanceof Int32Array)) {
    throw new Error(`${name} must be fed as ${spec.dtype}.`);
  }
}
