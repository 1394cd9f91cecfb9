/**
 * @file Makes TensorFlow's addon safe: its tensors have memory of their own.
 *
 * If the address of a JavaScript array is aligned for the processor's vector units, which happens by chance to a quarter of
 * small arrays, the addon lends the array to TensorFlow instead of copying it. The loan is returned by whichever
 * TensorFlow thread releases it last, through Node-API, which only JavaScript's own thread may call. A training step
 * assigns its variables on several threads at once, so two of them could corrupt the heap, and the process ended steps
 * later in some unrelated place. Arrays that are not aligned are copied and released at once (docs/decisions/0006).
 */
import { unaligned } from '../../formats/unaligned.ts';
import type { NativeBinding } from './native-api.ts';

export function withOwnMemory(binding: NativeBinding): NativeBinding {
  const createTensor: NativeBinding['createTensor'] = (shape, dtype, values) =>
    binding.createTensor(shape, dtype, isNumbers(values) ? unaligned(values) : values);
  // The addon's own properties cannot be replaced, but they can be inherited.
  return Object.create(binding, { createTensor: { value: createTensor } }) as NativeBinding;
}

/** Strings come as plain arrays, which the addon always copies. */
function isNumbers(values: unknown): values is Float32Array | Int32Array | Uint8Array {
  return values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array;
}
