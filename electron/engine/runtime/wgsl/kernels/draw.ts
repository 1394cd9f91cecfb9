/**
 * @file Draws a token for each row of logits, as `drawTokens` (training/logprobs.ts) does: one workgroup goes through a row a few times. Top-p needs no
 * sorting: the smallest weight that is kept is found bit by bit.
 */
import { spread, type Kernel } from '../plan.ts';
import type { Storage, Value } from '../values.ts';
import { literal, Writer } from '../writer.ts';
import { combineOf, startOf, type Reduction } from './reduce.ts';
import { shaderOf, SHARED, sharedArray, togetherLines, type Lanes } from './shader.ts';

const THREADS = 256;
const LANES: Lanes = { slots: 1, lanes: THREADS, along: true };

export interface DrawCall {
  /** [n, vocabulary] */
  logits: Value;
  /** [vocabulary]: 0 for tokens that may be drawn. */
  suppressed: Value;
  /** [n] in [0, 1) */
  uniform: Value;
  /** Scalar: 1 takes the likeliest token. */
  greedy: Value;
  temperature: number;
  topP: number;
  minP: number;
  /** [n] */
  tokens: Storage;
  logprobs: Storage;
  /** How many threads in a row can hand values to each other. */
  together: number;
}

export function drawKernel(call: DrawCall): Kernel {
  const { logits, topP, minP, tokens, logprobs, together } = call;
  const [rows = 1, size = 1] = logits.shape;
  const writer = new Writer([tokens, logprobs]);
  const bring = (name: string, kind: Reduction): string[] =>
    togetherLines(LANES, { name, combine: combineOf(kind), together, again: true });
  const read = readers(writer, call);
  /** Goes through the row, threads side by side. */
  const overRow = (use: () => void): string[] => [
    `for (var j: u32 = local; j < ${size}u; j += ${THREADS}u) {`,
    ...writer.inner(use),
    '}',
  ];

  writer.add(
    `let row: u32 = group.x + group.y * ${spread(rows)[0]}u;`,
    `if (row >= ${rows}u) { return; }`,
    'let lane: u32 = local;',
    'let slot: u32 = 0u;',
    `var most: f32 = ${startOf('max', 'f32')};`,
    `var best: f32 = ${startOf('max', 'f32')};`,
    `var place: f32 = ${literal('f32', size)};`,
    ...overRow(() => {
      writer.add(
        `most = max(most, ${read.scaled('j')});`,
        `let judged: f32 = ${read.logit('j')} + ${read.suppressed('j')};`,
        `if (place == ${literal('f32', size)} || judged > best) { best = judged; place = f32(j); }`,
      );
    }),
    ...bring('most', 'max'),
    'let own_best: f32 = best;',
    ...bring('best', 'max'),
    // Of equal values the first.
    `place = select(${literal('f32', size)}, place, own_best == best);`,
    ...bring('place', 'min'),
    'var total: f32 = 0.0;',
    'var allowed: f32 = 0.0;',
    ...overRow(() => {
      writer.add(
        `let share: f32 = ${read.share('j')};`,
        'total += share;',
        `allowed += select(0.0, share, ${read.mayCome('j')});`,
      );
    }),
    ...bring('total', 'sum'),
  );
  if (topP < 1)
    writer.add(
      ...bring('allowed', 'sum'),
      'var low: u32 = 0u;',
      // The bits of 1, which no weight exceeds; the order of bits is that of the numbers.
      'var high: u32 = 0x3f800000u;',
      'for (var turn: u32 = 0u; turn < 31u; turn++) {',
      'let middle: u32 = low + (high - low) / 2u;',
      'var larger: f32 = 0.0;',
      ...overRow(() => {
        writer.add(
          `let share: f32 = ${read.share('j')};`,
          `larger += select(0.0, share, ${read.mayCome('j')} && bitcast<u32>(share) > middle);`,
        );
      }),
      ...bring('larger', 'sum'),
      `if (larger < ${literal('f32', topP)} * allowed) { high = middle; } else { low = middle + 1u; }`,
      '}',
    );
  if (minP > 0) writer.add(`let least: f32 = exp(best${read.cooled} - most) * ${literal('f32', minP)};`);
  const kept = [...(topP < 1 ? ['bitcast<u32>(share) >= high'] : []), ...(minP > 0 ? ['share >= least'] : [])];
  writer.add('var first: u32 = 0u;', `var end: u32 = ${size}u;`, 'var before: f32 = 0.0;', 'var threshold: f32 = 0.0;');
  segments(size).forEach((segment, level) => {
    const body = writer.inner(() => {
      writer.add(
        `let share: f32 = ${read.share('j')};`,
        `own += select(0.0, share, ${[read.mayCome('j'), ...kept].join(' && ')});`,
      );
    });
    writer.add(
      '{',
      'var own: f32 = 0.0;',
      `let begin: u32 = first + local * ${segment}u;`,
      `for (var j: u32 = begin; j < min(begin + ${segment}u, end); j++) {`,
      ...body,
      '}',
      `${SHARED}[local] = own;`,
      'workgroupBarrier();',
      ...(level > 0 ? [] : thresholdLines(read.uniform())),
      ...chosenLines(segment),
      'workgroupBarrier();',
      '}',
    );
  });
  const end = writer.inner(() => {
    writer.add(`let token: u32 = select(first, u32(place), ${read.greedy()} > 0.5);`, 'o0[row] = i32(token);');
    writer.add(`o1[row] = ${read.scaled('token')} - (most - log(1.0 / total));`);
  });
  writer.add('if (local == 0u) {', ...end, '}');
  return shaderOf({
    label: 'draw',
    writer,
    writes: [tokens, logprobs],
    groups: spread(rows),
    threads: THREADS,
    shared: [sharedArray(SHARED, 'f32', THREADS)],
  });
}

/** Texts of what a place of the row has. */
function readers(writer: Writer, { logits, suppressed, uniform, greedy, temperature }: DrawCall) {
  const cooled = temperature === 1 ? '' : ` / ${literal('f32', temperature)}`;
  const logit = (at: string): string => writer.read(logits, writer.atCoordinates(logits.shape, ['row', at]));
  const held = (at: string): string => writer.read(suppressed, writer.at(suppressed.shape, at));
  const scaled = (at: string): string => `${logit(at)}${cooled}`;
  return {
    cooled,
    logit,
    suppressed: held,
    scaled,
    /** Not yet divided by their sum. */
    share: (at: string): string => `exp(${scaled(at)} - most)`,
    mayCome: (at: string): string => `(${held(at)} == 0.0)`,
    uniform: (): string => writer.read(uniform, writer.at(uniform.shape, 'row')),
    greedy: (): string => writer.read(greedy, writer.at(greedy.shape, '0u')),
  };
}

/** Into segments of which lengths the row is divided, each time among all threads, until one place is left. */
function segments(size: number): number[] {
  const length = Math.ceil(size / THREADS);
  return length === 1 ? [1] : [length, ...segments(length)];
}

function thresholdLines(uniform: string): string[] {
  return [
    'var all: f32 = 0.0;',
    `for (var other: u32 = 0u; other < ${THREADS}u; other++) { all += ${SHARED}[other]; }`,
    `threshold = ${uniform} * all;`,
  ];
}

/** The first segment at whose end the running sum exceeds the threshold. If rounding leaves none, the last with a weight. */
function chosenLines(segment: number): string[] {
  return [
    'var chosen: u32 = 0u;',
    'var chosen_before: f32 = before;',
    'var sum: f32 = before;',
    'var found: bool = false;',
    `for (var other: u32 = 0u; other < ${THREADS}u; other++) {`,
    `let weight: f32 = ${SHARED}[other];`,
    'if (!found && weight > 0.0) { chosen = other; chosen_before = sum; found = sum + weight > threshold; }',
    'sum += weight;',
    '}',
    'before = chosen_before;',
    `first += chosen * ${segment}u;`,
    `end = min(first + ${segment}u, end);`,
  ];
}
