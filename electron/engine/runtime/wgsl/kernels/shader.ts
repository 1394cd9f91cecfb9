/** @file A shader around a body, and sums over the threads of a workgroup. */
import { groupText, type Kernel } from '../plan.ts';
import type { Scalar, Storage } from '../values.ts';
import type { Writer } from '../writer.ts';

export interface ShaderParts {
  label: string;
  writer: Writer;
  writes: readonly Storage[];
  groups: readonly [number, number, number];
  /** Threads of a workgroup. */
  threads: number;
  /** Declarations of memory that they share. */
  shared?: readonly string[];
}

/** `group` is the workgroup's place and `local` the thread's number in it. */
export function shaderOf({ label, writer, writes, groups, threads, shared = [] }: ShaderParts): Kernel {
  const source = { threads, shared, body: writer.body() };
  const functions = [...mainLines(threads), ...source.body, '}'];
  const code = codeOf({ declared: writer.declarations(), shared, functions });
  return { code, label, groups, writes, reads: writer.reads(), source };
}

export function mainLines(threads: number): string[] {
  return [
    `@compute @workgroup_size(${threads})`,
    'fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {',
  ];
}

export function codeOf({
  declared,
  shared,
  functions,
}: Record<'declared' | 'shared' | 'functions', readonly string[]>): string {
  const hands = functions.some((line) => line.includes(HAND));
  return [...(hands ? ['enable subgroups;'] : []), ...declared, ...shared, ...functions, ''].join('\n');
}

/** How threads divide work that goes over `count` values for each of `results`. */
export interface Lanes {
  /** Results of a workgroup. */
  slots: number;
  /** Threads that work on one of them: a power of two. */
  lanes: number;
  /** Threads side by side are lanes of one result, not lanes of results side by side. */
  along: boolean;
}

const THREADS = 64;
const WIDE = 256;
const COLUMNS = 16;

/** @param inner whether values of one result lie side by side in memory */
export function lanesFor(results: number, count: number, inner: boolean): Lanes {
  if (count <= 16) return { slots: THREADS, lanes: 1, along: true };
  if (!inner) return { slots: COLUMNS, lanes: WIDE / COLUMNS, along: false };
  if (count <= 128) return { slots: 4, lanes: 16, along: true };
  return { slots: 1, lanes: count <= 512 || results > 4096 ? THREADS : WIDE, along: true };
}

export function threadsOf({ slots, lanes }: Lanes): number {
  return slots * lanes;
}

/** Names `slot`, `lane` and `result` of a thread. */
export function laneLines({ slots, lanes, along }: Lanes, groups: number): string[] {
  const slot = along ? `local / ${lanes}u` : `local % ${slots}u`;
  const lane = along ? `local % ${lanes}u` : `local / ${slots}u`;
  return [
    `let slot: u32 = ${slot};`,
    `let lane: u32 = ${lane};`,
    `let result: u32 = ${groupText(groups)} * ${slots}u + slot;`,
  ];
}

/** Memory in which lanes bring their values together. */
export const SHARED = 'shared_values';

export interface Together {
  /** A variable that every lane has; afterwards it is the same in all lanes of a result. */
  name: string;
  combine: (a: string, b: string) => string;
  /** How many threads in a row can hand values to each other. */
  together: number;
  /** Whether the memory is used again after this. */
  again?: boolean;
}

/** Brings what each lane has together, always in the same order. */
export function togetherLines(lanes: Lanes, { name, combine, together, again = false }: Together): string[] {
  const after = again ? ['workgroupBarrier();'] : [];
  const chunk = chunkOf(lanes, together);
  if (chunk > 1) {
    const handed = handedLines(chunk, [name], combine);
    if (chunk === lanes.lanes) return handed;
    const parts = lanes.lanes / chunk;
    return [
      ...handed,
      `if (lane % ${chunk}u == 0u) { ${SHARED}[local / ${chunk}u] = ${name}; }`,
      'workgroupBarrier();',
      `${name} = ${SHARED}[slot * ${parts}u];`,
      `for (var other: u32 = 1u; other < ${parts}u; other++) { ${name} = ${combine(name, `${SHARED}[slot * ${parts}u + other]`)}; }`,
      ...after,
    ];
  }
  const other = `${SHARED}[local + reach${lanes.along ? '' : ` * ${lanes.slots}u`}]`;
  return [
    `${SHARED}[local] = ${name};`,
    'workgroupBarrier();',
    ...halvingLines(lanes.lanes, [`if (lane < reach) { ${SHARED}[local] = ${combine(`${SHARED}[local]`, other)}; }`]),
    `${name} = ${SHARED}[${placeOfFirst(lanes)}];`,
    ...after,
  ];
}

/** How many lanes of a result side by side can hand values to each other. */
export function chunkOf({ lanes, along }: Lanes, together: number): number {
  return along ? Math.min(lanes, together) : 1;
}

/** Brings variables together over each `chunk` of threads in a row: all of them then have the same. The order does not depend on the driver. */
export function handedLines(
  chunk: number,
  names: readonly string[],
  combine: (a: string, b: string) => string,
): string[] {
  return [
    `for (var reach: u32 = ${chunk / 2}u; reach > 0u; reach /= 2u) {`,
    ...names.map((name) => `${name} = ${combine(name, `${HAND}(${name}, reach)`)};`),
    '}',
  ];
}

/** Gives a thread the value of the one whose number differs in these bits. */
export const HAND = 'subgroupShuffleXor';

/**
 * Lanes take over what the lanes `reach` further on have, half as many each time. A loop, which a driver may unroll: the text that it has to
 * compile stays short.
 */
export function halvingLines(lanes: number, body: readonly string[]): string[] {
  return [`for (var reach: u32 = ${lanes / 2}u; reach > 0u; reach /= 2u) {`, ...body, 'workgroupBarrier();', '}'];
}

/** Where lane 0 of the thread's result is. */
export function placeOfFirst({ lanes, along }: Lanes): string {
  return along ? `slot * ${lanes}u` : 'slot';
}

export function sharedArray(name: string, type: Scalar, length: number): string {
  return `var<workgroup> ${name}: array<${type}, ${length}>;`;
}
