/** @file Merges an adapter into its base model's weights: W + scaling · B A, tensor by tensor, in the base's types. */
import { AtelierError } from '../contract/errors/errors.ts';
import { readAdapter, type LoraWeights } from './peft.ts';
import { openCheckpointTensors, writeSafetensors, type TensorEntry } from './safetensors.ts';
import { hubName } from './tensor-names.ts';

/**
 * Writes one safetensors file with all weights of `baseFolder`, merged with the adapter in `adapterFolder`. Only one
 * tensor is in memory at a time. Sums are computed in float32 and rounded to the base's type, as in PEFT's
 * `merge_and_unload`.
 * @throws AtelierError BAD_INPUT if the adapter does not fit the base
 */
export async function writeMerged(baseFolder: string, adapterFolder: string, target: string): Promise<void> {
  const adapter = await readAdapter(adapterFolder);
  const base = await openCheckpointTensors(baseFolder);
  try {
    const left = new Set(adapter.weights.keys());
    const entries = base.names().map((name): TensorEntry => {
      const { dtype, shape } = base.info(name);
      if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
        throw new AtelierError(
          'BAD_INPUT',
          `The tensor ${name} of ${baseFolder} has the type ${dtype}, which cannot be merged.`,
          {
            place: { file: baseFolder, field: name },
          },
        );
      }
      const module = hubName(name).replace(/\.weight$/, '');
      const lora = name.endsWith('.weight') ? adapter.weights.get(module) : undefined;
      if (lora === undefined) return { name, dtype, shape, data: () => base.readFloat32(name) };
      left.delete(module);
      return { name, dtype, shape, data: async () => merged(await base.readFloat32(name), lora) };
    });
    const [stray] = left;
    if (stray !== undefined) {
      throw new AtelierError('BAD_INPUT', `The adapter changes ${stray}, which the base model does not have.`, {
        place: { file: adapterFolder, field: stray },
      });
    }
    await writeSafetensors(target, entries, { format: 'pt' });
  } finally {
    await base.close();
  }
}

/** W + scaling · B A, in place. */
function merged(weight: Float32Array, lora: LoraWeights): Float32Array {
  const { a, b, inFeatures, outFeatures, r, scaling } = lora;
  const row = new Float64Array(inFeatures);
  for (let out = 0; out < outFeatures; out++) {
    row.fill(0);
    for (let rank = 0; rank < r; rank++) {
      const factor = scaling * (b[out * r + rank] ?? 0);
      if (factor === 0) continue;
      for (let column = 0; column < inFeatures; column++) {
        row[column] = (row[column] ?? 0) + factor * (a[rank * inFeatures + column] ?? 0);
      }
    }
    const start = out * inFeatures;
    for (let column = 0; column < inFeatures; column++) {
      weight[start + column] = (weight[start + column] ?? 0) + (row[column] ?? 0);
    }
  }
  return weight;
}
