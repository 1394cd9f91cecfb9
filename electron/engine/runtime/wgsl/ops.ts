/** @file Each of TensorFlow's ops as values and kernels. An op that is not here makes its whole program run op by op. */
import { DT_BOOL, DT_FLOAT } from '../graph-def.ts';
import { attention, keyGradient, queryGradient } from './attention-ops.ts';
import { FACTOR_COST, ROW_COST, type Builder } from './builder.ts';
import { ELEMENTWISE, type Elementwise } from './elementwise.ts';
import { pickKernel } from './kernels/pick.ts';
import { readFactor } from './kernels/factors.ts';
import { productKernel } from './kernels/product.ts';
import { reduceKernel, type Reduction } from './kernels/reduce.ts';
import { cumulativeKernel, putRowsKernel, segmentSumKernel } from './kernels/rows.ts';
import { softmaxKernel } from './kernels/softmax.ts';
import { draw } from './draw-op.ts';
import type { OpCall } from './op-call.ts';
import { rotatedInstead } from './rotation.ts';
import { UnknownOp } from './tracing-backend.ts';
import { sizeOf } from '../program.ts';
import type { Computed, PendingProduct, Scalar, Value } from './values.ts';
import { concatenated, gathered, padded, sliced, tiled, transposed, type Begin } from './views.ts';
import { literal } from './writer.ts';

type Rule = (call: OpCall) => Value[];

/** What a kernel with two operands and a formula behind them may bind. */
const FACTOR_READS = 2;
const READS = { cost: ROW_COST, reads: 4 };

/** @throws Error with the op's name if there is no rule */
export function lowerOp(call: OpCall): Value[] {
  const { op } = call.node;
  const simple = ELEMENTWISE[op];
  if (simple !== undefined) return [elementwise(call, simple)];
  const rule = RULES[op];
  if (rule === undefined) throw new UnknownOp(op);
  return rule(call);
}

function input({ inputs }: OpCall, at: number): Value {
  const found = inputs[at];
  if (found === undefined) throw new Error(`An op lacks its input ${at}.`);
  return found;
}

function numbers(call: OpCall, at: number): readonly number[] {
  const found = call.constant(at);
  if (found === null) throw new UnknownOp(`${call.node.op} with an operand that is not constant`);
  return found;
}

function output({ outputs }: OpCall, at = 0): OpCall['outputs'][number] {
  const found = outputs[at];
  if (found === undefined) throw new Error(`An op lacks its output ${at}.`);
  return found;
}

function elementwise(call: OpCall, { cost, text }: Elementwise): Value {
  const { inputs } = call;
  const { shape, type } = output(call);
  return call.builder.formula({
    shape,
    type,
    inputs,
    cost,
    aligned: true,
    at: (writer, index) => {
      const operands = inputs.map((each) => writer.read(each, index.stretched(each.shape)));
      // A formula of numbers alone would be computed by the shader's compiler, by rules of its own.
      if (inputs.every(({ form }) => form.kind === 'filled'))
        return text(
          operands.map((number) => writer.variable(input(call, 0).type, number)),
          input(call, 0).type,
        );
      return text(operands, input(call, 0).type);
    },
  });
}

function chosen(call: OpCall): Value[] {
  const { shape, type } = output(call);
  const [condition, yes, no] = [input(call, 0), input(call, 1), input(call, 2)];
  // Select takes one truth value for each row, SelectV2 stretches it.
  const rows = call.node.op === 'Select' && condition.shape.length < shape.length;
  const seen = rows ? [...condition.shape, ...Array<number>(shape.length - condition.shape.length).fill(1)] : null;
  return [
    call.builder.formula({
      shape,
      type,
      inputs: [condition, yes, no],
      cost: 1,
      aligned: true,
      at: (writer, index) => {
        const place =
          seen === null ? index.stretched(condition.shape) : index.stretched(seen).reshaped(condition.shape);
        const test = writer.read(condition, place);
        const [one, other] = [yes, no].map((each) => writer.read(each, index.stretched(each.shape)));
        return `select(${other}, ${one}, ${test} != 0i)`;
      },
    }),
  ];
}

function cast(call: OpCall): Value[] {
  const { shape, type } = output(call);
  const x = input(call, 0);
  const toBool = call.node.attr['DstT']?.type === DT_BOOL;
  const same = x.type === type && !toBool;
  return [
    call.builder.formula({
      shape,
      type,
      inputs: [x],
      cost: 0,
      aligned: true,
      at: (writer, index) => {
        const text = writer.read(x, index);
        if (same) return text;
        return toBool ? `select(0i, 1i, ${text} != ${literal(x.type, 0)})` : `${type}(${text})`;
      },
    }),
  ];
}

function reshaped(call: OpCall): Value[] {
  const { shape, type } = output(call);
  return [asShape(call.builder, input(call, 0), shape, type)];
}

function asShape(builder: Builder, x: Value, shape: readonly number[], type: Scalar): Value {
  const { form } = x;
  if (form.kind === 'stored') return builder.stored(form.storage, shape);
  if (form.kind === 'filled') return builder.filled(shape, type, form.value);
  if (form.kind === 'ramp') return builder.ramp(shape, form.start, form.step);
  return builder.formula({
    shape,
    type,
    inputs: [x],
    cost: 0,
    aligned: true,
    at: (writer, index) => writer.read(x, index.reshaped(x.shape)),
  });
}

function product(call: OpCall): Value[] {
  const { builder, node } = call;
  const { shape, type } = output(call);
  const transposeA = node.attr['transpose_a']?.b ?? node.attr['adj_x']?.b ?? false;
  const transposeB = node.attr['transpose_b']?.b ?? node.attr['adj_y']?.b ?? false;
  const [a, b] = [input(call, 0), input(call, 1)];
  const rotated = rotatedInstead(builder, a, b, transposeA, transposeB, call.constant(1));
  if (rotated !== null) return [rotated];
  for (const factor of [a, b]) builder.readable(factor, { cost: FACTOR_COST, reads: FACTOR_READS });
  const factors = { a, b, transposeA, transposeB };
  return [
    builder.pending({
      shape,
      type,
      inputs: [a, b],
      product: { ...factors, formula: shortProduct(factors, shape) },
      kernel: (own, result, to, twin) => {
        const products = [
          { b, product: own },
          ...(twin?.form.kind === 'pending' && twin.form.product !== undefined
            ? [{ b: twin.form.product.b, product: twin }]
            : []),
        ];
        return productKernel({ a, transposeA, transposeB, factors: products, result, to, together: builder.together });
      },
    }),
  ];
}

/** Other kernels compute products with so short an inner axis, as those with LoRA's matrices, for each element that they read. */
const SHORT = 32;
/** Its values are read once, and mostly from caches. */
const SHORT_COST = 6;

function shortProduct(
  { a, b, transposeA, transposeB }: Omit<PendingProduct, 'formula'>,
  shape: readonly number[],
): Computed | null {
  const inner = a.shape.at(transposeA ? -2 : -1) ?? 1;
  if (inner > SHORT) return null;
  return {
    kind: 'computed',
    inputs: [a, b],
    cost: SHORT_COST,
    at: (writer, index) => {
      const places = index.coordinates();
      const batch = places.slice(0, -2);
      const [row = '0u', column = '0u'] = places.slice(shape.length - 2);
      const [sum, turn] = [writer.fresh('short'), writer.fresh('turn')];
      writer.add(`var ${sum}: f32 = 0.0;`);
      const body = writer.inner(() => {
        const left = readFactor(writer, a, transposeA, batch, [row, turn]);
        const right = readFactor(writer, b, transposeB, batch, [turn, column]);
        writer.add(`${sum} += ${left} * ${right};`);
      });
      writer.add(`for (var ${turn}: u32 = 0u; ${turn} < ${inner}u; ${turn}++) {`, ...body, '}');
      return sum;
    },
  };
}

function reduction(kind: Reduction): Rule {
  return (call) => {
    const { builder } = call;
    const { shape, type } = output(call);
    const x = input(call, 0);
    const axes = numbers(call, 1).map((axis) => (axis < 0 ? axis + x.shape.length : axis));
    // Nothing to add up.
    if (sizeOf(shape) === sizeOf(x.shape) && kind !== 'mean') return [asShape(builder, x, shape, type)];
    builder.readable(x, { cost: 32, reads: 4 });
    const length = x.shape.at(-1) ?? 1;
    const overRows = length > 1 && axes.length === 1 && axes[0] === x.shape.length - 1;
    return [
      builder.pending({
        shape,
        type,
        inputs: [x],
        ...(overRows ? { rowLength: length } : {}),
        kernel: (own, result, to) =>
          reduceKernel({ input: x, axes, reduction: kind, reduced: own, result, to, together: builder.together }),
      }),
    ];
  };
}

function softmax(logarithm: boolean): Rule {
  return ({ builder, ...call }) => {
    const x = builder.readable(input({ builder, ...call }, 0), READS);
    const to = builder.storage(sizeOf(x.shape), 'f32');
    builder.add(softmaxKernel(x, logarithm, to, builder.together));
    return [builder.stored(to, x.shape)];
  };
}

function picked(call: OpCall): Value[] {
  const { builder, outputs } = call;
  const x = builder.readable(input(call, 0), READS);
  const [first, second] = outputs;
  if (call.node.op === 'ArgMax') {
    const axis = numbers(call, 1)[0] ?? 0;
    const places = builder.storage(sizeOf(output(call).shape), 'i32');
    builder.add(pickKernel({ input: x, axis: axis < 0 ? axis + x.shape.length : axis, count: 1, places }));
    return [builder.stored(places, output(call).shape)];
  }
  if (first === undefined || second === undefined) throw new Error('TopKV2 gives two results.');
  const [values, places] = [builder.storage(sizeOf(first.shape), x.type), builder.storage(sizeOf(second.shape), 'i32')];
  const count = numbers(call, 1)[0] ?? 1;
  builder.add(pickKernel({ input: x, axis: x.shape.length - 1, count, values, places }));
  return [builder.stored(values, first.shape), builder.stored(places, second.shape)];
}

function segmentSum(call: OpCall): Value[] {
  const { builder } = call;
  const { shape, type } = output(call);
  const [rows, segments] = [builder.readable(input(call, 0), READS), builder.readable(input(call, 1), READS)];
  const sums = builder.storage(sizeOf(shape), type);
  builder.steps.push({ kind: 'clear', storage: sums });
  builder.add(segmentSumKernel(rows, segments, sums));
  return [builder.stored(sums, shape)];
}

function putRows(add: boolean): Rule {
  return (call) => {
    const { builder } = call;
    const places = builder.readable(input(call, 1), READS);
    const rows = builder.readable(input(call, 2), { cost: 32, reads: 4 });
    const buffer = call.ownBuffer();
    // A shader cannot read what it writes.
    for (const each of [places, rows]) builder.unlike(each, buffer);
    builder.add(putRowsKernel(buffer, places, rows, add));
    return [builder.stored(buffer, output(call).shape)];
  };
}

function cumulative(call: OpCall): Value[] {
  const { builder, node } = call;
  const x = builder.readable(input(call, 0), READS);
  const at = numbers(call, 1)[0] ?? 0;
  const to = builder.storage(sizeOf(x.shape), x.type);
  builder.add(
    cumulativeKernel({
      input: x,
      axis: at < 0 ? at + x.shape.length : at,
      exclusive: node.attr['exclusive']?.b ?? false,
      reverse: node.attr['reverse']?.b ?? false,
      to,
    }),
  );
  return [builder.stored(to, x.shape)];
}

function slice(call: OpCall): Value[] {
  const x = input(call, 0);
  const known = call.constant(1);
  const begin: Begin = known ?? call.builder.readable(input(call, 1), READS);
  return [sliced(call.builder, x, begin, output(call).shape)];
}

/** No element is in two parts, so a formula is only computed again if a part has several readers. */
const PART_COST = 8;

/** Parts of a tensor along an axis, one after another. */
function split(call: OpCall): Value[] {
  const { builder, node, outputs } = call;
  const x = input(call, 0);
  const rank = x.shape.length;
  const unpacks = node.op === 'Unpack';
  const given = unpacks ? (node.attr['axis']?.i ?? 0) : (numbers(call, 2)[0] ?? 0);
  const axis = given < 0 ? given + rank : given;
  if (outputs.length > 1) builder.settle(x, PART_COST);
  let start = 0;
  return outputs.map(({ shape, type }) => {
    const own = unpacks ? [...shape.slice(0, axis), 1, ...shape.slice(axis)] : shape;
    const part = sliced(
      builder,
      x,
      own.map((_, each) => (each === axis ? start : 0)),
      own,
    );
    start += own[axis] ?? 1;
    return unpacks ? asShape(builder, part, shape, type) : part;
  });
}

function concat(call: OpCall): Value[] {
  const { builder, inputs, node } = call;
  const { shape, type } = output(call);
  if (sizeOf(shape) === 0) return [builder.filled(shape, type, 0)];
  const packs = node.op === 'Pack';
  const given = packs ? (node.attr['axis']?.i ?? 0) : (numbers(call, inputs.length - 1)[0] ?? 0);
  const axis = given < 0 ? given + shape.length : given;
  const parts = packs
    ? inputs.map((part) =>
        asShape(builder, part, [...part.shape.slice(0, axis), 1, ...part.shape.slice(axis)], part.type),
      )
    : inputs.slice(0, -1);
  return [concatenated(builder, parts, axis)];
}

function oneHot(call: OpCall): Value[] {
  const { shape, type } = output(call);
  const places = input(call, 0);
  const [on = 1, off = 0] = [numbers(call, 2)[0], numbers(call, 3)[0]];
  return [
    call.builder.formula({
      shape,
      type,
      inputs: [places],
      cost: 1,
      at: (writer, index) => {
        const coordinates = index.coordinates();
        const place = writer.read(places, writer.atCoordinates(places.shape, coordinates.slice(0, -1)));
        return `select(${literal(type, off)}, ${literal(type, on)}, ${place} == i32(${coordinates.at(-1) ?? '0u'}))`;
      },
    }),
  ];
}

function sumOfMany(call: OpCall): Value[] {
  const { builder, inputs } = call;
  const { shape, type } = output(call);
  const add = (a: Value, b: Value): Value =>
    builder.formula({
      shape,
      type,
      inputs: [a, b],
      cost: 1,
      aligned: true,
      at: (writer, index) => `${writer.read(a, index)} + ${writer.read(b, index)}`,
    });
  return [inputs.slice(1).reduce(add, input(call, 0))];
}

function filledLike(value: number): Rule {
  return (call) => [call.builder.filled(output(call).shape, output(call).type, value)];
}

function empty(call: OpCall): Value[] {
  const { builder } = call;
  const { shape, type } = output(call);
  const buffer = builder.storage(sizeOf(shape), type);
  builder.steps.push({ kind: 'clear', storage: buffer });
  return [builder.stored(buffer, shape)];
}

const RULES: Readonly<Record<string, Rule>> = {
  AddN: sumOfMany,
  All: reduction('all'),
  Any: reduction('any'),
  ArgMax: picked,
  AtelierAttention: attention,
  AtelierAttentionKeys: keyGradient,
  AtelierAttentionQueries: queryGradient,
  AtelierDraw: draw,
  BatchMatMulV2: product,
  Cast: cast,
  ConcatV2: concat,
  Cumsum: cumulative,
  Empty: empty,
  ExpandDims: reshaped,
  Fill: (call) => {
    const value = call.constant(1)?.[0];
    if (value === undefined) throw new UnknownOp('Fill with an operand that is not constant');
    return [call.builder.filled(output(call).shape, output(call).type, value)];
  },
  GatherV2: (call) => [gathered(call.builder, input(call, 0), input(call, 1), numbers(call, 2)[0] ?? 0)],
  InplaceAdd: putRows(true),
  InplaceUpdate: putRows(false),
  LogSoftmax: softmax(true),
  MatMul: product,
  Max: reduction('max'),
  Mean: reduction('mean'),
  Min: reduction('min'),
  OneHot: oneHot,
  OnesLike: filledLike(1),
  Pack: concat,
  PadV2: (call) => [
    padded(call.builder, input(call, 0), numbers(call, 1), numbers(call, 2)[0] ?? 0, output(call).shape),
  ],
  Prod: reduction('product'),
  Reshape: reshaped,
  Select: chosen,
  SelectV2: chosen,
  Slice: slice,
  Softmax: softmax(false),
  SplitV: split,
  Squeeze: reshaped,
  Sum: reduction('sum'),
  Tile: (call) => [tiled(call.builder, input(call, 0), output(call).shape)],
  TopKV2: picked,
  Transpose: (call) => [transposed(call.builder, input(call, 0), numbers(call, 1))],
  Unpack: split,
  UnsortedSegmentSum: segmentSum,
  ZerosLike: filledLike(0),
};

/** The type of a shader for TensorFlow's number. */
export function scalarOf(type: number): Scalar {
  return type === DT_FLOAT ? 'f32' : 'i32';
}
