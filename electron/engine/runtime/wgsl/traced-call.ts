/** @file An entry point as a graph, with what it gives and what it changes. */
import * as tf from '@tensorflow/tfjs-core';
import type { DataId, Tensor } from '@tensorflow/tfjs-core';
import type { NodeDef } from '../graph-def.ts';
import type { NativeBackend } from '../native-api.ts';
import { phantomTensor } from '../phantoms.ts';
import type { Entry, ProgramSpec, Tensors } from '../program.ts';
import { Tracer, type Described, type TracedLoop } from '../tracer.ts';

/** Names of nodes throughout. */
export interface TracedCall {
  nodes: readonly NodeDef[];
  described: ReadonlyMap<string, Described>;
  loops: readonly TracedLoop[];
  inputs: readonly { name: string; node: string }[];
  variables: readonly { name: string; node: string }[];
  outputs: readonly { name: string; node: string }[];
  updates: readonly { variable: string; node: string }[];
  adam: TracedAdam | null;
}

export interface TracedAdam {
  rate: string;
  beta1: string;
  beta2: string;
  epsilon: string;
  slots: readonly { parameter: string; mean: string; square: string; gradient: string; decay: string | null }[];
}

/** Tensors that stand for the variables while tracing. The caller disposes of them. */
export function exampleVariables(native: NativeBackend, spec: ProgramSpec): Tensors {
  const state: Tensors = {};
  for (const [name, { shape, dtype }] of Object.entries(spec.variables))
    state[name] = phantomTensor(native, shape, dtype === 'int32' ? 'int32' : 'float32');
  return state;
}

export function traceCall(native: NativeBackend, entry: Entry, state: Tensors): TracedCall {
  const names = new Map<DataId, string>(Object.entries(state).map(([key, tensor]) => [tensor.dataId, key]));
  const variables = new Map<string, string>();
  const tracer = new Tracer(native, 'call', (dataId) => {
    const name = names.get(dataId);
    if (name === undefined) return undefined;
    variables.set(name, `variable/${name}`);
    return { name: `variable/${name}`, bfloat16: false };
  });
  let call: TracedCall | null = null;
  tf.tidy(() => {
    const inputs = Object.entries(entry.inputs).flatMap(([name, spec]) =>
      spec === undefined ? [] : [{ name, node: `in/${name}`, tensor: phantomTensor(native, spec.shape, spec.dtype) }],
    );
    for (const { node, tensor } of inputs) tracer.bind(tensor, node);
    const result = tracer.record(() =>
      entry.run(Object.fromEntries(inputs.map(({ name, tensor }) => [name, tensor])), state),
    );
    const nameOf = (tensor: Tensor): string => tracer.nameOf(tensor);
    const outputs = Object.entries(result.outputs).flatMap(([name, tensor]) =>
      tensor === undefined ? [] : [{ name, node: nameOf(tensor) }],
    );
    const updates = Object.entries(result.updates ?? {}).map(([variable, tensor]) => ({
      variable,
      node: nameOf(tensor),
    }));
    const { adam } = result;
    const traced =
      adam === undefined
        ? null
        : {
            rate: nameOf(adam.rate),
            beta1: nameOf(adam.beta1),
            beta2: nameOf(adam.beta2),
            epsilon: nameOf(adam.epsilon),
            slots: adam.slots.map(({ parameter, mean, square, gradient, decay }) => {
              // Bound even if the entry itself reads none of them.
              for (const each of [parameter, mean, square]) nameOf(state[each] as Tensor);
              return {
                parameter,
                mean,
                square,
                gradient: nameOf(gradient),
                decay: decay === undefined ? null : nameOf(decay),
              };
            }),
          };
    call = {
      nodes: tracer.nodes,
      described: tracer.described,
      loops: tracer.tracedLoops,
      inputs: inputs.map(({ name, node }) => ({ name, node })),
      variables: [...variables].map(([name, node]) => ({ name, node })),
      outputs,
      updates,
      adam: traced,
    };
  });
  if (call === null) throw new Error('Nothing was traced.');
  return call;
}
