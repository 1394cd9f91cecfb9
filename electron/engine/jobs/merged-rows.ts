/** @file Rows of a checkpoint's tensor, with an adapter worked into them. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Adapter, LoraWeights } from '../../formats/peft.ts';
import type { TensorInfo, TensorReader } from '../../formats/safetensors.ts';
import type { Runtime } from '../runtime/backend.ts';
import { mergeRows } from '../runtime/merge-rows.ts';

export interface MergedTensor extends TensorInfo {
  /** As the reader calls it. */
  readonly name: string;
  readonly lora: LoraWeights | undefined;
}

/** The pair of matrices for a weight, if the adapter changes it. @param name its short name */
export function loraOf(adapter: Pick<Adapter, 'weights'>, name: string): LoraWeights | undefined {
  return name.endsWith('.weight') ? adapter.weights.get(name.slice(0, -'.weight'.length)) : undefined;
}

/**
 * The stored bytes of some rows; with an adapter, the sums are computed in float32 and rounded to the stored type, as in
 * PEFT's `merge_and_unload`.
 * @param bytes filled with the base's rows
 */
export async function mergedRows(
  runtime: Runtime,
  base: TensorReader,
  { name, dtype, byteLength, shape, lora }: MergedTensor,
  { first, count }: { readonly first: number; readonly count: number },
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const rowBytes = byteLength / (shape[0] ?? 1);
  await base.readInto(name, first * rowBytes, bytes);
  if (lora === undefined) return bytes;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw new AtelierError('INTERNAL', `The tensor ${name} has the type ${dtype}, which cannot be merged.`);
  }
  const { a, b, r, scaling, inFeatures: columns } = lora;
  return mergeRows(runtime, { bytes, dtype, columns, a, b: b.subarray(first * r, (first + count) * r), r, scaling });
}
