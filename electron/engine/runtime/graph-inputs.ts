/** @file Which nodes of a graph a node reads, and which of them its results need. */
import type { NodeDef } from './graph-def.ts';

/** The node that gives a result, or that a control input waits for. */
export function nodeOf(name: string): string {
  return name.replace(/^\^/, '').replace(/:\d+$/, '');
}

/** Without control inputs, which say only what must have run before. */
export function dataInputs({ input }: NodeDef): string[] {
  return input.filter((name) => !name.startsWith('^'));
}

/**
 * The names of the nodes that the kept results need.
 * @param inputsOf what of a node counts: `dataInputs` where the order is known anyway, or all of its inputs
 */
export function neededBy(
  nodes: readonly NodeDef[],
  kept: readonly string[],
  inputsOf: (node: NodeDef) => readonly string[],
): Set<string> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const needed = new Set<string>();
  const open = kept.map(nodeOf);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const node = byName.get(name);
    if (node !== undefined) open.push(...inputsOf(node).map(nodeOf));
  }
  return needed;
}
