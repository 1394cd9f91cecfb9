/**
 * @file Large matrix products. A workgroup goes through the inner axis in slabs that its threads load together, and each thread keeps a block of
 * results in registers. Where four threads in a row can hand values to each other, each of them fetches the left factor for one of four places and
 * hands it to the others, which reads less shared memory.
 */
import type { Kernel } from '../plan.ts';
import type { Value } from '../values.ts';
import { Writer } from '../writer.ts';
import { readFactor, type ProductCall, type Sizes } from './factors.ts';
import { HAND, shaderOf } from './shader.ts';

/** How a workgroup is divided. */
interface Tile {
  /** Rows and columns of a workgroup. */
  size: number;
  /** Of a thread: multiples of four. */
  rows: number;
  columns: number;
  /** Places along the inner axis that are loaded at once. */
  inner: number;
}

const SMALL: Tile = { size: 32, rows: 4, columns: 4, inner: 16 };
const LARGE: Tile = { size: 64, rows: 8, columns: 8, inner: 16 };
const LARGEST: Tile = { size: 128, rows: 8, columns: 8, inner: 8 };
/** For two products at once, which need twice the registers. */
const LARGE_TWIN: Tile = { size: 64, rows: 8, columns: 4, inner: 16 };
/** So many workgroups fill a GPU. */
const MANY_GROUPS = 64;
/** Threads that hand each other the left factor. */
const QUAD = 4;

function tileFor({ rows, columns, batches }: Sizes, twin: boolean): Tile {
  const fills = ({ size }: Tile): boolean =>
    Math.min(rows, columns) > size / 2 && Math.ceil(rows / size) * Math.ceil(columns / size) * batches >= MANY_GROUPS;
  const choices = twin ? [LARGE_TWIN] : [LARGEST, LARGE];
  return choices.find(fills) ?? SMALL;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

export function tiledKernel(call: ProductCall, sizes: Sizes): Kernel {
  const { a, transposeA, transposeB, factors, result, to } = call;
  const { rows, columns, inner, batches } = sizes;
  const tile = tileFor(sizes, factors.length > 1);
  const [across, down] = [tile.size / tile.columns, tile.size / tile.rows];
  const threads = across * down;
  const groups: [number, number, number] = [Math.ceil(columns / tile.size), Math.ceil(rows / tile.size), batches];
  const writer = new Writer([to]);
  const blocks = range(tile.columns / 4);
  const own = range(tile.rows);
  writer.add(
    `let row0: u32 = group.y * ${tile.size}u;`,
    `let column0: u32 = group.x * ${tile.size}u;`,
    `let own_row: u32 = (local / ${across}u) * ${tile.rows}u;`,
    // A thread's blocks of four columns lie apart, so that threads side by side read what lies side by side.
    `let own_column: u32 = (local % ${across}u) * 4u;`,
    ...factors.flatMap((_, which) =>
      own.flatMap((i) => blocks.map((block) => `var ${sumName(which, i, block)}: vec4f = vec4f();`)),
    ),
  );
  const batch = writer.at(sizes.batch, 'group.z').coordinates();
  const load = (name: string, value: Value, transposed: boolean, isLeft: boolean): string[] =>
    loadLines(writer, { name, value, transposed, isLeft, batch, tile, threads, sizes });
  writer.add(
    `for (var inner0: u32 = 0u; inner0 < ${inner}u; inner0 += ${tile.inner}u) {`,
    ...load('left', a, transposeA, true),
    ...factors.flatMap(({ b }, which) => load(`right${which}`, b, transposeB, false)),
    'workgroupBarrier();',
    ...(call.together >= QUAD ? quadLines(tile, factors.length, across) : plainLines(tile, factors.length, across)),
    'workgroupBarrier();',
    '}',
  );
  // What is done to the result stands here once, because a driver has to compile every line.
  const write = writer.inner(() => {
    writer.add(
      `let e: u32 = each / ${tile.columns}u;`,
      `let at: u32 = each % ${tile.columns}u;`,
      'let row: u32 = row0 + own_row + e;',
      `let column: u32 = column0 + own_column + (at / 4u) * ${across * 4}u + at % 4u;`,
    );
    const one = writer.inner(() => {
      writer.add(`let place: u32 = (group.z * ${rows}u + row) * ${columns}u + column;`);
      const known = factors.map(({ product }, which): [Value, string] => {
        writer.add(...pickLines(tile, which));
        return [product, `own_sum${which}`];
      });
      writer.knowingAll(known, () => {
        writer.add(`o0[place] = ${writer.read(result, writer.at(result.shape, 'place'))};`);
      });
    });
    writer.add(`if (row < ${rows}u && column < ${columns}u) {`, ...one, '}');
  });
  writer.add(`for (var each: u32 = 0u; each < ${tile.rows * tile.columns}u; each++) {`, ...write, '}');
  return shaderOf({
    label: 'product',
    writer,
    writes: [to],
    groups,
    threads,
    shared: ['left', ...factors.map((_, which) => `right${which}`)].map(
      (name) => `var<workgroup> ${name}: array<vec4f, ${(tile.size * tile.inner) / 4}>;`,
    ),
  });
}

function sumName(which: number, row: number, block: number): string {
  return `sum${which}_${row}_${block}`;
}

interface Load {
  /** Of the shared memory. */
  name: string;
  value: Value;
  transposed: boolean;
  isLeft: boolean;
  batch: readonly string[];
  tile: Tile;
  threads: number;
  sizes: Sizes;
}

/** Loads a slab: four rows, or columns, at one place of the inner axis lie together. */
function loadLines(writer: Writer, { name, value, transposed, isLeft, batch, tile, threads, sizes }: Load): string[] {
  const most = isLeft ? sizes.rows : sizes.columns;
  const start = isLeft ? 'row0' : 'column0';
  const fours = tile.size / 4;
  // Threads side by side read what lies side by side.
  const innerFirst = isLeft !== transposed;
  const body = writer.inner(() => {
    writer.add(
      `let place: u32 = local + e * ${threads}u;`,
      innerFirst ? `let k: u32 = place % ${tile.inner}u;` : `let k: u32 = place / ${fours}u;`,
      innerFirst ? `let four: u32 = place / ${tile.inner}u;` : `let four: u32 = place % ${fours}u;`,
      'let at_inner: u32 = inner0 + k;',
      'var values: vec4f = vec4f();',
    );
    const each = writer.inner(() => {
      writer.add(`let at_outer: u32 = ${start} + four * 4u + i;`);
      const read = writer.inner(() => {
        const places: [string, string] = isLeft ? ['at_outer', 'at_inner'] : ['at_inner', 'at_outer'];
        writer.add(`values[i] = ${readFactor(writer, value, transposed, batch, places)};`);
      });
      writer.add(`if (at_inner < ${sizes.inner}u && at_outer < ${most}u) {`, ...read, '}');
    });
    writer.add('for (var i: u32 = 0u; i < 4u; i++) {', ...each, '}', `${name}[k * ${fours}u + four] = values;`);
  });
  return [`for (var e: u32 = 0u; e < ${(fours * tile.inner) / threads}u; e++) {`, ...body, '}'];
}

const COMPONENTS = ['x', 'y', 'z', 'w'];

/** Adds what the thread's rows (`left0`, `left1`, …) and columns give at the place `at` of the slab. */
function addLines(tile: Tile, products: number, across: number, at: string): string[] {
  const fours = tile.size / 4;
  const blocks = range(tile.columns / 4);
  return range(products).flatMap((which) => [
    ...blocks.map(
      (block) =>
        `let line${which}_${block}: vec4f = right${which}[${at} * ${fours}u + own_column / 4u + ${block * across}u];`,
    ),
    ...range(tile.rows).flatMap((i) =>
      blocks.map(
        (block) =>
          `${sumName(which, i, block)} += left${Math.floor(i / 4)}.${COMPONENTS[i % 4] ?? ''} * line${which}_${block};`,
      ),
    ),
  ]);
}

/** Every thread reads both factors at every place. */
function plainLines(tile: Tile, products: number, across: number): string[] {
  const fours = tile.size / 4;
  return [
    `for (var k: u32 = 0u; k < ${tile.inner}u; k++) {`,
    ...range(tile.rows / 4).map((h) => `let left${h}: vec4f = left[k * ${fours}u + own_row / 4u + ${h}u];`),
    ...addLines(tile, products, across, 'k'),
    '}',
  ];
}

/**
 * Four threads that have the same rows read the left factor at one place each. Each thread begins with its own place and goes on with those of the
 * threads whose number differs in the bits of `turn`, so the order of its sum is fixed.
 */
function quadLines(tile: Tile, products: number, across: number): string[] {
  const fours = tile.size / 4;
  const lefts = range(tile.rows / 4);
  return [
    `for (var k0: u32 = 0u; k0 < ${tile.inner}u; k0 += ${QUAD}u) {`,
    `let own_k: u32 = k0 + local % ${QUAD}u;`,
    ...lefts.map((h) => `let fetched${h}: vec4f = left[own_k * ${fours}u + own_row / 4u + ${h}u];`),
    `for (var turn: u32 = 0u; turn < ${QUAD}u; turn++) {`,
    'let k: u32 = own_k ^ turn;',
    ...lefts.map((h) => `let left${h}: vec4f = ${HAND}(fetched${h}, turn);`),
    ...addLines(tile, products, across, 'k'),
    '}',
    '}',
  ];
}

/** Names the sum of row `e` and column `at` of the thread. */
function pickLines(tile: Tile, which: number): string[] {
  const blocks = range(tile.columns / 4);
  const line = (block: number): string =>
    range(tile.rows - 1).reduceRight(
      (rest, i) => `select(${rest}, ${sumName(which, i, block)}, e == ${i}u)`,
      sumName(which, tile.rows - 1, block),
    );
  const block = blocks
    .slice(0, -1)
    .reduceRight((rest, each) => `select(${rest}, ${line(each)}, at / 4u == ${each}u)`, line(blocks.length - 1));
  return [
    `let own_line${which}: vec4f = ${block};`,
    `let own_sum${which}: f32 = select(select(own_line${which}.w, own_line${which}.z, at % 4u == 2u), select(own_line${which}.y, own_line${which}.x, at % 4u == 0u), at % 4u < 2u);`,
  ];
}
