/** @file Results with several readers that one formula contains: x · sigmoid(x) reads x twice, and yet x need not be written. */
import { ELEMENTWISE } from './elementwise.ts';
import type { NodeDef } from '../graph-def.ts';
import type { TracedCall } from './traced-call.ts';
import { dataInputs } from '../graph-inputs.ts';

/** So many ops may lie between a result and the op at which all that is made of it comes together. */
const MOST_BETWEEN = 6;

export class Readers {
  private readonly of = new Map<string, Set<NodeDef>>();
  private readonly places: ReadonlyMap<NodeDef, number>;
  private readonly uses: ReadonlyMap<string, number>;

  constructor({ nodes }: TracedCall, needed: ReadonlySet<string>, uses: ReadonlyMap<string, number>) {
    this.uses = uses;
    this.places = new Map(nodes.map((node, at) => [node, at]));
    for (const node of nodes) {
      if (!needed.has(node.name)) continue;
      for (const name of dataInputs(node)) {
        const known = this.of.get(name) ?? new Set();
        this.of.set(name, known.add(node));
      }
    }
  }

  /** Whether all readers of a result work element by element, and what they make of it comes together in one of them. */
  meet(name: string): boolean {
    let open = this.readersOf(name);
    for (let turn = 0; open !== null && turn < MOST_BETWEEN; turn++) {
      const [first, ...rest] = [...open].sort((a, b) => (this.places.get(a) ?? 0) - (this.places.get(b) ?? 0));
      if (first === undefined || [first, ...rest].some(({ op }) => ELEMENTWISE[op] === undefined)) return false;
      if (rest.length === 0) return true;
      const next = this.readersOf(first.name);
      open = next === null ? null : new Set([...rest, ...next]);
    }
    return false;
  }

  /** Null if something else needs it: an output, or a variable. */
  private readersOf(name: string): Set<NodeDef> | null {
    const readers = this.of.get(name);
    if (readers === undefined) return null;
    let uses = 0;
    for (const reader of readers) uses += dataInputs(reader).filter((each) => each === name).length;
    return uses === this.uses.get(name) ? readers : null;
  }
}
