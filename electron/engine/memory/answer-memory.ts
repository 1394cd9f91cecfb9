/** @file The memory that answering or scoring needs, planned from measured prompts before anything is allocated. */
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { distinctLimits } from '../../method/detail.ts';
import { isRefused, memoryRefusal, type PlannedWork } from '../../method/memory-refusal.ts';
import { limitsOf } from '../model/image-processor.ts';
import { featureBytes } from '../policy/feature-cache.ts';
import type { LoadedModel } from '../policy/loaded-model.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import type { Processor } from '../policy/processor.ts';
import { availableMemory, type AvailableMemory } from '../runtime/available-memory.ts';
import { loadRuntime } from '../runtime/backend.ts';
import type { PreparedPrompt } from '../training/batch.ts';
import { canPlan, microBatchSizes, planMemory } from './memory-plan.ts';
import { pixelBytes } from '../policy/prepare-samples.ts';
import { largestPicture, type PictureSource } from './seen-picture.ts';

export interface AnswerRequest {
  work: PlannedWork;
  model: LoadedModel;
  prompts: readonly PreparedPrompt[];
  sources: readonly PictureSource[];
  /** Prompts in the largest batch that would be useful. */
  most: number;
  /** The policy for a batch of so many of the given prompts. */
  optionsFor: (model: LoadedModel, prompts: readonly PreparedPrompt[], batch: number) => PolicyOptions;
  /** The same prompts with another limit for large pictures. */
  measured: (processor: Processor) => Promise<readonly PreparedPrompt[]>;
  memoryLimitBytes?: number | undefined;
}

/**
 * The largest batch that fits: `most`, or as little as one prompt.
 * @throws AtelierError BAD_INPUT naming the largest picture if even one prompt does not fit
 */
export async function fittingBatch(request: AnswerRequest, machine?: AvailableMemory): Promise<number> {
  const plan = await planAnswers(request, machine);
  if (plan === null) return request.most;
  if (!isRefused(plan)) return plan.microBatchPrompts;
  const { processor } = request.model;
  const picture = await largestPicture(processor, request.prompts, request.sources);
  throw memoryRefusal(
    { ...plan, ...(picture === undefined ? {} : { largestPicture: picture, ...(await advice(request, machine)) }) },
    request.work,
  );
}

/** The memory for the largest batch that fits, or for one prompt with `fits: false`; null on WebAssembly. */
export async function planAnswers(
  { optionsFor, memoryLimitBytes, model, prompts, most }: Omit<AnswerRequest, 'work' | 'sources' | 'measured'>,
  machine?: AvailableMemory,
): Promise<MemoryPlan | null> {
  const runtime = await loadRuntime();
  if (!canPlan(runtime)) return null;
  await model.processor.rest();
  return planMemory(
    {
      optionsFor: ({ microBatchPrompts }) => optionsFor(model, prompts, microBatchPrompts),
      candidates: microBatchSizes(most).map((microBatchPrompts) => ({ microBatchPrompts, byLayer: false })),
      imageBytes: featureBytes(prompts, model.processor.config),
      pixelBytes: pixelBytes(prompts, model.processor.config),
      limitBytes: memoryLimitBytes,
    },
    runtime,
    machine ?? availableMemory(),
  );
}

/** The highest lower limit of pixels with which one prompt fits. */
async function advice(
  request: AnswerRequest,
  machine: AvailableMemory | undefined,
): Promise<Pick<MemoryPlan, 'fittingMaxPixels'>> {
  for (const { processor, maxPixels } of lowerLimits(request.model)) {
    const prompts = await request.measured(processor);
    const plan = await planAnswers({ ...request, model: { ...request.model, processor }, prompts, most: 1 }, machine);
    if (plan !== null && !isRefused(plan)) return { fittingMaxPixels: maxPixels };
  }
  return {};
}

/** The model's processor with each lower limit that a level of detail means, from many pixels to few. */
export function lowerLimits({
  processor,
}: Pick<LoadedModel, 'processor'>): { processor: Processor; maxPixels: number }[] {
  const limits = limitsOf(processor.imageOptions);
  return distinctLimits(limits)
    .filter((limit) => limit.maxPixels < limits.maxPixels)
    .reverse()
    .map((limit) => ({ maxPixels: limit.maxPixels, processor: processor.limitedTo(limit.maxPixels) }));
}
