/**
 * @file The parts of the attention kernels. A workgroup of 64 threads has a tile of 8, 16 or 32 rows by 32 columns: eight threads share a row, and
 * each has four columns of up to four rows. Sums go over their terms in one order, so a run repeats bit for bit.
 */
import { sizeOf } from '../../program.ts';
import type { Value } from '../values.ts';
import type { Writer } from '../writer.ts';
import { handedLines, sharedArray } from './shader.ts';

export const THREADS = 64;
/** Columns of a tile, and of a part of the head's width. */
export const COLUMNS = 32;
const SIDE = 8;
const INNER = 16;

export interface Tile {
  /** Rows of a thread. */
  per: number;
  /** Rows of a workgroup. */
  rows: number;
  /** The head's width, and into how many parts of 32 it is divided. */
  dim: number;
  parts: number;
}

/** Parts of sums that a thread may have: each needs four registers. */
const MOST_SUMS = 16;

/** @param rows how many there are @param results for how many matrices a thread adds up sums */
export function tileFor(rows: number, dim: number, results: 1 | 2): Tile {
  const sums = results * Math.ceil(dim / COLUMNS);
  const most = 4 * sums <= MOST_SUMS ? 4 : 2 * sums <= MOST_SUMS ? 2 : 1;
  const per = Math.min(most, rows <= SIDE ? 1 : rows <= 2 * SIDE ? 2 : 4);
  return { per, rows: SIDE * per, dim, parts: Math.ceil(dim / COLUMNS) };
}

/** Memory that the threads share. */
export function sharedBy({ rows }: Tile): string[] {
  return [
    sharedArray('left', 'f32', rows * INNER),
    sharedArray('right', 'f32', COLUMNS * COLUMNS),
    sharedArray('tile', 'f32', rows * COLUMNS),
    sharedArray('of_rows', 'f32', rows * SIDE),
  ];
}

/** `row0` is the workgroup's first row; `own_row` and `own_column` are the thread's first in the tile. */
export function placeLines({ per }: Tile): string[] {
  return [
    `let lane: u32 = local % ${SIDE}u;`,
    `let own_row: u32 = (local / ${SIDE}u) * ${per}u;`,
    'let own_column: u32 = lane * 4u;',
  ];
}

export function ownRows({ per }: Tile): number[] {
  return Array.from({ length: per }, (_, i) => i);
}

export function partsOf({ parts }: Tile): number[] {
  return Array.from({ length: parts }, (_, part) => part);
}

/** A matrix of a batch. Texts of its number in the batch, and of the first row that is wanted. */
export interface Rows {
  value: Value;
  batch: string;
  first: string;
}

/** Reads `row` and `column`, names of the shader. */
function readRow(writer: Writer, { value, batch }: Rows): string {
  return writer.read(value, writer.atCoordinates(value.shape, [batch, 'row', 'column']));
}

/** name0, name1, … = the products of the thread's rows of `left` with its four rows of `right`. */
export function productLines(writer: Writer, tile: Tile, name: string, left: Rows, right: Rows): string[] {
  const load = (to: string, matrix: Rows, rows: number): string[] => {
    const [, count = 0] = matrix.value.shape;
    const body = writer.inner(() => {
      writer.add(
        `let place: u32 = local + e * ${THREADS}u;`,
        `let inner: u32 = place % ${INNER}u;`,
        `let outer: u32 = place / ${INNER}u;`,
        `let row: u32 = ${matrix.first} + outer;`,
        'let column: u32 = inner0 + inner;',
        'var value: f32 = 0.0;',
      );
      const read = writer.inner(() => {
        writer.add(`value = ${readRow(writer, matrix)};`);
      });
      writer.add(
        `if (row < ${count}u && column < ${tile.dim}u) {`,
        ...read,
        '}',
        `${to}[inner * ${rows}u + outer] = value;`,
      );
    });
    return [`for (var e: u32 = 0u; e < ${(rows * INNER) / THREADS}u; e++) {`, ...body, '}'];
  };
  return [
    ...ownRows(tile).map((i) => `var ${name}${i}: vec4f = vec4f();`),
    `for (var inner0: u32 = 0u; inner0 < ${tile.dim}u; inner0 += ${INNER}u) {`,
    ...load('left', left, tile.rows),
    ...load('right', right, COLUMNS),
    'workgroupBarrier();',
    `for (var k: u32 = 0u; k < ${INNER}u; k++) {`,
    lineOf(`k * ${COLUMNS}u + own_column`),
    ...ownRows(tile).map((i) => `${name}${i} += left[k * ${tile.rows}u + own_row + ${i}u] * line;`),
    '}',
    'workgroupBarrier();',
    '}',
  ];
}

function lineOf(place: string): string {
  const at = (n: number): string => `right[at_right${n === 0 ? '' : ` + ${n}u`}]`;
  return `let at_right: u32 = ${place}; let line: vec4f = vec4f(${[0, 1, 2, 3].map(at).join(', ')});`;
}

/** Puts the thread's values `name0` … into the tile that all share. */
export function keepLines(tile: Tile, name: string): string[] {
  return ownRows(tile).flatMap((i) =>
    ['x', 'y', 'z', 'w'].map(
      (axis, j) => `tile[(own_row + ${i}u) * ${COLUMNS}u + own_column + ${j}u] = ${name}${i}.${axis};`,
    ),
  );
}

export function sumLines(tile: Tile, name: string): string[] {
  return partsOf(tile).flatMap((part) => ownRows(tile).map((i) => `var ${name}${i}_${part}: vec4f = vec4f();`));
}

/** Adds the tile times the 32 rows of a matrix to the thread's sums. Ends with a barrier, so that the tile may be written again. */
export function addLines(writer: Writer, tile: Tile, name: string, matrix: Rows): string[] {
  const [, count = 0] = matrix.value.shape;
  return partsOf(tile).flatMap((part) => {
    const body = writer.inner(() => {
      writer.add(
        `let place: u32 = local + e * ${THREADS}u;`,
        `let row: u32 = ${matrix.first} + place / ${COLUMNS}u;`,
        `let column: u32 = ${part * COLUMNS}u + place % ${COLUMNS}u;`,
        'var value: f32 = 0.0;',
      );
      const read = writer.inner(() => {
        writer.add(`value = ${readRow(writer, matrix)};`);
      });
      writer.add(`if (row < ${count}u && column < ${tile.dim}u) {`, ...read, '}', 'right[place] = value;');
    });
    return [
      `for (var e: u32 = 0u; e < ${COLUMNS ** 2 / THREADS}u; e++) {`,
      ...body,
      '}',
      'workgroupBarrier();',
      `for (var k: u32 = 0u; k < ${COLUMNS}u; k++) {`,
      lineOf(`k * ${COLUMNS}u + own_column`),
      ...ownRows(tile).map((i) => `${name}${i}_${part} += tile[(own_row + ${i}u) * ${COLUMNS}u + k] * line;`),
      '}',
      'workgroupBarrier();',
    ];
  });
}

/** Writes the sums as rows of `count` in a batch, threads side by side. @param scaled what a row's values are multiplied with */
export function writeLines(
  tile: Tile,
  name: string,
  { to, batch, count }: { to: string; batch: string; count: number },
  scaled?: (i: number) => string,
): string[] {
  return partsOf(tile).flatMap((part) => [
    ...ownRows(tile).map(
      (i) => `${name}${i}_${part} = ${name}${i}_${part}${scaled === undefined ? '' : ` * ${scaled(i)}`};`,
    ),
    ...ownRows(tile).flatMap((i) =>
      ['x', 'y', 'z', 'w'].map(
        (axis, j) => `tile[(own_row + ${i}u) * ${COLUMNS}u + own_column + ${j}u] = ${name}${i}_${part}.${axis};`,
      ),
    ),
    'workgroupBarrier();',
    `for (var e: u32 = 0u; e < ${(tile.rows * COLUMNS) / THREADS}u; e++) {`,
    `let place: u32 = local + e * ${THREADS}u;`,
    `let row: u32 = row0 + place / ${COLUMNS}u;`,
    `let column: u32 = ${part * COLUMNS}u + place % ${COLUMNS}u;`,
    `if (row < ${count}u && column < ${tile.dim}u) {`,
    `${to}[(${batch} * ${count}u + row) * ${tile.dim}u + column] = tile[place];`,
    '}',
    '}',
    'workgroupBarrier();',
  ]);
}

/** What the eight threads of each row have in `name0` … brought together in them, always in the same order. @param together how many threads in a row can hand values to each other */
export function rowLines(
  tile: Tile,
  name: string,
  combine: (a: string, b: string) => string,
  together: number,
): string[] {
  if (together >= SIDE)
    return handedLines(
      SIDE,
      ownRows(tile).map((i) => `${name}${i}`),
      combine,
    );
  return [
    ...ownRows(tile).map((i) => `of_rows[(own_row + ${i}u) * ${SIDE}u + lane] = ${name}${i};`),
    'workgroupBarrier();',
    ...ownRows(tile).map((i) => `${name}${i} = of_rows[(own_row + ${i}u) * ${SIDE}u];`),
    `for (var other: u32 = 1u; other < ${SIDE}u; other++) {`,
    ...ownRows(tile).map(
      (i) => `${name}${i} = ${combine(`${name}${i}`, `of_rows[(own_row + ${i}u) * ${SIDE}u + other]`)};`,
    ),
    '}',
    'workgroupBarrier();',
  ];
}

/** How many workgroups have the rows of all matrices of a batch. */
export function groupsFor({ rows }: Tile, { shape }: Value): { each: number; all: number } {
  const each = Math.ceil((shape[1] ?? 0) / rows);
  return { each, all: each * sizeOf(shape.slice(0, 1)) };
}
