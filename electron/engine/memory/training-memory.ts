/** @file The memory that a training job needs, and the ways of dividing its updates to choose from. */
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { featureBytes } from '../policy/feature-cache.ts';
import { isSeen } from '../model/lora.ts';
import { heldPixelBytes, pixelBytes } from '../policy/prepare-samples.ts';
import { isLarge } from '../policy/precision.ts';
import { isRefused } from '../../method/memory-refusal.ts';
import { availableMemory, type AvailableMemory } from '../runtime/available-memory.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { prepareTraining, type TrainingSetup } from '../trainer/setup.ts';
import { trainingPolicyOptions, type MemoryOption } from '../trainer/training-policy.ts';
import { updateLayout } from '../training/update/update-step.ts';
import { lowerLimits } from './answer-memory.ts';
import { canPlan, microBatchSizes, planMemory, workloads } from './memory-plan.ts';
import { largestPicture } from './seen-picture.ts';

/** Products of a large model gain nothing from more rows than this; more rows would only cost memory. */
const LONG_PRODUCT_ROWS = 768;
/** The same for one lane of a small model, where every micro-batch costs the launch of its ops. */
const LONG_LANE_ROWS = 1500;

/** The workload that the job asks for and that is fast. The machine's memory may require a smaller one. */
export function wantedOption(setup: TrainingSetup): MemoryOption {
  const { job, model, shape, lanes } = setup;
  const { sizes, byLayer } = updateLayout(job.recipe, job.microBatchPrompts);
  const asked = sizes.at(-1) ?? job.recipe.grpo.promptsPerStep;
  const rowsPerPrompt = shape.promptLength + shape.groupSize * (shape.completionLength - 1);
  const longRows = isLarge(model) ? LONG_PRODUCT_ROWS : LONG_LANE_ROWS * lanes;
  const long = microBatchSizes(asked).filter((size) => size * rowsPerPrompt >= longRows);
  return { microBatchPrompts: long.at(-1) ?? asked, byLayer };
}

/** All workloads that need no more memory than the one the job asks for, fastest first. */
export function candidatesOf(setup: TrainingSetup): MemoryOption[] {
  const all = workloads(setup.job.recipe.grpo.promptsPerStep, wantedOption(setup));
  // By layer, only adapters inside layers get gradients. Full fine-tuning trains the embeddings as well.
  // Nor does the gradient reach the vision tower then.
  return all.filter(({ byLayer }) => (setup.adapter !== null && !setup.trainable.some(isSeen)) || !byLayer);
}

/** The memory that the job needs with the fastest of the candidates that fits; null on WebAssembly. */
export async function planTraining(
  setup: TrainingSetup,
  candidates: readonly MemoryOption[],
  machine: AvailableMemory = availableMemory(),
): Promise<MemoryPlan | null> {
  const runtime = await loadRuntime();
  if (!canPlan(runtime)) return null;
  const { job, model, prompts } = setup;
  const seen = Math.min(prompts.length, job.recipe.steps * job.recipe.grpo.promptsPerStep);
  return planMemory(
    {
      optionsFor: (workload) => trainingPolicyOptions(setup, workload).options,
      candidates,
      imageBytes: featureBytes(prompts.slice(0, seen), model.processor.config),
      pixelBytes: pixelBytes(prompts.slice(0, seen), model.processor.config),
      heldBytes: setup.trainable.some(isSeen)
        ? heldPixelBytes(prompts, job.recipe.grpo.promptsPerStep, model.processor.config)
        : 0,
      limitBytes: job.memoryLimitBytes,
    },
    runtime,
    machine,
  );
}

/** The plan with the picture that decides, and the highest lower limit of pixels with which the job would fit. */
export async function withAdvice(
  setup: TrainingSetup,
  plan: MemoryPlan,
  machine: AvailableMemory = availableMemory(),
): Promise<MemoryPlan> {
  const sources = setup.job.samples.map(({ imagePath, imageName, upright = false }) => ({
    images: [{ path: imagePath, name: imageName }],
    upright,
  }));
  const picture = await largestPicture(setup.model.processor, setup.prompts, sources);
  if (picture === undefined) return plan;
  const told: MemoryPlan = { ...plan, largestPicture: picture };
  if (!isRefused(plan)) return told;
  for (const { maxPixels } of lowerLimits(setup.model)) {
    const { attribution, evaluates } = setup;
    const job = { ...setup.job, recipe: { ...setup.job.recipe, maxPixels } };
    const smaller = await prepareTraining(job, { attribution, evaluates }, { stated: true });
    const other = await planTraining(smaller, candidatesOf(smaller), machine);
    if (other !== null && !isRefused(other)) return { ...told, fittingMaxPixels: maxPixels };
  }
  return told;
}
