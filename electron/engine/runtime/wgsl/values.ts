/**
 * @file What the compiler knows of a result. Many results are never written to memory: their formula is put into the kernels
 * that read them.
 */
import { nf4Bytes } from '../../../formats/nf4.ts';
import type { Index } from './index-text.ts';

/** Truth values are kept as int32, 0 or 1. */
export type Scalar = 'f32' | 'i32';

/** A buffer of a plan. Its place on the device is chosen later (buffers.ts). */
export interface Storage {
  readonly id: number;
  /** Values in it. */
  readonly size: number;
  readonly type: Scalar;
  /** A frozen weight kept as bfloat16, two values in a word, or as NF4, eight values in a word with the scales behind them; null = as it is. */
  readonly packed: 'bfloat16' | 'nf4' | null;
  /** Values in each of several buffers, in whole words, and in NF4 in whole blocks; absent = it lies in one (binding-limits.ts). */
  readonly part?: number | undefined;
  readonly place:
    | { readonly kind: 'variable' | 'feed'; readonly name: string }
    | { readonly kind: 'constant'; readonly data: Float32Array | Int32Array }
    | { readonly kind: 'work' };
}

/** Bytes of a storage, in whole words. */
export function bytesOf({ size, packed }: Pick<Storage, 'size' | 'packed'>): number {
  if (packed === 'nf4') return nf4Bytes(size);
  return Math.max(4, packed === 'bfloat16' ? 4 * Math.ceil(size / 2) : 4 * size);
}

/** How many buffers a storage lies in. */
export function partsOf({ size, part }: Storage): number {
  return part === undefined ? 1 : Math.ceil(size / part);
}

/** Values in one of its buffers. */
export function valuesInPart({ size, part = size }: Storage, at: number): number {
  return Math.min(part, size - at * part);
}

/** Bytes of the largest buffer of a storage. */
export function bindingBytes(storage: Storage): number {
  const { size, packed, part = size } = storage;
  return bytesOf({ size: part, packed });
}

/** Buffers that reading these storages binds. */
export function bindingsFor(storages: Iterable<Storage>): number {
  let count = 0;
  for (const storage of storages) count += partsOf(storage);
  return count;
}

export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly type: Scalar;
  /** Becomes `stored` once the value has been written. */
  form: Form;
}

export type Form =
  | { kind: 'stored'; storage: Storage }
  /** The same number everywhere. */
  | { kind: 'filled'; value: number }
  /** start, start + step, … in row-major order. */
  | { kind: 'ramp'; start: number; step: number }
  /** A formula of other values. */
  | Computed
  /** A kernel that will be made with what is done to its result, if it is read only once. */
  | Pending;

/** What formulas are written with (writer.ts). */
export interface FormulaWriter {
  /** The value at a place of its shape. */
  read(value: Value, index: Index): string;
  at(shape: readonly number[], linear: string): Index;
  atCoordinates(shape: readonly number[], coordinates: readonly string[]): Index;
  /** A name for a formula. Names and plain numbers stand for themselves. */
  named(type: 'u32' | 'bool' | Scalar, text: string): string;
  /** A name for a number, which hides from the shader's compiler that it is one. */
  variable(type: Scalar, text: string): string;
  /** A name that nothing else has. */
  fresh(prefix: string): string;
  add(...lines: readonly string[]): void;
  /** The lines that `write` adds, which may use all names so far; its own are unknown afterwards. */
  inner(write: () => void): string[];
}

export interface Computed {
  kind: 'computed';
  inputs: readonly Value[];
  /** Text that gives the value at a place. */
  at: (writer: FormulaWriter, index: Index) => string;
  /** Arithmetic operations, those of inputs left out. */
  cost: number;
}

export interface Pending {
  kind: 'pending';
  /** Storages that the kernel reads. */
  reads: readonly Storage[];
  /**
   * Emits the kernel, which writes `result`: a formula of this value, element by element.
   * @param twin another pending product in the formula, which the kernel computes too
   */
  emit: (result: Value, to: Storage, twin: Value | null) => void;
  product?: PendingProduct;
  /** Of a sum over rows: their length. The kernel can then write a formula of all elements of its rows. */
  rowLength?: number;
}

export interface PendingProduct {
  a: Value;
  b: Value;
  transposeA: boolean;
  transposeB: boolean;
  /** The same as a formula, if the inner axis is so short that another kernel can compute it for each element. */
  formula: Computed | null;
}

/** Storages that are read where the value is read. @param without a value whose own do not count */
export function readsOf(value: Value, found = new Set<Storage>(), without: Value | null = null): Set<Storage> {
  if (value === without) return found;
  const { form } = value;
  if (form.kind === 'stored') found.add(form.storage);
  if (form.kind === 'pending') for (const storage of form.reads) found.add(storage);
  if (form.kind === 'computed') for (const input of form.inputs) readsOf(input, found, without);
  return found;
}

/** Arithmetic operations that reading the value takes. */
export function costOf({ form }: Value): number {
  return form.kind === 'computed' ? form.inputs.reduce((sum, input) => sum + costOf(input), form.cost) : 0;
}

/** The pending kernels that a value's formula contains. */
export function pendingIn(value: Value, found = new Set<Value>()): Set<Value> {
  if (value.form.kind === 'pending') found.add(value);
  if (value.form.kind === 'computed') for (const input of value.form.inputs) pendingIn(input, found);
  return found;
}
