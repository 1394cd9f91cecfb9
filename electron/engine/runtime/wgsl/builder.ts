/**
 * @file Decides which results are written to memory. A formula is put into the kernel that reads it, unless several kernels read it,
 * or the kernel would read too many buffers or compute too much; a product, a sum or a row kernel takes what is done to its
 * result along.
 */
import type { BindingLimits } from './binding-limits.ts';
import type { Index } from './index-text.ts';
import { mapKernel } from './kernels/map.ts';
import type { Kernel, Step } from './plan.ts';
import { sizeOf } from '../program.ts';
import {
  bindingsFor,
  costOf,
  pendingIn,
  readsOf,
  type Computed,
  type Pending,
  type PendingProduct,
  type Scalar,
  type Storage,
  type Value,
  type FormulaWriter,
} from './values.ts';

/** Of the buffers that a kernel may bind, it writes one, and one is kept free for a kernel that writes two. */
const WRITTEN = 2;
/** More arithmetic for an element is no longer hidden behind its memory. */
const MOST_COST = 48;
/** A formula that several kernels read is computed again in each if it costs no more. */
const CHEAP = 1;
/** Of a factor of a product, each value is read many times. */
export const FACTOR_COST = 2;
/** Of what a row kernel goes through three times. */
export const ROW_COST = 4;

export interface Formula {
  shape: readonly number[];
  type: Scalar;
  inputs: readonly Value[];
  at: (writer: FormulaWriter, index: Index) => string;
  cost: number;
  /** Each element is made of the elements of the inputs at the same place. */
  aligned?: boolean;
}

/** A kernel that is made later. */
export interface Deferred extends Pick<Pending, 'product' | 'rowLength'> {
  shape: readonly number[];
  type: Scalar;
  inputs: readonly Value[];
  kernel: (own: Value, result: Value, to: Storage, twin: Value | null) => Kernel;
}

export class Builder {
  steps: Step[] = [];
  /** How many threads in a row can hand values to each other, for kernels that do. */
  readonly together: number;
  private readonly limits: BindingLimits;
  private ids = 0;

  constructor(together: number, limits: BindingLimits) {
    this.together = together;
    this.limits = limits;
  }

  storage(size: number, type: Scalar, place: Storage['place'] = { kind: 'work' }): Storage {
    return { id: this.ids++, size, type, packed: null, place };
  }

  stored(storage: Storage, shape: readonly number[]): Value {
    return { id: this.ids++, shape, type: storage.type, form: { kind: 'stored', storage } };
  }

  filled(shape: readonly number[], type: Scalar, value: number): Value {
    return { id: this.ids++, shape, type, form: { kind: 'filled', value } };
  }

  ramp(shape: readonly number[], start: number, step: number): Value {
    return { id: this.ids++, shape, type: 'i32', form: { kind: 'ramp', start, step } };
  }

  /** A value that is not written for now. */
  formula({ shape, type, inputs, at, cost, aligned = false }: Formula): Value {
    this.keepPending(inputs, aligned ? shape : null);
    this.keepSmall(inputs, cost);
    const form: Computed = { kind: 'computed', inputs, at, cost };
    return { id: this.ids++, shape, type, form };
  }

  /** A kernel that will be made when its result is needed, with what is done to the result until then. */
  pending({ shape, type, inputs, kernel, ...more }: Deferred): Value {
    const reads = new Set<Storage>();
    for (const input of inputs) readsOf(input, reads);
    const own: Value = { id: this.ids++, shape, type, form: { kind: 'filled', value: 0 } };
    own.form = {
      kind: 'pending',
      reads: [...reads],
      emit: (result, to, twin) => this.add(kernel(own, result, to, twin)),
      ...more,
    };
    return own;
  }

  add(kernel: Kernel): void {
    this.steps.push({ kind: 'kernel', kernel });
  }

  /** Where the value is in memory, row by row; writes it if it is not. */
  written(value: Value): Storage {
    if (value.form.kind === 'stored') return value.form.storage;
    const to = this.storage(sizeOf(value.shape), value.type);
    this.write(value, to);
    value.form = { kind: 'stored', storage: to };
    return to;
  }

  /** Writes the value into a given storage, which nothing in its formula reads. */
  write(value: Value, to: Storage): void {
    const [pending, twin = null] = pendingIn(value);
    if (pending?.form.kind === 'pending') pending.form.emit(value, to, twin);
    else this.add(mapKernel(value, to));
  }

  /** A value as a kernel can read it in its loops. @param reads buffers that it may read */
  readable(value: Value, most: { cost: number; reads: number }): Value {
    // Of a formula of rows and their sum, the sum may be enough.
    for (const pending of pendingIn(value)) {
      const isSum = sizeOf(pending.shape) < sizeOf(value.shape);
      const others = bindingsFor(readsOf(value, new Set(), pending));
      if (isSum && costOf(value) <= most.cost && others < most.reads) this.written(pending);
    }
    const settled =
      pendingIn(value).size === 0 && costOf(value) <= most.cost && bindingsFor(readsOf(value)) <= most.reads;
    if (!settled) this.written(value);
    return value;
  }

  /** Writes the value elsewhere if its formula reads this storage. */
  unlike(value: Value, storage: Storage): void {
    if (!readsOf(value).has(storage)) return;
    const copy = this.storage(sizeOf(value.shape), value.type);
    this.write(value, copy);
    value.form = { kind: 'stored', storage: copy };
  }

  /** For a result with several readers. @param most what it may cost to be computed by each of them */
  settle(value: Value, most = CHEAP): void {
    if (pendingIn(value).size > 0 || costOf(value) > most) this.written(value);
  }

  /**
   * What is pending goes on if the formula goes with it element by element, or with its rows. There is one such kernel, or a product and its twin; short
   * products are computed where they are read.
   */
  private keepPending(inputs: readonly Value[], shape: readonly number[] | null): void {
    const all = new Set(inputs.flatMap((input) => [...pendingIn(input)]));
    if (all.size === 0) return;
    const goes = (pending: Value): boolean =>
      shape !== null &&
      inputs.every(
        (input) => !pendingIn(input).has(pending) || sizeOf(input.shape) === sizeOf(shape) || isOverRows(input, shape),
      );
    const going = [...all].filter(goes);
    const kept = going.find((each) => !isShort(each)) ?? going[0];
    let twin: Value | undefined;
    for (const pending of all) {
      if (pending === kept) continue;
      const formula = kept !== undefined && goes(pending) ? productOf(pending)?.formula : undefined;
      if (formula) pending.form = formula;
      else if (kept !== undefined && twin === undefined && goes(pending) && areTwins(kept, pending)) twin = pending;
      else for (const input of inputs) if (pendingIn(input).has(pending)) this.written(input);
    }
  }

  private keepSmall(inputs: readonly Value[], cost: number): void {
    for (;;) {
      const reads = new Set<Storage>();
      for (const input of inputs) readsOf(input, reads);
      const total = inputs.reduce((sum, input) => sum + costOf(input), cost);
      // A kernel that is pending writes one.
      const isPending = inputs.some((input) => pendingIn(input).size > 0);
      const mostReads = this.limits.buffers - (isPending ? 1 : WRITTEN);
      const bound = bindingsFor(reads);
      if (bound <= mostReads && total <= MOST_COST) return;
      const weight = (input: Value): number => (bound > mostReads ? bindingsFor(readsOf(input)) : costOf(input));
      const open = inputs.filter(({ form }) => form.kind !== 'stored');
      const [heaviest] = open.sort((a, b) => weight(b) - weight(a));
      // What is bound then is refused by name (binding-limits.ts).
      if (heaviest === undefined) return;
      this.written(heaviest);
    }
  }
}

/** Whether this value, made of one number for each row, can be computed along with all elements of rows of a tensor of `shape`. */
function isOverRows(value: Value, shape: readonly number[]): boolean {
  const length = shape.at(-1) ?? 1;
  const rows = [...shape.slice(0, -1), 1];
  return (
    length > 1 &&
    value.shape.join() === rows.join() &&
    [...pendingIn(value)].every(({ form }) => form.kind === 'pending' && form.rowLength === length)
  );
}

function productOf({ form }: Value): PendingProduct | undefined {
  return form.kind === 'pending' ? form.product : undefined;
}

/** Whether it can be computed where it is read. */
function isShort(value: Value): boolean {
  return (productOf(value)?.formula ?? null) !== null;
}

/** Products of one matrix with two of the same shape. */
function areTwins(one: Value, other: Value): boolean {
  const [a, b] = [productOf(one), productOf(other)];
  return (
    a !== undefined &&
    b !== undefined &&
    a.a === b.a &&
    a.transposeA === b.transposeA &&
    a.transposeB === b.transposeB &&
    one.shape.join() === other.shape.join() &&
    a.b.shape.join() === b.b.shape.join()
  );
}
