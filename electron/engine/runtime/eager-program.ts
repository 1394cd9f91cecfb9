/** @file A program without a graph compiler: entry points run op by op (WebAssembly, plain CPU, WebGPU if it is set). */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { widenBfloat16 } from '../../formats/float-bits.ts';
import { unpackNf4 } from '../../formats/nf4.ts';
import { partsOfNf4 } from './own-ops.ts';
import {
  checkFeed,
  checkValue,
  namedEntries,
  sizeOf,
  type AdamUpdate,
  type Entry,
  type FeedData,
  type FeedsOf,
  type Outputs,
  type Program,
  type ProgramSpec,
  type Specs,
  type Tensors,
  type VariableSpec,
  wholeValue,
} from './program.ts';

/** Learns whether a call has failed where failures are told later (runtime/webgpu/watch.ts). */
export interface CallGuard {
  /** Called before the first op. @returns what to call after the last: rejects if the results are worthless */
  open(): () => Promise<void>;
  /** Called when work has been handed in past tfjs, which counts as progress once it is finished. */
  handedIn(): void;
  /** Brings a new value to where it is computed with, so that host memory need not keep it. */
  place(tensor: Tensor): void;
  /** Gives back memory that nothing uses any more. */
  release(): void;
}

const UNGUARDED: CallGuard = {
  open: () => () => Promise.resolve(),
  handedIn: () => undefined,
  place: () => undefined,
  release: () => undefined,
};

/** @param guard a call that it reports as failed changes nothing */
export function createEagerProgram(spec: ProgramSpec, guard = UNGUARDED): Program {
  const variables: Tensors = {};
  const own = new Set<unknown>(namedEntries(spec.entries).map(({ entry }) => entry));
  for (const [name, { shape, dtype }] of Object.entries(spec.variables)) {
    // There are no such kernels: what is packed is widened, and takes more memory.
    variables[name] = tf.keep(tf.zeros([...shape], dtype === 'int32' ? 'int32' : 'float32'));
  }
  return {
    set(values) {
      for (const [name, data] of Object.entries(values)) {
        const declared = spec.variables[name];
        checkValue(name, declared, data);
        const dtype = declared?.dtype === 'int32' ? 'int32' : 'float32';
        variables[name]?.dispose();
        const wide = data instanceof Uint8Array ? widened(data, declared) : data;
        const tensor = tf.keep(tf.tensor(wide, [...(declared?.shape ?? [])], dtype));
        guard.place(tensor);
        variables[name] = tensor;
      }
    },
    prepare: () => undefined,
    extend(entries) {
      for (const { entry } of namedEntries(entries)) own.add(entry);
    },
    async fill(names, read, meanwhile) {
      meanwhile?.();
      for (const name of names) this.set({ [name]: await wholeValue(await read(name)) });
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
      const close = guard.open();
      const replaced: [string, Tensor][] = [];
      const undo = (): void => {
        for (const [name, before] of replaced.splice(0)) {
          variables[name]?.dispose();
          variables[name] = before;
        }
      };
      let results: Tensors;
      try {
        // Variables change before anything is awaited, so calls that overlap still happen in the order in which they were made.
        results = tf.tidy(() => {
          const inputs: Tensors = {};
          for (const [name, declared] of Object.entries(entry.inputs)) {
            if (declared === undefined) continue;
            const data = (feeds as Record<string, FeedData | undefined>)[name];
            checkFeed(name, declared, data);
            if (data !== undefined) inputs[name] = tf.tensor(data, [...declared.shape], declared.dtype);
          }
          const result = (entry as unknown as Entry).run(inputs, variables);
          for (const [name, tensor] of Object.entries({ ...result.updates, ...stepped(result.adam, variables) })) {
            const before = variables[name];
            variables[name] = tf.keep(tensor.clone());
            if (before !== undefined) replaced.push([name, before]);
          }
          // A clone of its own: an output may be one of the variables.
          return Object.fromEntries(
            Object.entries(result.outputs).flatMap(([name, tensor]) =>
              tensor === undefined ? [] : [[name, tensor.clone()]],
            ),
          );
        });
      } catch (error) {
        undo();
        // If the call failed on the device, that is the cause.
        await close();
        throw error;
      }
      try {
        await close();
      } catch (error) {
        undo();
        tf.dispose(Object.values(results));
        throw error;
      }
      tf.dispose(replaced.map(([, before]) => before));
      const outputs: Record<string, FeedData> = {};
      for (const [name, tensor] of Object.entries(results)) {
        outputs[name] = await readTensor(tensor);
      }
      return outputs as Outputs<O>;
    },
    dispose() {
      tf.dispose(Object.values(variables));
      guard.release();
    },
  };
}

/** The numbers of little-endian bfloat16. */
function widened(bytes: Uint8Array, spec: VariableSpec | undefined): Float32Array {
  if (spec?.dtype === 'nf4') {
    const { codes, scales } = partsOfNf4(bytes, sizeOf(spec.shape));
    return unpackNf4(codes, scales);
  }
  // A copy, because the bytes may begin anywhere.
  const halves = new Uint16Array(Uint8Array.from(bytes).buffer);
  const values = new Float32Array(halves.length);
  widenBfloat16(halves, values);
  return values;
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
