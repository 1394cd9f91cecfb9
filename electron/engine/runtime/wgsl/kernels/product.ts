/**
 * @file Matrix products. Large ones are computed in tiles (tiled-product.ts). If one side has few rows, as while decoding, threads divide the inner axis
 * instead. Two products with the same left factor may be one kernel.
 */
import { groupText, spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Value } from '../values.ts';
import { readFactor, type ProductCall, type Sizes } from './factors.ts';
import { Writer } from '../writer.ts';
import {
  chunkOf,
  halvingLines,
  handedLines,
  laneLines,
  placeOfFirst,
  shaderOf,
  sharedArray,
  threadsOf,
  type Lanes,
} from './shader.ts';
import { tiledKernel } from './tiled-product.ts';

/** Up to so many rows (or columns) are few. */
const FEW = 8;

export function productKernel(call: ProductCall): Kernel {
  const sizes = sizesOf(call);
  const { batches, rows, columns, inner } = sizes;
  const kernel = rows <= FEW || columns <= FEW ? narrowKernel(call, sizes) : tiledKernel(call, sizes);
  return { ...kernel, operations: 2 * call.factors.length * batches * rows * columns * inner };
}

function sizesOf({ a, transposeA, factors }: ProductCall): Sizes {
  const shape = factors[0]?.product.shape ?? [];
  const batch = shape.slice(0, -2);
  return {
    batch,
    batches: sizeOf(batch),
    rows: shape.at(-2) ?? 1,
    columns: shape.at(-1) ?? 1,
    inner: a.shape.at(transposeA ? -2 : -1) ?? 1,
  };
}

function narrowKernel(call: ProductCall, sizes: Sizes): Kernel {
  const { a, transposeA, transposeB, factors, result, to } = call;
  const { rows, columns, inner, batches } = sizes;
  const fewRows = rows <= columns;
  const [few, many] = fewRows ? [rows, columns] : [columns, rows];
  // Whether the values of the longer side lie side by side along the inner axis.
  const along = fewRows ? transposeB : !transposeA;
  const lanes: Lanes =
    inner <= 16
      ? { slots: 64, lanes: 1, along: true }
      : along
        ? { slots: 4, lanes: 16, along }
        : { slots: 16, lanes: 8, along };
  const perBatch = Math.ceil(many / lanes.slots);
  const groups = perBatch * batches;
  // Those of the second product behind those of the first.
  const count = few * factors.length;
  const names = range(count).map((i) => `sum${i}`);
  const writer = new Writer([to]);
  writer.add(
    ...laneLines(lanes, perBatch).slice(0, 2),
    `let batch_at: u32 = ${groupText(groups)} / ${perBatch}u;`,
    `let result: u32 = (${groupText(groups)} % ${perBatch}u) * ${lanes.slots}u + slot;`,
    ...names.map((name) => `var ${name}: f32 = 0.0;`),
  );
  const loop = writer.inner(() => {
    const batch = writer.at(sizes.batch, 'batch_at').coordinates();
    const body = writer.inner(() => {
      factors.forEach(({ b }, which) => {
        for (const i of range(few)) {
          const [row, column] = fewRows ? [`${i}u`, 'result'] : ['result', `${i}u`];
          const left = readFactor(writer, a, transposeA, batch, [row, 'k']);
          const right = readFactor(writer, b, transposeB, batch, ['k', column]);
          writer.add(`sum${which * few + i} += ${left} * ${right};`);
        }
      });
    });
    writer.add(`for (var k: u32 = lane; k < ${inner}u; k += ${lanes.lanes}u) {`, ...body, '}');
  });
  writer.add(`if (batch_at < ${batches}u && result < ${many}u) {`, ...loop, '}');
  const threads = threadsOf(lanes);
  const chunk = chunkOf(lanes, call.together);
  if (chunk > 1) writer.add(...handedLines(chunk, names, (one, other) => `${one} + ${other}`));
  writer.add(...names.map((name, i) => `sums[${i * threads}u + local] = ${name};`));
  if (chunk > 1) writer.add('workgroupBarrier();');
  else if (lanes.lanes > 1) {
    const other = `i * ${threads}u + local + reach${along ? '' : ` * ${lanes.slots}u`}`;
    const add = `for (var i: u32 = 0u; i < ${count}u; i++) { sums[i * ${threads}u + local] += sums[${other}]; }`;
    writer.add('workgroupBarrier();', ...halvingLines(lanes.lanes, [`if (lane < reach) { ${add} }`]));
  }
  // Lanes write what is left of the sums side by side.
  const end = writer.inner(() => {
    const [row, column] = fewRows ? ['i', 'result'] : ['result', 'i'];
    const one = writer.inner(() => {
      const place = writer.named('u32', `(batch_at * ${rows}u + ${row}) * ${columns}u + ${column}`);
      const known = factors.map(({ product }, which): [Value, string] => {
        const own = `own_sum${which}`;
        const first = `(i + ${which * few}u) * ${threads}u + ${placeOfFirst(lanes)}`;
        writer.add(`var ${own}: f32 = sums[${first}];`);
        if (chunk > 1 && chunk < lanes.lanes)
          writer.add(
            `for (var part: u32 = ${chunk}u; part < ${lanes.lanes}u; part += ${chunk}u) { ${own} += sums[${first} + part]; }`,
          );
        return [product, own];
      });
      writer.knowingAll(known, () => {
        writer.add(`o0[${place}] = ${writer.read(result, writer.at(result.shape, place))};`);
      });
    });
    writer.add(`for (var i: u32 = lane; i < ${few}u; i += ${lanes.lanes}u) {`, ...one, '}');
  });
  writer.add(`if (batch_at < ${batches}u && result < ${many}u) {`, ...end, '}');
  return shaderOf({
    label: 'narrow product',
    writer,
    writes: [to],
    groups: spread(groups),
    threads,
    shared: [sharedArray('sums', 'f32', count * threads)],
  });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
