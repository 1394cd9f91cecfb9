/**
 * @file Attention that never writes its scores (as FlashAttention, arXiv 2205.14135): a workgroup has a block of query rows, goes through
 * the keys 32 at a time, and keeps for each row the largest score so far and the sum of exponentials. The backward pass computes the scores of
 * a block again. Shapes as in model/attention.ts: T groups of Q queries, sets of keys that several groups share.
 */
import { groupText, spread, type Kernel } from '../plan.ts';
import { sizeOf } from '../../program.ts';
import type { Storage, Value } from '../values.ts';
import { literal, Writer } from '../writer.ts';
import {
  addLines,
  COLUMNS,
  groupsFor,
  keepLines,
  ownRows,
  partsOf,
  placeLines,
  productLines,
  rowLines,
  sharedBy,
  sumLines,
  THREADS,
  tileFor,
  writeLines,
  type Tile,
} from './attention-tiles.ts';
import { startOf } from './reduce.ts';
import { shaderOf } from './shader.ts';

/** Added to the score of a key that a query must not see, as in model/attention.ts. */
const MASKED = literal('f32', -1e9);
const FOUR = [0, 1, 2, 3] as const;

export interface KeySet {
  /** [n, N, d]; each serves T / n groups in a row. */
  keys: Value;
  values: Value;
  /** [m, N]; each serves n / m sets in a row. */
  mask: Value | null;
  /** Query r stands at place `first` + r mod `places` and sees the keys up to its own place. */
  causal: { first: number; places: number } | null;
}

export interface AttentionCall {
  /** [T, Q, d] */
  queries: Value;
  sets: readonly KeySet[];
  scale: number;
  /** [T, Q, d] */
  to: Storage;
  /** [T, Q, 2]: each row's largest score, and one over its sum of exponentials; null if no gradient is wanted. */
  rows: Storage | null;
  /** How many threads in a row can hand values to each other. */
  together: number;
}

export function attentionKernel({ queries, sets, scale, to, rows, together }: AttentionCall): Kernel {
  const [groups = 1, count = 1, dim = 1] = queries.shape;
  const tile = tileFor(count, dim, 1);
  const { each, all } = groupsFor(tile, queries);
  const writes = rows === null ? [to] : [to, rows];
  const writer = new Writer(writes);
  writer.add(...startLines(tile, each, all), ...sumLines(tile, 'sum'));
  for (const i of ownRows(tile))
    writer.add(`var most${i}: f32 = ${startOf('max', 'f32')};`, `var total${i}: f32 = 0.0;`);
  for (const set of sets) {
    const [n = 1] = set.keys.shape;
    writer.add('{', `let batch_of_keys: u32 = batch / ${groups / n}u;`);
    const body = writer.inner(() => {
      writer.add(
        ...productLines(writer, tile, 'score', rowsOf(queries, 'batch', 'row0'), keysOf(set.keys)),
        ...queryScores(writer, tile, set, scale),
        ...ownRows(tile).map(
          (i) => `var next${i}: f32 = max(max(score${i}.x, score${i}.y), max(score${i}.z, score${i}.w));`,
        ),
        ...rowLines(tile, 'next', (a, b) => `max(${a}, ${b})`, together),
      );
      for (const i of ownRows(tile))
        writer.add(
          `next${i} = max(most${i}, next${i});`,
          `let fade${i}: f32 = exp(most${i} - next${i});`,
          `most${i} = next${i};`,
          `score${i} = select(vec4f(), exp(score${i} - next${i}), there);`,
          `total${i} = total${i} * fade${i} + ((score${i}.x + score${i}.y) + (score${i}.z + score${i}.w));`,
          ...partsOf(tile).map((part) => `sum${i}_${part} *= fade${i};`),
        );
      writer.add(...keepLines(tile, 'score'), ...addLines(writer, tile, 'sum', keysOf(set.values)));
    });
    writer.add(
      `let end: u32 = ${lastKeyText(tile, set)};`,
      `for (var key0: u32 = 0u; key0 < end; key0 += ${COLUMNS}u) {`,
      ...body,
      '}',
      '}',
    );
  }
  writer.add(
    ...rowLines(tile, 'total', (a, b) => `${a} + ${b}`, together),
    ...ownRows(tile).map((i) => `let share${i}: f32 = 1.0 / total${i};`),
    ...writeLines(tile, 'sum', { to: 'o0', batch: 'batch', count }, (i) => `share${i}`),
  );
  if (rows !== null)
    for (const i of ownRows(tile))
      writer.add(
        `if (lane == 0u && row0 + own_row + ${i}u < ${count}u) {`,
        `let place: u32 = (batch * ${count}u + row0 + own_row + ${i}u) * 2u;`,
        `o1[place] = most${i};`,
        `o1[place + 1u] = share${i};`,
        '}',
      );
  const kernel = shaderOf({
    label: 'attention',
    writer,
    writes,
    groups: spread(all),
    threads: THREADS,
    shared: sharedBy(tile),
  });
  return { ...kernel, operations: sets.reduce((sum, set) => sum + 2 * productOf(queries, set), 0) };
}

/** What the gradients of a set need. */
export interface AttentionGradientCall {
  queries: Value;
  /** Gradient of the result [T, Q, d]. */
  given: Value;
  /** [T, Q, 3]: what the forward pass leaves of each row, and the part of the gradient that all weights of the row share. */
  rows: Value;
  set: KeySet;
  scale: number;
}

/** Gradient of the queries, as far as it comes from one set of keys. @param to [T, Q, d] */
export function queryGradientKernel({ queries, given, rows, set, scale }: AttentionGradientCall, to: Storage): Kernel {
  const [groups = 1, count = 1, dim = 1] = queries.shape;
  const tile = tileFor(count, dim, 1);
  const { each, all } = groupsFor(tile, queries);
  const writer = new Writer([to]);
  writer.add(...startLines(tile, each, all), ...sumLines(tile, 'sum'));
  for (const i of ownRows(tile)) {
    const at = `batch * ${3 * count}u + min(row0 + own_row + ${i}u, ${count - 1}u) * 3u`;
    writer.add(
      `let most${i}: f32 = ${linearRead(writer, rows, at)};`,
      `let share${i}: f32 = ${linearRead(writer, rows, `${at} + 1u`)};`,
      `let level${i}: f32 = ${linearRead(writer, rows, `${at} + 2u`)};`,
    );
  }
  const [n = 1] = set.keys.shape;
  writer.add(`let batch_of_keys: u32 = batch / ${groups / n}u;`);
  const body = writer.inner(() => {
    writer.add(
      ...productLines(writer, tile, 'score', rowsOf(queries, 'batch', 'row0'), keysOf(set.keys)),
      ...queryScores(writer, tile, set, scale),
      ...productLines(writer, tile, 'slope', rowsOf(given, 'batch', 'row0'), keysOf(set.values)),
      ...ownRows(tile).map(
        (i) =>
          `slope${i} = select(vec4f(), exp(score${i} - most${i}) * share${i} * (slope${i} - level${i}) * ${literal('f32', scale)}, there);`,
      ),
      ...keepLines(tile, 'slope'),
      ...addLines(writer, tile, 'sum', keysOf(set.keys)),
    );
  });
  writer.add(
    `let end: u32 = ${lastKeyText(tile, set)};`,
    `for (var key0: u32 = 0u; key0 < end; key0 += ${COLUMNS}u) {`,
    ...body,
    '}',
    ...writeLines(tile, 'sum', { to: 'o0', batch: 'batch', count }),
  );
  const kernel = shaderOf({
    label: 'attention gradient',
    writer,
    writes: [to],
    groups: spread(all),
    threads: THREADS,
    shared: sharedBy(tile),
  });
  return { ...kernel, operations: 3 * productOf(queries, set) };
}

/** Gradients of the keys and values of one set: a workgroup has a block of keys and goes through the queries. @param to [n, N, d] each */
export function keyGradientKernel(
  { queries, given, rows, set, scale }: AttentionGradientCall,
  to: { keys: Storage; values: Storage },
): Kernel {
  const [groups = 1, count = 1, dim = 1] = queries.shape;
  const [n = 1, keyCount = 1] = set.keys.shape;
  const tile = tileFor(keyCount, dim, 2);
  const { each, all } = groupsFor(tile, set.keys);
  const writes = [to.keys, to.values];
  const writer = new Writer(writes);
  writer.add(...startLines(tile, each, all), ...sumLines(tile, 'key_sum'), ...sumLines(tile, 'value_sum'));
  writer.add(...keyMasks(writer, tile, set));
  const { causal } = set;
  const body = writer.inner(() => {
    const asking = { batch: 'batch_of_queries', first: 'query0' };
    writer.add(
      ...productLines(writer, tile, 'score', rowsOf(set.keys, 'batch', 'row0'), { value: queries, ...asking }),
      ...productLines(writer, tile, 'slope', rowsOf(set.values, 'batch', 'row0'), { value: given, ...asking }),
      `let asked: vec4u = vec4u(query0 + own_column) + vec4u(0u, 1u, 2u, 3u);`,
      `let there: vec4<bool> = asked < vec4u(${count}u);`,
    );
    const kept = (part: number): string => {
      const at = FOUR.map(
        (j) => `batch_of_queries * ${3 * count}u + min(query0 + own_column + ${j}u, ${count - 1}u) * 3u`,
      );
      return `vec4f(${at.map((place) => linearRead(writer, rows, `${place} + ${part}u`)).join(', ')})`;
    };
    for (const [part, name] of ['most', 'share', 'level'].entries()) writer.add(`let ${name}: vec4f = ${kept(part)};`);
    if (causal !== null) writer.add(`let places: vec4u = asked % vec4u(${causal.places}u) + vec4u(${causal.first}u);`);
    for (const i of ownRows(tile)) {
      const later =
        causal === null ? '' : ` + select(vec4f(), vec4f(${MASKED}), vec4u(row0 + own_row + ${i}u) > places)`;
      writer.add(
        `score${i} = select(vec4f(), exp(score${i} * ${literal('f32', scale)} + mask${i}${later} - most) * share, there);`,
        `slope${i} = score${i} * (slope${i} - level) * ${literal('f32', scale)};`,
      );
    }
    writer.add(
      ...keepLines(tile, 'score'),
      ...addLines(writer, tile, 'value_sum', { value: given, ...asking }),
      ...keepLines(tile, 'slope'),
      ...addLines(writer, tile, 'key_sum', { value: queries, ...asking }),
    );
  });
  writer.add(
    `for (var turn: u32 = 0u; turn < ${groups / n}u; turn++) {`,
    `let batch_of_queries: u32 = batch * ${groups / n}u + turn;`,
    `for (var query0: u32 = 0u; query0 < ${count}u; query0 += ${COLUMNS}u) {`,
    // Queries that stand before all of these keys see none of them.
    ...(causal === null
      ? []
      : [
          `let start: u32 = query0 % ${causal.places}u + ${COLUMNS - 1}u;`,
          `if (start < ${causal.places}u && start + ${causal.first}u < row0) { continue; }`,
        ]),
    ...body,
    '}',
    '}',
    ...writeLines(tile, 'key_sum', { to: 'o0', batch: 'batch', count: keyCount }),
    ...writeLines(tile, 'value_sum', { to: 'o1', batch: 'batch', count: keyCount }),
  );
  const kernel = shaderOf({
    label: 'attention gradient',
    writer,
    writes,
    groups: spread(all),
    threads: THREADS,
    shared: sharedBy(tile),
  });
  return { ...kernel, operations: 4 * productOf(queries, set) };
}

/** `batch` and `row0` of a workgroup. */
function startLines(tile: Tile, each: number, all: number): string[] {
  return [
    `let batch: u32 = ${groupText(all)} / ${Math.max(1, each)}u;`,
    `let row0: u32 = (${groupText(all)} % ${Math.max(1, each)}u) * ${tile.rows}u;`,
    ...(all === 0 || spread(all)[1] === 1 ? [] : [`if (${groupText(all)} >= ${all}u) { return; }`]),
    ...placeLines(tile),
  ];
}

/** Scales and masks the scores of a block of keys. `there` says which of the four columns are keys. */
function queryScores(writer: Writer, tile: Tile, { keys, mask, causal }: KeySet, scale: number): string[] {
  const [, count = 1] = keys.shape;
  const lines = [
    'let seen: vec4u = vec4u(key0 + own_column) + vec4u(0u, 1u, 2u, 3u);',
    `let there: vec4<bool> = seen < vec4u(${count}u);`,
  ];
  if (mask !== null) {
    const read = FOUR.map((j) =>
      maskText(writer, keys, mask, 'batch_of_keys', `min(key0 + own_column + ${j}u, ${count - 1}u)`),
    );
    lines.push(`let added: vec4f = vec4f(${read.join(', ')});`);
  }
  for (const i of ownRows(tile)) {
    const later =
      causal === null
        ? ''
        : ` + select(vec4f(), vec4f(${MASKED}), seen > vec4u((row0 + own_row + ${i}u) % ${causal.places}u + ${causal.first}u))`;
    const whole = `score${i} * ${literal('f32', scale)}${mask === null ? '' : ' + added'}${later}`;
    lines.push(`score${i} = select(vec4f(${startOf('max', 'f32')}), ${whole}, there);`);
  }
  return lines;
}

/** What the mask says of the thread's keys. */
function keyMasks(writer: Writer, tile: Tile, { keys, mask }: KeySet): string[] {
  const [, count = 1] = keys.shape;
  return ownRows(tile).map((i) => {
    const place = `min(row0 + own_row + ${i}u, ${count - 1}u)`;
    return `let mask${i}: f32 = ${mask === null ? '0.0' : maskText(writer, keys, mask, 'batch', place)};`;
  });
}

function maskText(writer: Writer, keys: Value, mask: Value, batch: string, place: string): string {
  const [n = 1] = keys.shape;
  const [m = 1] = mask.shape;
  return writer.read(mask, writer.atCoordinates(mask.shape, [`${batch} / ${n / m}u`, place]));
}

/** The keys that a block of queries sees end here. */
function lastKeyText({ rows }: Tile, { keys, causal }: KeySet): string {
  const [, count = 0] = keys.shape;
  if (causal === null) return `${count}u`;
  const { first, places } = causal;
  const start = `row0 % ${places}u`;
  // A block that goes over the end of the places has queries at all of them.
  return `min(${count}u, ${first}u + select(${start} + ${rows}u, ${places}u, ${start} + ${rows}u > ${places}u))`;
}

function linearRead(writer: Writer, value: Value, place: string): string {
  return writer.read(value, writer.at(value.shape, place));
}

function rowsOf(value: Value, batch: string, first: string): { value: Value; batch: string; first: string } {
  return { value, batch, first };
}

function keysOf(value: Value): { value: Value; batch: string; first: string } {
  return rowsOf(value, 'batch_of_keys', 'key0');
}

/** Multiplications and additions of one product of all queries with the keys that they see. */
function productOf(queries: Value, { keys, causal }: KeySet): number {
  const all = 2 * sizeOf(queries.shape) * (keys.shape[1] ?? 0);
  return causal === null ? all : all / 2;
}
