/** @file The largest values of a row and their places. Of equal values the first comes first, as in TensorFlow. */
import { spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Storage, Value } from '../values.ts';
import { Writer } from '../writer.ts';
import { halvingLines, shaderOf, sharedArray } from './shader.ts';

const THREADS = 64;

export interface PickCall {
  input: Value;
  /** Along which values are compared. */
  axis: number;
  /** How many are picked. */
  count: number;
  /** Where the values go; absent = only their places are wanted. */
  values?: Storage;
  places: Storage;
}

/** One workgroup goes through a row once for each value that is picked. */
export function pickKernel({ input, axis, count, values, places }: PickCall): Kernel {
  const { shape, type } = input;
  const length = shape[axis] ?? 1;
  const inner = sizeOf(shape.slice(axis + 1));
  const rows = sizeOf(shape) / length;
  const writes = values === undefined ? [places] : [places, values];
  const writer = new Writer(writes);
  writer.add(
    `let row: u32 = group.x + group.y * ${spread(rows)[0]}u;`,
    `let start: u32 = (row / ${inner}u) * ${inner * length}u + row % ${inner}u;`,
    // Only what comes after the last pick: smaller, or equal and later.
    `var last: ${type} = ${type}(0);`,
    'var last_at: u32 = 0u;',
  );
  const round = writer.inner(() => {
    writer.add(`var best: ${type} = ${type}(0);`, `var best_at: u32 = ${length}u;`);
    const body = writer.inner(() => {
      const value = writer.read(input, writer.at(shape, writer.named('u32', `start + j * ${inner}u`)));
      writer.add(
        `let left: bool = pick == 0u || ${value} < last || (${value} == last && j > last_at);`,
        `if (left && (best_at == ${length}u || ${value} > best)) { best = ${value}; best_at = j; }`,
      );
    });
    writer.add(
      `if (row < ${rows}u) {`,
      `for (var j: u32 = local; j < ${length}u; j += ${THREADS}u) {`,
      ...body,
      '}',
      '}',
    );
    writer.add('found[local] = best;', 'found_at[local] = best_at;', 'workgroupBarrier();');
    const better = `found_at[local] == ${length}u || found[other] > found[local] || (found[other] == found[local] && found_at[other] < found_at[local])`;
    writer.add(
      ...halvingLines(THREADS, [
        'if (local < reach) {',
        'let other: u32 = local + reach;',
        `if (found_at[other] != ${length}u && (${better})) { found[local] = found[other]; found_at[local] = found_at[other]; }`,
        '}',
      ]),
    );
    writer.add('last = found[0];', 'last_at = found_at[0];', 'workgroupBarrier();');
    const place = `(row / ${inner}u) * ${inner * count}u + pick * ${inner}u + row % ${inner}u`;
    writer.add(
      `if (local == 0u && row < ${rows}u) {`,
      `o0[${place}] = i32(min(last_at, ${length - 1}u));`,
      ...(values === undefined ? [] : [`o1[${place}] = last;`]),
      '}',
    );
  });
  writer.add(`for (var pick: u32 = 0u; pick < ${count}u; pick++) {`, ...round, '}');
  return shaderOf({
    label: 'largest',
    writer,
    writes,
    groups: spread(rows),
    threads: THREADS,
    shared: [sharedArray('found', type, THREADS), `var<workgroup> found_at: array<u32, ${THREADS}>;`],
  });
}
