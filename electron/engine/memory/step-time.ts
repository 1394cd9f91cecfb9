/**
 * @file Roughly how long a training step will take: the matrix products it needs, divided by what this machine does of
 * them, and for decoding the weights it reads, divided by how fast it reads. tools/bench/flops.ts counts the same
 * products in detail; docs/performance.md shows what share of the machine's peak the phases reach.
 */
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { nf4Bytes } from '../../formats/nf4.ts';
import { familyOf } from '../../formats/model-config.ts';
import { needsReference } from '../../method/kl-curve.ts';
import { isSeen } from '../model/lora.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { machineSpeed, type MachineSpeed } from '../runtime/product-rate.ts';
import { sizeOf } from '../runtime/program.ts';
import type { TrainingSetup } from '../trainer/setup.ts';

/** Share of the best product's rate that a phase reaches on the whole; docs/performance.md, "Phases". */
const SHARE_OF_PEAK = 0.65;

/** @returns null if nothing is compiled on this machine */
export async function stepSeconds(
  setup: TrainingSetup,
  plan: Pick<MemoryPlan, 'precision' | 'byLayer'>,
): Promise<number | null> {
  const { native } = await loadRuntime();
  if (native === null) return null;
  return secondsAt(setup, plan, machineSpeed(native, plan.precision === 'bfloat16' ? 'bfloat16' : 'float32'));
}

/** Seconds of one step on a machine of the given speed; pure. */
export function secondsAt(
  {
    job: { recipe },
    model,
    adapter,
    trainable,
    prompts,
    shape,
  }: Pick<TrainingSetup, 'job' | 'model' | 'adapter' | 'trainable' | 'prompts' | 'shape'>,
  { precision, byLayer }: Pick<MemoryPlan, 'precision' | 'byLayer'>,
  { flopsPerSecond, bytesPerSecond }: MachineSpeed,
): number {
  const { config } = model.processor;
  const { promptsPerStep, numIterations } = recipe.grpo;
  const layers = weightsIn(model.shapes, 'model.layers.');
  // Linear attention costs the same for every token, and little beside the products with weights.
  const withAttention = config.numLayers - (config.linear?.layers.length ?? 0);
  const attended = 4 * config.numHeads * config.headDim * withAttention;
  const promptTokens = mean(prompts.map(({ inputIds }) => inputIds.length));
  const completions = promptsPerStep * shape.groupSize * (shape.completionLength - 1);
  const logits = 2 * config.hiddenSize * config.vocabSize;

  const prefill = promptsPerStep * (2 * layers * promptTokens + attended * promptTokens ** 2);
  const answers = completions * (2 * layers + attended * (promptTokens + shape.completionLength / 2) + logits);
  const forward = prefill + answers;
  // Frozen weights need gradients of their inputs only; trained ones need their own as well.
  const update = numIterations * forward * ((adapter === null ? 3 : 2) + (byLayer ? 1 : 0));
  const supervised = recipe.method === 'sft';
  const reference = !supervised && needsReference(recipe.klSchedule) ? forward : 0;
  // A picture is encoded once and its features are kept; or, where what encodes it is trained, for sampling, for the reference
  // and, with a backward pass, for the update of every step.
  const seen = trainable.some(isSeen);
  const passes = (supervised ? 0 : 1) + (reference > 0 ? 1 : 0) + 3 * numIterations;
  const encoded = seen
    ? promptsPerStep * passes
    : Math.min(prompts.length, recipe.steps * promptsPerStep) / recipe.steps;
  const encode =
    encoded *
    mean(prompts.map(({ images }) => images.reduce((sum, { grid }) => sum + imageFlops(grid[1] * grid[2]), 0)));
  const products = (encode + update + reference + (supervised ? 0 : prefill)) / (SHARE_OF_PEAK * flopsPerSecond);
  if (supervised) return products;

  const table = config.hiddenSize * config.vocabSize;
  const read = layers * BYTES[precision] + table * (precision === 'float32' || !model.storedAsBfloat16 ? 4 : 2);
  const decode = Math.max(
    answers / (SHARE_OF_PEAK * flopsPerSecond),
    ((shape.completionLength - 1) * read) / bytesPerSecond,
  );
  return products + decode;

  function imageFlops(patches: number): number {
    const { embedDim, depth, windows, spatialMergeSize } = config.vision;
    const { layers, merged } = familyOf(config).vision;
    const blocks = weightsIn(model.shapes, layers);
    const mergers = merged.reduce((sum, prefix) => sum + weightsIn(model.shapes, prefix), 0);
    const full = windows === undefined ? depth : windows.fullLayers.length;
    const window = ((windows?.side ?? 0) * spatialMergeSize) ** 2;
    const attended = patches * (patches * full + Math.min(patches, window) * (depth - full));
    return patches * 2 * (blocks + mergers / spatialMergeSize ** 2) + 4 * attended * embedDim;
  }
}

/** Of a weight in a layer. */
const BYTES: Record<MemoryPlan['precision'], number> = { float32: 4, bfloat16: 2, nf4: nf4Bytes(1) };

/** The number of weights in the matrices whose names begin so. */
function weightsIn(shapes: TrainingSetup['model']['shapes'], prefix: string): number {
  return Object.entries(shapes)
    .filter(([name, shape]) => name.startsWith(prefix) && shape.length === 2)
    .reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
