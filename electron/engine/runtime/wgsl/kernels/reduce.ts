/** @file Sums and their like over some axes. Every sum has a fixed order, so a run repeats bit for bit. */
import { spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Scalar, Storage, Value } from '../values.ts';
import { literal, Writer } from '../writer.ts';
import { laneLines, lanesFor, shaderOf, sharedArray, SHARED, threadsOf, togetherLines } from './shader.ts';

export type Reduction = 'sum' | 'mean' | 'max' | 'min' | 'product' | 'all' | 'any';

/** Almost the lowest float32: a shader has no text for infinity. */
const LOWEST = -3.4028234663852886e38;

export function startOf(reduction: Reduction, type: Scalar): string {
  switch (reduction) {
    case 'max':
      return literal(type, type === 'f32' ? LOWEST : -2147483648);
    case 'min':
      return literal(type, type === 'f32' ? -LOWEST : 2147483647);
    case 'product':
    case 'all':
      return literal(type, 1);
    default:
      return literal(type, 0);
  }
}

export function combineOf(reduction: Reduction): (a: string, b: string) => string {
  switch (reduction) {
    case 'max':
      return (a, b) => `max(${a}, ${b})`;
    case 'min':
      return (a, b) => `min(${a}, ${b})`;
    case 'product':
      return (a, b) => `${a} * ${b}`;
    case 'all':
      return (a, b) => `${a} & ${b}`;
    case 'any':
      return (a, b) => `${a} | ${b}`;
    default:
      return (a, b) => `${a} + ${b}`;
  }
}

export interface ReduceCall {
  input: Value;
  axes: readonly number[];
  reduction: Reduction;
  /** Stands for what the reduction gives, in `result`. */
  reduced: Value;
  result: Value;
  to: Storage;
  /** How many threads in a row can hand values to each other. */
  together: number;
}

export function reduceKernel({ input, axes, reduction, reduced, result, to, together }: ReduceCall): Kernel {
  const { shape, type } = input;
  const gone = shape.map((_, axis) => axes.includes(axis));
  const keptShape = shape.map((n, axis) => (gone[axis] === true ? 1 : n));
  const goneShape = shape.map((n, axis) => (gone[axis] === true ? n : 1));
  const [results, count] = [sizeOf(keptShape), sizeOf(goneShape)];
  const last = shape.findLastIndex((n) => n !== 1);
  const lanes = lanesFor(results, count, last < 0 || gone[last] === true);
  const groups = Math.ceil(results / lanes.slots);
  const combine = combineOf(reduction);
  const writer = new Writer([to]);

  writer.add(...laneLines(lanes, groups), `var sum: ${type} = ${startOf(reduction, type)};`);
  const loop = writer.inner(() => {
    const kept = writer.at(keptShape, 'result').coordinates();
    const body = writer.inner(() => {
      const along = writer.at(goneShape, 'j').coordinates();
      const places = shape.map((_, axis) => (gone[axis] === true ? along[axis] : kept[axis]) ?? '0u');
      const text = writer.read(input, writer.atCoordinates(shape, places));
      writer.add(`sum = ${combine('sum', text)};`);
    });
    writer.add(`for (var j: u32 = lane; j < ${count}u; j += ${lanes.lanes}u) {`, ...body, '}');
  });
  writer.add(`if (result < ${results}u) {`, ...loop, '}');
  if (lanes.lanes > 1) writer.add(...togetherLines(lanes, { name: 'sum', combine, together }));
  const scaled = reduction === 'mean' ? `sum * ${literal('f32', 1 / count)}` : 'sum';
  const write = (place: string): string[] =>
    writer.inner(() => {
      writer.knowing(reduced, writer.named(type, scaled), () => {
        writer.add(`o0[${place}] = ${writer.read(result, writer.at(result.shape, place))};`);
      });
    });
  // A formula of all elements of the rows, or of the sum alone.
  if (sizeOf(result.shape) > results)
    writer.add(
      `if (result < ${results}u) {`,
      `for (var j: u32 = lane; j < ${count}u; j += ${lanes.lanes}u) {`,
      `let place: u32 = result * ${count}u + j;`,
      ...write('place'),
      '}',
      '}',
    );
  else writer.add(`if (lane == 0u && result < ${results}u) {`, ...write('result'), '}');
  return shaderOf({
    label: reduction,
    writer,
    writes: [to],
    groups: spread(groups),
    threads: threadsOf(lanes),
    shared: lanes.lanes > 1 ? [sharedArray(SHARED, type, threadsOf(lanes))] : [],
  });
}
