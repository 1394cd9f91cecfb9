/** @file A program without a graph compiler: entry points run op by op (WebAssembly, plain CPU). */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import {
  checkFeed,
  checkValue,
  namedEntries,
  type AdamUpdate,
  type Entry,
  type FeedData,
  type FeedsOf,
  type Outputs,
  type Program,
  type ProgramSpec,
  type Specs,
  type Tensors,
} from './program.ts';

export function createEagerProgram(spec: ProgramSpec): Program {
  const variables: Tensors = {};
  const own = new Set<unknown>(namedEntries(spec.entries).map(({ entry }) => entry));
  for (const [name, { shape, dtype }] of Object.entries(spec.variables)) {
    if (dtype === 'bfloat16') throw new Error(`${name}: bfloat16 variables need native TensorFlow.`);
    variables[name] = tf.keep(tf.zeros([...shape], dtype));
  }
  return {
    set(values) {
      for (const [name, data] of Object.entries(values)) {
        const declared = spec.variables[name];
        checkValue(name, declared, data);
        const dtype = declared?.dtype === 'int32' ? 'int32' : 'float32';
        variables[name]?.dispose();
        variables[name] = tf.keep(tf.tensor(data, [...(declared?.shape ?? [])], dtype));
      }
    },
    prepare: () => undefined,
    async fill(names, read, meanwhile) {
      meanwhile?.();
      for (const name of names) this.set({ [name]: await read(name) });
    },
    async get(names) {
      const values: Record<string, Float32Array> = {};
      for (const name of names) {
        const variable = variables[name];
        if (variable === undefined) throw new Error(`The program has no variable named ${name}.`);
        values[name] = (await variable.data<'float32'>()).slice();
      }
      return values;
    },
    async call<I extends Specs, O extends string>(entry: Entry<I, O>, feeds: FeedsOf<I>): Promise<Outputs<O>> {
      if (!own.has(entry)) throw new Error('The entry point belongs to another program.');
      // Variables change before anything is awaited, so calls that overlap still happen in the order in which they were made.
      const results = tf.tidy(() => {
        const inputs: Tensors = {};
        for (const [name, declared] of Object.entries(entry.inputs)) {
          if (declared === undefined) continue;
          const data = (feeds as Record<string, FeedData | undefined>)[name];
          checkFeed(name, declared, data);
          if (data !== undefined) inputs[name] = tf.tensor(data, [...declared.shape], declared.dtype);
        }
        const result = (entry as unknown as Entry).run(inputs, variables);
        for (const [name, tensor] of Object.entries({ ...result.updates, ...stepped(result.adam, variables) })) {
          const fresh = tf.keep(tensor.clone());
          variables[name]?.dispose();
          variables[name] = fresh;
        }
        // A clone of its own: an output may be one of the variables.
        return Object.fromEntries(Object.entries(result.outputs).map(([name, tensor]) => [name, tensor?.clone()]));
      });
      const outputs: Record<string, FeedData> = {};
      for (const [name, tensor] of Object.entries(results)) {
        if (tensor !== undefined) outputs[name] = await readTensor(tensor);
      }
      return outputs as Outputs<O>;
    },
    dispose() {
      tf.dispose(Object.values(variables));
    },
  };
}

/** New values of all variables of an Adam step. */
function stepped(adam: AdamUpdate | undefined, variables: Tensors): Tensors {
  if (adam === undefined) return {};
  const { rate, beta1, beta2, epsilon } = adam;
  const values: Tensors = {};
  for (const { parameter, mean, square, gradient, decay } of adam.slots) {
    const [theta, m, v] = [variables[parameter], variables[mean], variables[square]] as [Tensor, Tensor, Tensor];
    const nextMean = tf.add(m, tf.mul(tf.sub(gradient, m), tf.sub(1, beta1)));
    const nextSquare = tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), tf.sub(1, beta2)));
    const step = tf.mul(rate, tf.div(nextMean, tf.add(tf.sqrt(nextSquare), epsilon)));
    values[parameter] = tf.sub(decay === undefined ? theta : tf.mul(theta, decay), step);
    values[mean] = nextMean;
    values[square] = nextSquare;
  }
  return values;
}

async function readTensor(tensor: Tensor): Promise<FeedData> {
  const data = await tensor.data();
  tensor.dispose();
  return data instanceof Float32Array || data instanceof Int32Array ? data.slice() : Int32Array.from(data);
}
