/** @file The changes an entry point makes, as graph nodes: variables that get new values, and variables that take an Adam step. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { doneNode, DT_FLOAT, type NodeDef } from './graph-def.ts';
import type { AdamUpdate, EntryResult, ProgramSpec, VariableSpec } from './program.ts';
import { dtypeNumber, type Tracer } from './tracer.ts';

export interface Changes {
  nodes: NodeDef[];
  /** Results of the trace that must be alive when the changes are made. */
  kept: string[];
  /** The node to fetch so that the changes are made; null if nothing changes. */
  done: string | null;
}

const FLOAT = { type: DT_FLOAT };

/** Every new value and gradient is computed before any variable changes, so that an entry never sees half of its own update. */
export function changeNodes(entry: string, result: EntryResult, spec: ProgramSpec, tracer: Tracer): Changes {
  const values = Object.entries(result.updates ?? {}).map(([variable, tensor]) => ({
    variable,
    dtype: dtypeNumber(declared(entry, variable, tensor, spec).dtype),
    value: tracer.nameOf(tensor),
  }));
  const slots = result.adam?.slots ?? [];
  for (const { parameter, mean, square, gradient } of slots) {
    for (const variable of [parameter, mean, square]) declared(entry, variable, gradient, spec);
  }
  const kept = [...values.map(({ value }) => value), ...slots.map(({ gradient }) => tracer.nameOf(gradient))];
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
  if (result.adam !== undefined) nodes.push(...adamNodes(entry, result.adam, barrier, tracer));
  const ends = [
    ...values.map(({ variable }) => `${entry}/assign/${variable}`),
    ...slots.map(({ parameter }) => `${entry}/adam/${parameter}`),
  ];
  const done = doneNode(`${entry}/done`, ends);
  nodes.push(done);
  return { nodes, kept, done: done.name };
}

/** TensorFlow's fused op. With powers of β set to zero it uses the given rate, which includes the bias corrections. */
function adamNodes(
  entry: string,
  { rate, beta1, beta2, epsilon, slots }: AdamUpdate,
  barrier: string,
  tracer: Tracer,
): NodeDef[] {
  const zero = tf.scalar(0);
  const scalars = [zero, zero, rate, beta1, beta2, epsilon].map((scalar) => tracer.nameOf(scalar));
  return slots.flatMap(({ parameter, mean, square, gradient, decay }) => {
    const handles = [parameter, mean, square].map((variable) => `var/${variable}`);
    const decayed = decay === undefined ? [] : decayNodes(entry, parameter, tracer.nameOf(decay), barrier);
    const step: NodeDef = {
      name: `${entry}/adam/${parameter}`,
      op: 'ResourceApplyAdam',
      input: [...handles, ...scalars, tracer.nameOf(gradient), `^${decayed.at(-1)?.name ?? barrier}`],
      attr: { T: FLOAT, use_locking: { b: false }, use_nesterov: { b: false } },
    };
    return [...decayed, step];
  });
}

/** θ ← decay · θ, the assignment last. */
function decayNodes(entry: string, parameter: string, decay: string, barrier: string): NodeDef[] {
  const own = `${entry}/decay/${parameter}`;
  const handle = `var/${parameter}`;
  return [
    { name: `${own}/read`, op: 'ReadVariableOp', input: [handle, `^${barrier}`], attr: { dtype: FLOAT } },
    { name: `${own}/value`, op: 'Mul', input: [`${own}/read`, decay], attr: { T: FLOAT } },
    { name: own, op: 'AssignVariableOp', input: [handle, `${own}/value`], attr: { dtype: FLOAT } },
  ];
}

/** The variable to change. @throws Error if it does not exist, has another shape, or is kept in bfloat16 */
function declared(
  entry: string,
  variable: string,
  { shape }: Tensor,
  spec: ProgramSpec,
): VariableSpec & { dtype: 'float32' | 'int32' } {
  const found = spec.variables[variable];
  if (found === undefined) throw new Error(`Entry point ${entry} updates ${variable}, which is not a variable.`);
  if (found.shape.join() !== shape.join()) {
    throw new Error(
      `Entry point ${entry} gives ${variable} the shape [${shape.join(', ')}], not [${found.shape.join(', ')}].`,
    );
  }
  const { dtype } = found;
  if (dtype === 'bfloat16' || dtype === 'nf4')
    throw new Error(`Entry point ${entry} updates ${variable}, which is kept in ${dtype} and cannot change.`);
  return { ...found, dtype };
}

function nodeOf(name: string): string {
  return name.split(':')[0] ?? name;
}
