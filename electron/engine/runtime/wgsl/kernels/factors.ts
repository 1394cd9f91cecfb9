/** @file What the kernels of matrix products share: what is multiplied, and how a factor is read. */
import type { FormulaWriter, Storage, Value } from '../values.ts';

export interface ProductCall {
  a: Value;
  transposeA: boolean;
  transposeB: boolean;
  /** One right factor, or two with the same shape. `product` stands for what the product with it gives, in `result`. */
  factors: readonly { b: Value; product: Value }[];
  result: Value;
  to: Storage;
  /** How many threads in a row can hand values to each other. */
  together: number;
}

export interface Sizes {
  /** Axes before the last two. */
  batch: readonly number[];
  batches: number;
  rows: number;
  inner: number;
  columns: number;
}

/** Text of a factor's value at a row and a column of the product's own orientation. */
export function readFactor(
  writer: FormulaWriter,
  value: Value,
  transposed: boolean,
  batch: readonly string[],
  places: [string, string],
): string {
  const own = value.shape.length - 2;
  const before = batch.slice(batch.length - own);
  const [row, column] = transposed ? [places[1], places[0]] : places;
  return writer.read(value, writer.atCoordinates(value.shape, [...before, row, column]));
}
