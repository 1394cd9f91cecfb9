/** @file What an entry point changes, as graph nodes: variables that get new values. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { doneNode, type NodeDef } from './graph-def.ts';
import type { ProgramSpec, Tensors, VariableSpec } from './program.ts';
import { dtypeNumber, type Tracer } from './tracer.ts';

export interface Changes {
  nodes: NodeDef[];
  /** Results of the trace that must be alive when the changes are made. */
  kept: string[];
  /** The node to fetch so that the changes are made; null when nothing changes. */
  done: string | null;
}

/** Every new value is computed before any variable changes: an entry must not see half of its own update. */
export function changeNodes(entry: string, updates: Tensors, spec: ProgramSpec, tracer: Tracer): Changes {
  const values = Object.entries(updates).map(([variable, tensor]) => ({
    variable,
    dtype: dtypeNumber(declared(entry, variable, tensor, spec).dtype),
    value: tracer.nameOf(tensor),
  }));
  const kept = values.map(({ value }) => value);
  if (kept.length === 0) return { nodes: [], kept, done: null };
  const barrier = `${entry}/barrier`;
  const nodes: NodeDef[] = [
    { name: barrier, op: 'NoOp', input: [...new Set(kept.map((name) => `^${nodeOf(name)}`))], attr: {} },
  ];
  for (const { variable, dtype, value } of values) {
    nodes.push({
      name: `${entry}/assign/${variable}`,
      op: 'AssignVariableOp',
      input: [`var/${variable}`, value, `^${barrier}`],
      attr: { dtype: { type: dtype } },
    });
  }
  const ends = values.map(({ variable }) => `${entry}/assign/${variable}`);
  const done = doneNode(`${entry}/done`, ends);
  nodes.push(done);
  return { nodes, kept, done: done.name };
}

/** The variable that is to change, which must be there, have the shape of what it gets, and not be fixed. */
function declared(
  entry: string,
  variable: string,
  { shape }: Tensor,
  spec: ProgramSpec,
): VariableSpec & { dtype: 'float32' | 'int32' } {
  const found = spec.variables[variable];
  if (found === undefined) throw new Error(`Entry point ${entry} updates ${variable}, which is no variable.`);
  if (found.shape.join() !== shape.join()) {
    throw new Error(
      `Entry point ${entry} gives ${variable} the shape [${shape.join(', ')}], not [${found.shape.join(', ')}].`,
    );
  }
  const { dtype } = found;
  if (dtype === 'bfloat16')
    throw new Error(`Entry point ${entry} updates ${variable}, which is kept in bfloat16 and fixed.`);
  return { ...found, dtype };
}

function nodeOf(name: string): string {
  return name.split(':')[0] ?? name;
}
