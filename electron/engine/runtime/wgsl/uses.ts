/** @file Who reads what in a traced entry point, and what is written in place when. */
import { dataInputs, neededBy, nodeOf } from '../graph-inputs.ts';
import type { TracedCall } from './traced-call.ts';

/** Ops whose result is their first input's memory. */
export const ALIASES = new Set('Enter ExpandDims Identity InplaceAdd InplaceUpdate Reshape Squeeze'.split(' '));
const IN_PLACE = new Set(['InplaceAdd', 'InplaceUpdate']);
/** These pass a carried value on; what reads it are the ops of the body. */
const PASSES = new Set('Exit LoopCond Merge NextIteration Switch'.split(' '));

/** The nodes that the kept results need, and how often each result is read. */
export function usesOf(
  { nodes, loops }: TracedCall,
  kept: readonly string[],
): { needed: Set<string>; uses: Map<string, number> } {
  const needed = neededBy(nodes, kept, dataInputs);
  const uses = new Map<string, number>();
  const use = (name: string): void => void uses.set(name, (uses.get(name) ?? 0) + 1);
  for (const node of nodes) {
    if (!needed.has(node.name) || PASSES.has(node.op)) continue;
    for (const name of dataInputs(node)) use(name);
  }
  for (const name of kept) use(name);
  for (const loop of loops) for (const name of loop.results) if (needed.has(nodeOf(name))) use(name);
  return { needed, uses };
}

/**
 * Tells for a result where in the list of nodes its memory is written for the last time after it was made: −1 if never. Results share
 * memory if one is another under a new shape, or is passed on from iteration to iteration.
 */
export function writtenInPlace({ nodes, loops }: TracedCall): (name: string) => number {
  const owner = new Map<string, string>();
  const ownerOf = (name: string): string => owner.get(name) ?? name;
  const last = new Map<string, number>();
  const carried = new Map(
    loops.flatMap(({ initial, values }) => values.map((name, at) => [name, initial[at] ?? name])),
  );
  const given = new Map(
    loops.flatMap(({ initial, exits }) => exits.map((name, at) => [name, initial[at + 1] ?? name])),
  );
  nodes.forEach((node, place) => {
    const from = carried.get(node.name) ?? given.get(node.name) ?? (ALIASES.has(node.op) ? node.input[0] : undefined);
    if (from !== undefined) owner.set(node.name, ownerOf(from));
    if (IN_PLACE.has(node.op)) last.set(ownerOf(node.name), place);
  });
  return (name) => last.get(ownerOf(name)) ?? -1;
}
