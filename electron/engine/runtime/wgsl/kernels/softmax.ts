/** @file Softmax and its logarithm over the last axis: one workgroup goes through a row three times. */
import { spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Storage, Value } from '../values.ts';
import { Writer } from '../writer.ts';
import { combineOf, startOf } from './reduce.ts';
import { laneLines, lanesFor, shaderOf, sharedArray, SHARED, threadsOf, togetherLines } from './shader.ts';

/** @param together how many threads in a row can hand values to each other */
export function softmaxKernel(input: Value, logarithm: boolean, to: Storage, together: number): Kernel {
  const width = input.shape.at(-1) ?? 1;
  const rows = sizeOf(input.shape) / width;
  const lanes = lanesFor(rows, width, true);
  const groups = Math.ceil(rows / lanes.slots);
  const writer = new Writer([to]);
  const parallel = lanes.lanes > 1;

  const overRow = (use: (text: string) => string): string[] => {
    const body = writer.inner(() => {
      const text = writer.read(input, writer.at(input.shape, writer.named('u32', `result * ${width}u + j`)));
      writer.add(use(text));
    });
    return [
      `if (result < ${rows}u) {`,
      `for (var j: u32 = lane; j < ${width}u; j += ${lanes.lanes}u) {`,
      ...body,
      '}',
      '}',
    ];
  };
  const bring = (name: string, reduction: 'max' | 'sum'): string[] =>
    parallel ? togetherLines(lanes, { name, combine: combineOf(reduction), together, again: true }) : [];
  writer.add(...laneLines(lanes, groups));
  writer.add(`var most: f32 = ${startOf('max', 'f32')};`, ...overRow((text) => `most = max(most, ${text});`));
  writer.add(...bring('most', 'max'));
  writer.add('var total: f32 = 0.0;', ...overRow((text) => `total += exp(${text} - most);`), ...bring('total', 'sum'));
  if (logarithm) writer.add('let shift: f32 = most + log(total);');
  writer.add(
    ...overRow((text) => {
      const value = logarithm ? `${text} - shift` : `exp(${text} - most) / total`;
      return `o0[result * ${width}u + j] = ${value};`;
    }),
  );
  return shaderOf({
    label: logarithm ? 'log-softmax' : 'softmax',
    writer,
    writes: [to],
    groups: spread(groups),
    threads: threadsOf(lanes),
    shared: parallel ? [sharedArray(SHARED, 'f32', threadsOf(lanes))] : [],
  });
}
