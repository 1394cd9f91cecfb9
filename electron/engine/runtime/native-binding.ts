/**
 * @file TensorFlow's addon, made safe: its tensors have memory of their own.
 *
 * The addon lends a JavaScript array to TensorFlow instead of copying it where its address lies on the grid of the
 * processor's vector units, which is a matter of chance: a quarter of small arrays do. What was lent is given back by
 * whichever of TensorFlow's threads lets go of it last, through Node-API, which only JavaScript's own thread may call.
 * A training step assigns its variables on several threads at once, so two of them could destroy the heap, and the
 * process ended steps later in some unrelated place. Arrays off that grid are copied, and given back at once.
 */
import { unaligned } from '../../formats/unaligned.ts';
import type { NativeBinding } from './native-api.ts';

export function withOwnMemory(binding: NativeBinding): NativeBinding {
  const createTensor: NativeBinding['createTensor'] = (shape, dtype, values) =>
    binding.createTensor(shape, dtype, isNumbers(values) ? unaligned(values) : values);
  // The addon's own properties cannot be replaced, but they can be inherited.
  return Object.create(binding, { createTensor: { value: createTensor } }) as NativeBinding;
}

/** Strings come as plain arrays, which the addon copies by itself. */
function isNumbers(values: unknown): values is Float32Array | Int32Array | Uint8Array {
  return values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array;
}
