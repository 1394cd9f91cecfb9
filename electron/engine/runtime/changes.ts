/** @file What an entry point changes, as graph nodes: variables that get new values, and variables that take an Adam step. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { doneNode, DT_FLOAT, type NodeDef } from './graph-def.ts';
import type { AdamUpdate, EntryResult, ProgramSpec, VariableSpec } from './program.ts';
import { dtypeNumber, type Tracer } from './tracer.ts';

export interface Changes {
  nodes: NodeDef[];
  /** Results of the trace that must be alive when the changes are made. */
  kept: string[];
  /** The node to fetch so that the changes are made; null when nothing changes. */
  done: string | null;
}

const FLOAT = { type: DT_FLOAT };

/** Every new value and gradient is computed before any variable changes: an entry must not see half of its own update. */
export function changeNodes(entry: string, result: EntryResult, spec: ProgramSpec, tracer: Tracer): Changes {
  const values = Object.entries(result.updates ?? {}).map(([variable, tensor]) => ({
    variable,
    dtype: dtypeNumber(declared(entry, variable, tensor, spec).dtype),
    value: tracer.nameOf(tensor),
  }));
  const adam = result.adam === undefined ? [] : adamSlots(entry, result.adam, spec, tracer);
  const kept = [...values.map(({ value }) => value), ...adam.map(({ gradient }) => gradient)];
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
  for (const slot of adam) nodes.push(...adamNodes(entry, slot, barrier));
  const ends = [
    ...values.map(({ variable }) => `${entry}/assign/${variable}`),
    ...adam.map(({ parameter }) => `${entry}/adam/${parameter}`),
  ];
  const done = doneNode(`${entry}/done`, ends);
  nodes.push(done);
  return { nodes, kept, done: done.name };
}

interface NamedSlot {
  parameter: string;
  mean: string;
  square: string;
  gradient: string;
  decay: string | null;
  /** rate, β₁, β₂ and ε. */
  scalars: readonly string[];
  zero: string;
}

function adamSlots(entry: string, adam: AdamUpdate, spec: ProgramSpec, tracer: Tracer): NamedSlot[] {
  const { rate, beta1, beta2, epsilon } = adam;
  const scalars = [rate, beta1, beta2, epsilon].map((scalar) => tracer.nameOf(scalar));
  const zero = tracer.number(0);
  return adam.slots.map(({ parameter, mean, square, gradient, decay }) => {
    for (const variable of [parameter, mean, square]) declared(entry, variable, gradient, spec);
    return {
      parameter,
      mean,
      square,
      gradient: tracer.nameOf(gradient),
      decay: decay === undefined ? null : tracer.nameOf(decay),
      scalars,
      zero,
    };
  });
}

/** TensorFlow's fused op. With powers of β that are zero it takes the rate as it is, bias corrections included. */
function adamNodes(entry: string, slot: NamedSlot, barrier: string): NodeDef[] {
  const { parameter, mean, square, gradient, decay, scalars, zero } = slot;
  const handles = [parameter, mean, square].map((variable) => `var/${variable}`);
  const [rate, ...rest] = scalars as [string, ...string[]];
  const nodes: NodeDef[] = [];
  let after = barrier;
  if (decay !== null) {
    const own = `${entry}/decay/${parameter}`;
    nodes.push(
      { name: `${own}/read`, op: 'ReadVariableOp', input: [`var/${parameter}`, `^${barrier}`], attr: { dtype: FLOAT } },
      { name: `${own}/value`, op: 'Mul', input: [`${own}/read`, decay], attr: { T: FLOAT } },
      { name: own, op: 'AssignVariableOp', input: [`var/${parameter}`, `${own}/value`], attr: { dtype: FLOAT } },
    );
    after = own;
  }
  nodes.push({
    name: `${entry}/adam/${parameter}`,
    op: 'ResourceApplyAdam',
    input: [...handles, zero, zero, rate, ...rest, gradient, `^${after}`],
    attr: { T: FLOAT, use_locking: { b: false }, use_nesterov: { b: false } },
  });
  return nodes;
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
