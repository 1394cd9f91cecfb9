/** @file The ops of model/fused-attention.ts as kernels. */
import { sizeOf } from '../program.ts';
import { FACTOR_COST, type Builder } from './builder.ts';
import {
  attentionKernel,
  keyGradientKernel,
  queryGradientKernel,
  type AttentionGradientCall,
  type KeySet,
} from './kernels/attention.ts';
import type { OpCall } from './op-call.ts';
import type { Value } from './values.ts';

/** The first input describes the others. */
interface Description {
  scale: number;
  keepsRows: boolean;
  sets: KeySet[];
}

const HEAD = 2;
const OF_A_SET = 3;

function describe({ constant, builder }: OpCall, inputs: readonly Value[]): Description {
  const numbers = constant(0);
  if (numbers === null) throw new Error('Attention is not described.');
  const [scale = 1, keepsRows = 0] = numbers;
  const sets: KeySet[] = [];
  let next = 0;
  const take = (): Value => readable(builder, inputs[next++]);
  for (let at = HEAD; at < numbers.length; at += OF_A_SET) {
    const [masked = 0, first = 0, places = 0] = numbers.slice(at);
    sets.push({
      keys: take(),
      values: take(),
      mask: masked === 1 ? take() : null,
      causal: places === 0 ? null : { first, places },
    });
  }
  return { scale, keepsRows: keepsRows === 1, sets: sets.filter(({ keys }) => sizeOf(keys.shape) > 0) };
}

/** Each value is read many times, and only so many buffers can be bound. */
function readable(builder: Builder, value: Value | undefined): Value {
  if (value === undefined) throw new Error('Attention lacks an input.');
  return builder.readable(value, { cost: FACTOR_COST, reads: 1 });
}

export function attention(call: OpCall): Value[] {
  const { builder, inputs, outputs } = call;
  const queries = readable(builder, inputs[1]);
  const { scale, keepsRows, sets } = describe(call, inputs.slice(2));
  const [to, rows] = outputs.map(({ shape }) => builder.storage(sizeOf(shape), 'f32'));
  if (to === undefined || rows === undefined) throw new Error('Attention gives two results.');
  if (to.size === 0 || sets.length === 0) return cleared(call);
  builder.add(attentionKernel({ queries, sets, scale, to, rows: keepsRows ? rows : null, together: builder.together }));
  return [to, rows].map((storage, at) => builder.stored(storage, outputs[at]?.shape ?? []));
}

export function queryGradient(call: OpCall): Value[] {
  const { builder, outputs } = call;
  const shape = outputs[0]?.shape ?? [];
  const gradient = gradientCall(call);
  if (gradient === null) return cleared(call);
  const to = builder.storage(sizeOf(shape), 'f32');
  builder.add(queryGradientKernel(gradient, to));
  return [builder.stored(to, shape)];
}

export function keyGradient(call: OpCall): Value[] {
  const { builder, outputs } = call;
  const [keys, values] = outputs.map(({ shape }) => builder.storage(sizeOf(shape), 'f32'));
  if (keys === undefined || values === undefined) throw new Error('The gradient of keys and values is two results.');
  const gradient = gradientCall(call);
  if (gradient === null) return cleared(call);
  builder.add(keyGradientKernel(gradient, { keys, values }));
  return [keys, values].map((storage, at) => builder.stored(storage, outputs[at]?.shape ?? []));
}

/** Results of attention without queries or keys. */
function cleared({ builder, outputs }: OpCall): Value[] {
  return outputs.map(({ shape }) => {
    const storage = builder.storage(sizeOf(shape), 'f32');
    builder.steps.push({ kind: 'clear', storage });
    return builder.stored(storage, shape);
  });
}

/** Null if there are no queries or no keys. */
function gradientCall(call: OpCall): AttentionGradientCall | null {
  const { builder, inputs } = call;
  const [queries, given, rows] = [1, 2, 3].map((at) => readable(builder, inputs[at])) as [Value, Value, Value];
  const { scale, sets } = describe(call, inputs.slice(4));
  const [set] = sets;
  return set === undefined || sizeOf(queries.shape) === 0 ? null : { queries, given, rows, set, scale };
}
