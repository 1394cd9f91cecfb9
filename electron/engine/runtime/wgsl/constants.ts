/** @file Constants of a graph: as numbers, and as values that need no memory where they follow a rule. */
import type { NodeDef } from '../graph-def.ts';
import { DT_BOOL, DT_FLOAT, DT_INT32, DT_INT64 } from '../graph-def.ts';
import type { Builder } from './builder.ts';
import { sizeOf } from '../program.ts';
import type { Value } from './values.ts';

export interface Constant {
  shape: readonly number[];
  data: Float32Array | Int32Array;
}

export function readConstant({ attr }: NodeDef): Constant {
  const tensor = attr['value']?.tensor;
  if (tensor === undefined) throw new Error('A constant has no value.');
  const shape = tensor.tensor_shape.dim.map(({ size }) => size);
  // A copy, because the bytes may lie anywhere in a larger buffer.
  const { buffer } = Uint8Array.from(tensor.tensor_content);
  switch (tensor.dtype) {
    case DT_FLOAT:
      return { shape, data: new Float32Array(buffer) };
    case DT_INT32:
      return { shape, data: new Int32Array(buffer) };
    case DT_BOOL:
      return { shape, data: Int32Array.from(new Uint8Array(buffer)) };
    case DT_INT64:
      return { shape, data: Int32Array.from(new BigInt64Array(buffer), Number) };
    default:
      throw new Error(`Constants of TensorFlow's type ${String(tensor.dtype)} are not supported.`);
  }
}

export function constantValue(builder: Builder, { shape, data }: Constant): Value {
  const type = data instanceof Float32Array ? 'f32' : 'i32';
  const [first = 0, second = first] = data;
  const finite = Number.isFinite(first);
  if (finite && data.every((value) => Object.is(value, first))) return builder.filled(shape, type, first);
  const step = second - first;
  if (type === 'i32' && data.every((value, place) => value === first + place * step))
    return builder.ramp(shape, first, step);
  return builder.stored(builder.storage(sizeOf(shape), type, { kind: 'constant', data }), shape);
}
