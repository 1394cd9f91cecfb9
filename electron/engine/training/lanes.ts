/**
 * @file Lanes: a batch computed as independent branches side by side in one graph. For small models that is far quicker
 * than splitting each product over the processor's cores, which takes longer to coordinate than to compute. Each lane has a
 * core of its own (runtime/threads.ts), and lanes meet only where their results are joined.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Entry, Specs, Tensors, TensorsOf } from '../runtime/program.ts';

/** The most lanes, up to `wanted`, into which a batch divides evenly. */
export function laneCount(batch: number, wanted: number): number {
  for (let lanes = Math.min(batch, wanted); lanes > 1; lanes--) if (batch % lanes === 0) return lanes;
  return 1;
}

/** The inputs of one lane: an input that is longer in the whole batch than in a lane is divided along its first axis. */
export function laneInputs<I extends Specs>(inputs: TensorsOf<I>, whole: I, part: I, lane: number): TensorsOf<I> {
  const own: Tensors = {};
  for (const [name, tensor] of Object.entries<Tensor>(inputs)) {
    const size = part[name]?.shape[0];
    if (size === undefined || size === whole[name]?.shape[0]) {
      own[name] = tensor;
      continue;
    }
    const rest = tensor.shape.slice(1);
    own[name] = tf.slice(tensor, [lane * size, ...rest.map(() => 0)], [size, ...rest]);
  }
  return own as TensorsOf<I>;
}

/**
 * An entry point in lanes. Outputs are joined along their first axis, and updates are those of all lanes.
 * @param make the entry point of one lane among `lanes`; with one lane, that of the whole batch
 */
export function inLanes<I extends Specs, O extends string>(
  lanes: number,
  make: (lanes: number, lane: number) => Entry<I, O>,
): Entry<I, O> {
  if (lanes === 1) return make(1, 0);
  const { inputs: whole } = make(1, 0);
  const parts = Array.from({ length: lanes }, (_, lane) => make(lanes, lane));
  return {
    inputs: whole,
    run: (inputs, variables) => {
      const results = parts.map((part, lane) => part.run(laneInputs(inputs, whole, part.inputs, lane), variables));
      const outputs: Partial<Record<O, Tensor>> = {};
      for (const name of Object.keys(results[0]?.outputs ?? {}) as O[]) {
        outputs[name] = tf.concat(
          results.map((result) => result.outputs[name] as Tensor),
          0,
        );
      }
      return { outputs, updates: Object.assign({}, ...results.map(({ updates }) => updates)) as Tensors };
    },
  };
}
