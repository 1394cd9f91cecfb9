/**
 * @file Matrix products. Large ones are computed in tiles that a workgroup shares, each thread 4 × 4 results. If one side has
 * few rows, as while decoding, threads divide the inner axis instead.
 */
import { groupText, spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Storage, Value } from '../values.ts';
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

export interface ProductCall {
  a: Value;
  b: Value;
  transposeA: boolean;
  transposeB: boolean;
  /** Stands for what the product gives, in `result`. */
  product: Value;
  result: Value;
  to: Storage;
  /** How many threads in a row can hand values to each other. */
  together: number;
}

interface Sizes {
  /** Axes before the last two. */
  batch: readonly number[];
  batches: number;
  rows: number;
  inner: number;
  columns: number;
}

/** Up to so many rows (or columns) are few. */
const FEW = 8;
const PER_THREAD = 4;
const INNER_TILE = 16;
/** Workgroups with large tiles that fill a GPU. */
const MANY_GROUPS = 64;

export function productKernel(call: ProductCall): Kernel {
  const sizes = sizesOf(call);
  const { batches, rows, columns, inner } = sizes;
  return { ...kernelFor(call, sizes), operations: 2 * batches * rows * columns * inner };
}

function kernelFor(call: ProductCall, sizes: Sizes): Kernel {
  if (sizes.rows <= FEW || sizes.columns <= FEW) return narrowKernel(call, sizes);
  const large = Math.ceil(sizes.rows / 64) * Math.ceil(sizes.columns / 64) * sizes.batches;
  const tile = Math.min(sizes.rows, sizes.columns) > 32 && large >= MANY_GROUPS ? 64 : 32;
  return tiledKernel(call, sizes, tile);
}

function sizesOf({ a, transposeA, product }: ProductCall): Sizes {
  const batch = product.shape.slice(0, -2);
  return {
    batch,
    batches: sizeOf(batch),
    rows: product.shape.at(-2) ?? 1,
    columns: product.shape.at(-1) ?? 1,
    inner: a.shape.at(transposeA ? -2 : -1) ?? 1,
  };
}

/** Text of a factor's value at a row and a column of the product's own orientation. */
function readFactor(
  writer: Writer,
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

function tiledKernel(call: ProductCall, sizes: Sizes, tile: number): Kernel {
  const { a, b, transposeA, transposeB, product, result, to } = call;
  const { rows, columns, inner, batches } = sizes;
  const side = tile / PER_THREAD;
  const threads = side * side;
  const groups: [number, number, number] = [Math.ceil(columns / tile), Math.ceil(rows / tile), batches];
  const writer = new Writer([to]);
  writer.add(
    `let row0: u32 = group.y * ${tile}u;`,
    `let column0: u32 = group.x * ${tile}u;`,
    `let own_row: u32 = (local / ${side}u) * ${PER_THREAD}u;`,
    `let own_column: u32 = (local % ${side}u) * ${PER_THREAD}u;`,
    ...[0, 1, 2, 3].map((i) => `var sum${i}: vec4f = vec4f();`),
  );
  const batch = writer.at(sizes.batch, 'group.z').coordinates();
  const load = (name: string, value: Value, transposed: boolean, isLeft: boolean): string[] => {
    const most = isLeft ? rows : columns;
    const start = isLeft ? 'row0' : 'column0';
    // Threads side by side read what lies side by side.
    const innerFirst = isLeft !== transposed;
    const body = writer.inner(() => {
      writer.add(
        `let place: u32 = local + e * ${threads}u;`,
        innerFirst ? `let k: u32 = place % ${INNER_TILE}u;` : `let k: u32 = place / ${tile}u;`,
        innerFirst ? `let outer: u32 = place / ${INNER_TILE}u;` : `let outer: u32 = place % ${tile}u;`,
        `let at_inner: u32 = inner0 + k;`,
        `let at_outer: u32 = ${start} + outer;`,
        'var value: f32 = 0.0;',
      );
      const read = writer.inner(() => {
        const places: [string, string] = isLeft ? ['at_outer', 'at_inner'] : ['at_inner', 'at_outer'];
        writer.add(`value = ${readFactor(writer, value, transposed, batch, places)};`);
      });
      writer.add(
        `if (at_inner < ${inner}u && at_outer < ${most}u) {`,
        ...read,
        '}',
        `${name}[k * ${tile}u + outer] = value;`,
      );
    });
    return [`for (var e: u32 = 0u; e < ${(tile * INNER_TILE) / threads}u; e++) {`, ...body, '}'];
  };
  writer.add(
    `for (var inner0: u32 = 0u; inner0 < ${inner}u; inner0 += ${INNER_TILE}u) {`,
    ...load('left', a, transposeA, true),
    ...load('right', b, transposeB, false),
    'workgroupBarrier();',
    `for (var k: u32 = 0u; k < ${INNER_TILE}u; k++) {`,
    `let at_left: u32 = k * ${tile}u + own_row;`,
    `let at_right: u32 = k * ${tile}u + own_column;`,
    'let line: vec4f = vec4f(right[at_right], right[at_right + 1u], right[at_right + 2u], right[at_right + 3u]);',
    ...[0, 1, 2, 3].map((i) => `sum${i} += left[at_left + ${i}u] * line;`),
    '}',
    'workgroupBarrier();',
    '}',
  );
  // What is done to the result stands here once, because a driver has to compile every line.
  const write = writer.inner(() => {
    writer.add(
      `let e: u32 = each / ${PER_THREAD}u;`,
      `let at: u32 = each % ${PER_THREAD}u;`,
      'let row: u32 = row0 + own_row + e;',
      'let column: u32 = column0 + own_column + at;',
    );
    const one = writer.inner(() => {
      writer.add(
        'let line: vec4f = select(select(sum3, sum2, e == 2u), select(sum1, sum0, e == 0u), e < 2u);',
        'let own_sum: f32 = select(select(line.w, line.z, at == 2u), select(line.y, line.x, at == 0u), at < 2u);',
        `let place: u32 = (group.z * ${rows}u + row) * ${columns}u + column;`,
      );
      writer.knowing(product, 'own_sum', () => {
        writer.add(`o0[place] = ${writer.read(result, writer.at(result.shape, 'place'))};`);
      });
    });
    writer.add(`if (row < ${rows}u && column < ${columns}u) {`, ...one, '}');
  });
  writer.add(`for (var each: u32 = 0u; each < ${PER_THREAD ** 2}u; each++) {`, ...write, '}');
  return shaderOf({
    label: 'product',
    writer,
    writes: [to],
    groups,
    threads,
    shared: ['left', 'right'].map((name) => sharedArray(name, 'f32', tile * INNER_TILE)),
  });
}

function narrowKernel(call: ProductCall, sizes: Sizes): Kernel {
  const { a, b, transposeA, transposeB, product, result, to } = call;
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
  const writer = new Writer([to]);
  writer.add(
    ...laneLines(lanes, perBatch).slice(0, 2),
    `let batch_at: u32 = ${groupText(groups)} / ${perBatch}u;`,
    `let result: u32 = (${groupText(groups)} % ${perBatch}u) * ${lanes.slots}u + slot;`,
    ...range(few).map((i) => `var sum${i}: f32 = 0.0;`),
  );
  const loop = writer.inner(() => {
    const batch = writer.at(sizes.batch, 'batch_at').coordinates();
    const body = writer.inner(() => {
      const longer = fewRows
        ? readFactor(writer, b, transposeB, batch, ['k', 'result'])
        : readFactor(writer, a, transposeA, batch, ['result', 'k']);
      for (const i of range(few)) {
        const other = fewRows
          ? readFactor(writer, a, transposeA, batch, [`${i}u`, 'k'])
          : readFactor(writer, b, transposeB, batch, ['k', `${i}u`]);
        writer.add(`sum${i} += ${longer} * ${other};`);
      }
    });
    writer.add(`for (var k: u32 = lane; k < ${inner}u; k += ${lanes.lanes}u) {`, ...body, '}');
  });
  writer.add(`if (batch_at < ${batches}u && result < ${many}u) {`, ...loop, '}');
  const threads = threadsOf(lanes);
  const chunk = chunkOf(lanes, call.together);
  if (chunk > 1)
    writer.add(
      ...handedLines(
        chunk,
        range(few).map((i) => `sum${i}`),
        (one, other) => `${one} + ${other}`,
      ),
    );
  writer.add(...range(few).map((i) => `sums[${i * threads}u + local] = sum${i};`));
  if (chunk > 1) writer.add('workgroupBarrier();');
  else if (lanes.lanes > 1) {
    const other = `i * ${threads}u + local + reach${along ? '' : ` * ${lanes.slots}u`}`;
    const add = `for (var i: u32 = 0u; i < ${few}u; i++) { sums[i * ${threads}u + local] += sums[${other}]; }`;
    writer.add('workgroupBarrier();', ...halvingLines(lanes.lanes, [`if (lane < reach) { ${add} }`]));
  }
  // Lanes write what is left of the sums side by side.
  const end = writer.inner(() => {
    const [row, column] = fewRows ? ['i', 'result'] : ['result', 'i'];
    const one = writer.inner(() => {
      const place = writer.named('u32', `(batch_at * ${rows}u + ${row}) * ${columns}u + ${column}`);
      const first = `i * ${threads}u + ${placeOfFirst(lanes)}`;
      writer.add(`var own_sum: f32 = sums[${first}];`);
      if (chunk > 1 && chunk < lanes.lanes)
        writer.add(
          `for (var part: u32 = ${chunk}u; part < ${lanes.lanes}u; part += ${chunk}u) { own_sum += sums[${first} + part]; }`,
        );
      writer.knowing(product, 'own_sum', () => {
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
    shared: [sharedArray('sums', 'f32', few * threads)],
  });
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
