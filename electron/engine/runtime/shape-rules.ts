/**
 * @file Shapes and types of what an op returns, without running it. A trace then costs no arithmetic and no memory,
 * whatever the size of the model. Ops without a rule here return null; the tracer runs those on zeros instead.
 */
import type { DataType } from '@tensorflow/tfjs-core';

export interface Described {
  shape: readonly number[];
  dtype: DataType;
}

export interface OpInput extends Described {
  /** The values, where they are known: shapes, axes and sizes are. Null for what only exists when the graph runs. */
  values: () => readonly number[] | null;
}

export interface OpCall {
  op: string;
  attributes: Readonly<Record<string, unknown>>;
  inputs: readonly OpInput[];
}

type Rule = (call: OpCall) => Described[] | null;

const sameAsFirst: Rule = ({ inputs }) => [describe(input(inputs, 0))];
const boolLikeFirst: Rule = ({ inputs }) => [{ shape: input(inputs, 0).shape, dtype: 'bool' }];
const broadcast: Rule = ({ inputs }) => [{ shape: broadcastAll(inputs), dtype: input(inputs, 0).dtype }];
const comparison: Rule = ({ inputs }) => [{ shape: broadcastAll(inputs), dtype: 'bool' }];

const RULES: Readonly<Record<string, Rule>> = {
  ...rules(
    sameAsFirst,
    'Abs AddN Cumsum Elu Erf Exp Expm1 Floor InplaceAdd InplaceUpdate Log Log1p LogSoftmax Neg OnesLike Reciprocal Relu Round Rsqrt',
  ),
  ...rules(sameAsFirst, 'Sigmoid Sign Softmax Softplus Sqrt Square Tanh ZerosLike'),
  ...rules(boolLikeFirst, 'IsFinite IsInf IsNan LogicalNot'),
  ...rules(broadcast, 'Add AddV2 Div FloorDiv FloorMod Maximum Minimum Mod Mul Pow RealDiv SquaredDifference Sub'),
  ...rules(comparison, 'Equal Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr NotEqual'),
  ...rules(reduce, 'All Any Max Mean Min Prod Sum'),
  Cast: ({ attributes, inputs }) => {
    const dtype = DTYPES[attributes['DstT'] as number];
    return dtype === undefined ? null : [{ shape: input(inputs, 0).shape, dtype }];
  },
  Select: ({ inputs }) => [describe(input(inputs, 1))],
  SelectV2: ({ inputs }) => [{ shape: broadcastAll(inputs), dtype: input(inputs, 1).dtype }],
  MatMul: ({ attributes, inputs }) =>
    product(inputs, attributes['transpose_a'] === true, attributes['transpose_b'] === true),
  BatchMatMulV2: ({ attributes, inputs }) =>
    product(inputs, attributes['adj_x'] === true, attributes['adj_y'] === true),
  AtelierOutputProduct: ({ inputs }) => product(inputs, false, true),
  AtelierScores: ({ inputs }) => [scoresOf(inputs)],
  AtelierScoresAndDirections: ({ inputs }) => [scoresOf(inputs), describe(input(inputs, 0))],
  AtelierDrawnTokens: ({ inputs }) => drawn(input(inputs, 0)),
  AtelierNf4Product: ({ inputs }) => product(inputs, false, true),
  AtelierNf4Gradient: ({ inputs }) => product(inputs, false, false),
  // Ops of model/gpu-ops.ts. Attention: a description, then queries [T, Q, d] and the rest.
  AtelierAttention: ({ inputs }) => {
    const { shape, dtype } = input(inputs, 1);
    return [
      { shape, dtype },
      { shape: [...shape.slice(0, -1), 2], dtype },
    ];
  },
  AtelierAttentionQueries: ({ inputs }) => [describe(input(inputs, 1))],
  AtelierAttentionKeys: ({ inputs }) => [describe(input(inputs, 4)), describe(input(inputs, 5))],
  // A description, logits [n, vocabulary], and the rest.
  AtelierDraw: ({ inputs }) => drawn(input(inputs, 1)),
  Reshape: reshape,
  Transpose: ({ inputs }) => {
    const order = input(inputs, 1).values();
    const { shape, dtype } = input(inputs, 0);
    return order === null ? null : [{ shape: order.map((axis) => dimension(shape, axis)), dtype }];
  },
  ExpandDims: ({ inputs }) => {
    const at = input(inputs, 1).values()?.[0];
    const { shape, dtype } = input(inputs, 0);
    return at === undefined ? null : [{ shape: inserted(shape, axisOf(at, shape.length + 1), 1), dtype }];
  },
  ConcatV2: concat,
  SplitV: split,
  Slice: ({ inputs }) => {
    const { shape, dtype } = input(inputs, 0);
    const begin = input(inputs, 1).values();
    const size = input(inputs, 2).values();
    // Where a slice begins matters only if it goes to the end.
    if (size === null || (begin === null && size.includes(-1))) return null;
    const kept = shape.map((n, axis) => (size[axis] === -1 ? n - (begin?.[axis] ?? 0) : (size[axis] ?? n)));
    return [{ shape: kept, dtype }];
  },
  Empty: ({ attributes, inputs }) => {
    const shape = input(inputs, 0).values();
    const dtype = DTYPES[attributes['dtype'] as number];
    return shape === null || dtype === undefined ? null : [{ shape: [...shape], dtype }];
  },
  Fill: ({ inputs }) => {
    const shape = input(inputs, 0).values();
    return shape === null ? null : [{ shape: [...shape], dtype: input(inputs, 1).dtype }];
  },
  GatherV2: ({ attributes, inputs }) => {
    const table = input(inputs, 0);
    const at = input(inputs, 2).values()?.[0];
    if (at === undefined || attributes['batch_dims'] !== 0) return null;
    const axis = axisOf(at, table.shape.length);
    const shape = [...table.shape.slice(0, axis), ...input(inputs, 1).shape, ...table.shape.slice(axis + 1)];
    return [{ shape, dtype: table.dtype }];
  },
  UnsortedSegmentSum: ({ inputs }) => {
    const segments = input(inputs, 2).values()?.[0];
    const { shape, dtype } = input(inputs, 0);
    const rest = shape.slice(input(inputs, 1).shape.length);
    return segments === undefined ? null : [{ shape: [segments, ...rest], dtype }];
  },
  Unpack: ({ attributes, inputs }) => {
    const { shape, dtype } = input(inputs, 0);
    const axis = axisOf(attributes['axis'] as number, shape.length);
    const part = { shape: shape.filter((_, index) => index !== axis), dtype };
    return Array.from({ length: attributes['num'] as number }, () => part);
  },
  Pack: ({ attributes, inputs }) => {
    const { shape, dtype } = input(inputs, 0);
    return [{ shape: inserted(shape, axisOf(attributes['axis'] as number, shape.length + 1), inputs.length), dtype }];
  },
  OneHot: ({ attributes, inputs }) => {
    const depth = input(inputs, 1).values()?.[0];
    if (depth === undefined || attributes['axis'] !== -1) return null;
    return [{ shape: [...input(inputs, 0).shape, depth], dtype: input(inputs, 2).dtype }];
  },
  Tile: ({ inputs }) => {
    const times = input(inputs, 1).values();
    const { shape, dtype } = input(inputs, 0);
    return times === null ? null : [{ shape: shape.map((n, axis) => n * (times[axis] ?? 1)), dtype }];
  },
  PadV2: ({ inputs }) => {
    const pads = input(inputs, 1).values();
    const { shape, dtype } = input(inputs, 0);
    if (pads === null) return null;
    return [{ shape: shape.map((n, axis) => n + (pads[2 * axis] ?? 0) + (pads[2 * axis + 1] ?? 0)), dtype }];
  },
  TopKV2: ({ inputs }) => {
    const k = input(inputs, 1).values()?.[0];
    const { shape, dtype } = input(inputs, 0);
    if (k === undefined) return null;
    const kept = [...shape.slice(0, -1), k];
    return [
      { shape: kept, dtype },
      { shape: kept, dtype: 'int32' },
    ];
  },
  ArgMax: ({ inputs }) => {
    const at = input(inputs, 1).values()?.[0];
    const { shape } = input(inputs, 0);
    if (at === undefined) return null;
    return [{ shape: shape.filter((_, axis) => axis !== axisOf(at, shape.length)), dtype: 'int32' }];
  },
};

/** TensorFlow's type numbers of the types that tfjs has. */
const DTYPES: Readonly<Record<number, DataType>> = { 1: 'float32', 3: 'int32', 10: 'bool' };

/** What the op returns, or null if there is no rule or a shape depends on unknown values. */
export function inferOutputs(call: OpCall): Described[] | null {
  return RULES[call.op]?.(call) ?? null;
}

function rules(rule: Rule, names: string): Record<string, Rule> {
  return Object.fromEntries(names.split(' ').map((name) => [name, rule]));
}

function input(inputs: readonly OpInput[], index: number): OpInput {
  const found = inputs[index];
  if (found === undefined) throw new Error(`An op was called without its input ${String(index)}.`);
  return found;
}

function describe({ shape, dtype }: Described): Described {
  return { shape, dtype };
}

function dimension(shape: readonly number[], axis: number): number {
  return shape[axis] ?? 1;
}

function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function inserted(shape: readonly number[], at: number, size: number): number[] {
  return [...shape.slice(0, at), size, ...shape.slice(at)];
}

function broadcastAll(inputs: readonly Described[]): number[] {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = inputs.map(({ shape }) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

function product(inputs: readonly OpInput[], transposeA: boolean, transposeB: boolean): Described[] {
  const a = input(inputs, 0);
  const b = input(inputs, 1);
  const rows = a.shape.at(transposeA ? -1 : -2) ?? 1;
  const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
  const batch = broadcastAll([
    { shape: a.shape.slice(0, -2), dtype: a.dtype },
    { shape: b.shape.slice(0, -2), dtype: b.dtype },
  ]);
  return [{ shape: [...batch, rows, columns], dtype: a.dtype }];
}

/** A token and its log-probability for each row of logits. */
function drawn({ shape }: OpInput): Described[] {
  const rows = shape.slice(0, 1);
  return [
    { shape: rows, dtype: 'int32' },
    { shape: rows, dtype: 'float32' },
  ];
}

/** Two numbers for each row. */
function scoresOf(inputs: readonly OpInput[]): Described {
  const { shape, dtype } = input(inputs, 0);
  return { shape: [2, dimension(shape, 0)], dtype };
}

function reshape({ inputs }: OpCall): Described[] | null {
  const wanted = input(inputs, 1).values();
  const { shape, dtype } = input(inputs, 0);
  if (wanted === null) return null;
  const size = shape.reduce((total, n) => total * n, 1);
  const known = wanted.reduce((total, n) => (n === -1 ? total : total * n), 1);
  return [{ shape: wanted.map((n) => (n === -1 ? size / known : n)), dtype }];
}

function reduce({ attributes, inputs }: OpCall): Described[] | null {
  const axes = input(inputs, 1).values();
  const { shape, dtype } = input(inputs, 0);
  if (axes === null) return null;
  const gone = new Set(axes.map((axis) => axisOf(axis, shape.length)));
  const kept =
    attributes['keep_dims'] === true
      ? shape.map((n, axis) => (gone.has(axis) ? 1 : n))
      : shape.filter((_, axis) => !gone.has(axis));
  return [{ shape: kept, dtype }];
}

function concat({ inputs }: OpCall): Described[] | null {
  const at = inputs.at(-1)?.values()?.[0];
  const parts = inputs.slice(0, -1);
  const { shape, dtype } = input(parts, 0);
  if (at === undefined) return null;
  const axis = axisOf(at, shape.length);
  const total = parts.reduce((sum, part) => sum + dimension(part.shape, axis), 0);
  return [{ shape: shape.map((n, index) => (index === axis ? total : n)), dtype }];
}

function split({ inputs }: OpCall): Described[] | null {
  const { shape, dtype } = input(inputs, 0);
  const sizes = input(inputs, 1).values();
  const at = input(inputs, 2).values()?.[0];
  if (sizes === null || at === undefined) return null;
  const axis = axisOf(at, shape.length);
  const open = dimension(shape, axis) - sizes.reduce((sum, n) => sum + Math.max(n, 0), 0);
  return sizes.map((size) => ({ shape: shape.map((n, i) => (i === axis ? (size < 0 ? open : size) : n)), dtype }));
}
