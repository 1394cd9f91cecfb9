/** @file Rows of a checkpoint's tensor, with an adapter worked into them. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Adapter, LoraWeights } from '../../formats/peft.ts';
import type { TensorInfo, TensorReader } from '../../formats/safetensors.ts';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from '../../formats/float-bits.ts';
import type { ModelConfig } from '../../formats/model-config.ts';
import { FROZEN_WEIGHTS, roundToNf4 } from '../../formats/nf4.ts';
import type { Shapes } from '../policy/loaded-model.ts';
import { roundedNames } from '../policy/rounded-weights.ts';
import type { Runtime } from '../runtime/backend.ts';
import { mergeRows } from '../runtime/merge-rows.ts';

export interface MergedTensor extends TensorInfo {
  /** As the reader calls it. */
  readonly name: string;
  readonly lora: LoraWeights | undefined;
  /** Whether the adapter was trained on this weight rounded to NF4: then the model that was trained has it so. */
  readonly rounded: boolean;
}

/** The names (short ones) of a base's weights that are rounded to NF4 before an adapter is worked into it. */
export function roundedBase(
  adapter: Pick<Adapter, 'metadata'> | null,
  shapes: Shapes,
  config: ModelConfig,
): ReadonlySet<string> {
  return adapter?.metadata[FROZEN_WEIGHTS] === 'nf4' ? roundedNames(shapes, config) : new Set();
}

/** The pair of matrices for a weight, if the adapter changes it. @param name its short name */
export function loraOf(adapter: Pick<Adapter, 'weights'>, name: string): LoraWeights | undefined {
  return name.endsWith('.weight') ? adapter.weights.get(name.slice(0, -'.weight'.length)) : undefined;
}

/**
 * The stored bytes of some rows; with an adapter, the sums are computed in float32 and rounded to the stored type, as in
 * PEFT's `merge_and_unload`. Where the adapter was trained on rounded weights, it is worked into those.
 * @param bytes filled with the base's rows
 */
export async function mergedRows(
  runtime: Runtime,
  base: TensorReader,
  { name, dtype, byteLength, shape, lora, rounded }: MergedTensor,
  { first, count }: { readonly first: number; readonly count: number },
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const rowBytes = byteLength / (shape[0] ?? 1);
  await base.readInto(name, first * rowBytes, bytes);
  if (lora === undefined && !rounded) return bytes;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new AtelierError('INTERNAL', `The tensor ${name} has the type ${dtype}, which cannot be merged.`);
  }
  const merge = async (own: Uint8Array, type: typeof dtype): Promise<Uint8Array> => {
    if (lora === undefined) return own;
    const { a, b, r, scaling, inFeatures: columns } = lora;
    const rows = b.subarray(first * r, (first + count) * r);
    return await mergeRows(runtime, { bytes: own, dtype: type, columns, a, b: rows, r, scaling });
  };
  if (!rounded) return await merge(bytes, dtype);
  const values = floatsOf(bytes, dtype);
  roundToNf4(values);
  return storedBytes(await merge(new Uint8Array(values.buffer), 'F32'), dtype);
}

function floatsOf(bytes: Uint8Array, dtype: 'F32' | 'F16' | 'BF16'): Float32Array<ArrayBuffer> {
  const buffer = bytes.slice().buffer;
  if (dtype === 'F32') return new Float32Array(buffer);
  const words = new Uint16Array(buffer);
  return Float32Array.from(words, dtype === 'BF16' ? bfloat16ToFloat32 : float16ToFloat32);
}

function storedBytes(bytes: Uint8Array, dtype: 'F32' | 'F16' | 'BF16'): Uint8Array {
  if (dtype === 'F32') return bytes;
  const values = new Float32Array(bytes.slice().buffer);
  const words = Uint16Array.from(values, dtype === 'BF16' ? float32ToBfloat16 : float32ToFloat16);
  return new Uint8Array(words.buffer);
}
