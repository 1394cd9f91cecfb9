/**
 * @file How much memory a traced entry point needs while it runs, computed from its graph. Every node's result counts from
 * the moment it is computed until its last reader has run, in the order of the trace.
 */
import type { NodeDef } from './graph-def.ts';
import { dataInputs, neededBy } from './graph-inputs.ts';

export interface TracedGraph {
  nodes: readonly NodeDef[];
  /** Bytes of every result, by `node` or `node:index`. */
  bytes: ReadonlyMap<string, number>;
  /** Results that the caller gets or that are assigned to variables: alive to the end. */
  kept: readonly string[];
  /** By the last node of each loop: what the loop reads in every iteration. */
  heldUntil?: ReadonlyMap<string, readonly string[]>;
}

/** Ops whose result is their first input's memory under another shape. */
const ALIASES = new Set(
  (
    'Reshape Identity ExpandDims Squeeze Bitcast InplaceUpdate InplaceAdd ' +
    // Of a loop: a carried value has one place in memory, in which each iteration leaves the next value.
    'Enter Merge Switch Exit'
  ).split(' '),
);
/** Values that are in memory anyway: variables are counted separately, and constants belong to the graph. */
const FREE = new Set(['ReadVariableOp', 'Const', 'VarHandleOp']);
/** Ops that write into an input's memory if nothing else needs it any more. */
const IN_PLACE = new Set(
  (
    'Abs Add AddV2 Div Erf Exp Log LogSoftmax Maximum Minimum Mul Neg RealDiv Rsqrt Sigmoid Softmax Sqrt Square Sub ' +
    'SquaredDifference Tanh'
  ).split(' '),
);

/** Peak bytes of intermediate results, fed inputs included. */
export function peakBytes({ nodes, bytes, kept, heldUntil = new Map() }: TracedGraph): number {
  // Control inputs count: a node that only must have run before has run, and was in memory.
  const needed = neededBy(nodes, kept, ({ input }) => input);
  const live = nodes.filter(({ name }) => needed.has(name));
  const owner = new Map<string, string>();
  const ownerOf = (name: string): string => owner.get(name) ?? name;
  for (const node of live) {
    const [first] = node.input;
    if (!ALIASES.has(node.op) || first === undefined) continue;
    owner.set(node.name, ownerOf(first));
    // A switch passes its value on under one of two names.
    if (node.op === 'Switch') owner.set(`${node.name}:1`, ownerOf(first));
  }
  const free = new Set(live.filter(({ op }) => FREE.has(op)).map(({ name }) => name));
  const readers = new Map<string, number>();
  for (const node of live)
    for (const name of dataInputs(node)) readers.set(ownerOf(name), (readers.get(ownerOf(name)) ?? 0) + 1);
  // Feeds belong to the caller until the call ends.
  const fed = live.filter(({ op }) => op === 'Placeholder').map(({ name }) => name);
  const looped = live.flatMap(({ name }) => heldUntil.get(name) ?? []);
  for (const name of [...kept, ...fed, ...looped]) readers.set(ownerOf(name), (readers.get(ownerOf(name)) ?? 0) + 1);

  const held = new Map<string, number>();
  let current = 0;
  let peak = 0;
  const release = (name: string): void => {
    const own = ownerOf(name);
    const remaining = (readers.get(own) ?? 0) - 1;
    readers.set(own, remaining);
    if (remaining > 0) return;
    current -= held.get(own) ?? 0;
    held.delete(own);
  };
  for (const node of live) {
    const inputs = dataInputs(node);
    if (!free.has(node.name) && !ALIASES.has(node.op)) {
      const reused = IN_PLACE.has(node.op) ? inputs.find((name) => canTakeOver(name, node)) : undefined;
      if (reused === undefined) {
        for (const name of resultsOf(node, bytes)) {
          held.set(name, bytes.get(name) ?? 0);
          current += bytes.get(name) ?? 0;
        }
        peak = Math.max(peak, current);
      } else {
        const own = ownerOf(reused);
        held.set(node.name, held.get(own) ?? 0);
        held.delete(own);
      }
    }
    for (const name of [...inputs, ...(heldUntil.get(node.name) ?? [])]) release(name);
    for (const name of resultsOf(node, bytes)) if (!readers.has(ownerOf(name))) release(name);
  }
  return peak;

  function canTakeOver(name: string, node: NodeDef): boolean {
    const own = ownerOf(name);
    return readers.get(own) === 1 && held.get(own) === bytes.get(node.name);
  }
}

function resultsOf(node: NodeDef, bytes: ReadonlyMap<string, number>): string[] {
  const names = [node.name];
  for (let index = 1; bytes.has(`${node.name}:${String(index)}`); index++) names.push(`${node.name}:${String(index)}`);
  return names;
}
