/** @file Kernels that write rows of a buffer in place, and those that add up rows by segment. Never with atomic operations. */
import { groupText, spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Storage, Value } from '../values.ts';
import { Writer } from '../writer.ts';
import { shaderOf } from './shader.ts';

const THREADS = 64;

/** buffer[places] = rows, or += rows: every place occurs once. */
export function putRowsKernel(buffer: Storage, places: Value, rows: Value, add: boolean): Kernel {
  const size = sizeOf(rows.shape);
  const width = size / sizeOf(places.shape);
  const writer = new Writer([buffer]);
  const groups = Math.ceil(size / THREADS);
  writer.add(`let i: u32 = ${groupText(groups)} * ${THREADS}u + local;`, `if (i >= ${size}u) { return; }`);
  const row = writer.named('u32', `i / ${width}u`);
  const place = writer.read(places, writer.at(places.shape, row));
  const value = writer.read(rows, writer.at(rows.shape, 'i'));
  writer.add(`o0[u32(${place}) * ${width}u + i % ${width}u] ${add ? '+=' : '='} ${value};`);
  return shaderOf({ label: 'rows', writer, writes: [buffer], groups: spread(groups), threads: THREADS });
}

/** sums[segment] += rows, for a buffer of zeros. A thread goes through all rows of its column, one after another. */
export function segmentSumKernel(rows: Value, segments: Value, sums: Storage): Kernel {
  const count = sizeOf(segments.shape);
  const width = sizeOf(rows.shape) / count;
  const most = sums.size / width;
  const writer = new Writer([sums]);
  const groups = Math.ceil(width / THREADS);
  writer.add(`let i: u32 = ${groupText(groups)} * ${THREADS}u + local;`, `if (i >= ${width}u) { return; }`);
  const body = writer.inner(() => {
    const segment = writer.read(segments, writer.at(segments.shape, 'row'));
    const add = writer.inner(() => {
      const value = writer.read(rows, writer.at(rows.shape, writer.named('u32', `row * ${width}u + i`)));
      writer.add(`o0[u32(${segment}) * ${width}u + i] += ${value};`);
    });
    // As TensorFlow does, rows of other segments are left out.
    writer.add(`if (${segment} >= 0i && ${segment} < ${most}i) {`, ...add, '}');
  });
  writer.add(`for (var row: u32 = 0u; row < ${count}u; row++) {`, ...body, '}');
  return shaderOf({ label: 'segment sum', writer, writes: [sums], groups: spread(groups), threads: THREADS });
}

export interface CumulativeCall {
  input: Value;
  axis: number;
  exclusive: boolean;
  reverse: boolean;
  to: Storage;
}

/** Running sums along an axis: a thread for each row. */
export function cumulativeKernel({ input, axis, exclusive, reverse, to }: CumulativeCall): Kernel {
  const { shape } = input;
  const length = shape[axis] ?? 1;
  const inner = sizeOf(shape.slice(axis + 1));
  const rows = sizeOf(shape) / length;
  const writer = new Writer([to]);
  const groups = Math.ceil(rows / THREADS);
  writer.add(
    `let i: u32 = ${groupText(groups)} * ${THREADS}u + local;`,
    `if (i >= ${rows}u) { return; }`,
    `let start: u32 = (i / ${inner}u) * ${inner * length}u + i % ${inner}u;`,
    `var sum: ${input.type} = ${input.type}(0);`,
  );
  const body = writer.inner(() => {
    const step = reverse ? `(${length - 1}u - j)` : 'j';
    const place = writer.named('u32', `start + ${step} * ${inner}u`);
    const value = writer.read(input, writer.at(shape, place));
    const add = `sum += ${value};`;
    const put = `o0[${place}] = sum;`;
    writer.add(...(exclusive ? [put, add] : [add, put]));
  });
  writer.add(`for (var j: u32 = 0u; j < ${length}u; j++) {`, ...body, '}');
  return shaderOf({ label: 'running sum', writer, writes: [to], groups: spread(groups), threads: THREADS });
}
