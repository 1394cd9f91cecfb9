/** @file The memory and time that training a model would take which is not on this machine, from its configuration. */
import type { LoraConfig } from '../../contract/model/recipe.ts';
import type { SizeUpJob } from '../../contract/engine/engine.ts';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import { parseModelConfig } from '../../formats/model-config.ts';
import { expectedTensors } from '../../formats/tensor-names.ts';
import { adaptedModules, loraShapes } from '../model/lora.ts';
import {
  DEFAULT_IMAGE_OPTIONS,
  imageTokenCount,
  pictureGrids,
  type ImageProcessorOptions,
} from '../model/image-processor.ts';
import { patchLayout } from '../model/patch-positions.ts';
import { stepSeconds } from '../memory/step-time.ts';
import { candidatesOf, planTraining } from '../memory/training-memory.ts';
import type { LoadedAdapter, LoadedModel } from '../policy/loaded-model.ts';
import { availableMemory, type AvailableMemory } from '../runtime/available-memory.ts';
import { loadRuntime } from '../runtime/backend.ts';
import type { TrainingSetup } from '../trainer/setup.ts';
import { shapeFor, type PreparedPrompt } from '../training/batch.ts';

/**
 * @returns null if nothing is compiled on this machine
 * @throws AtelierError BAD_INPUT for a configuration that Atelier does not support
 */
export async function sizeUp(job: SizeUpJob, machine: AvailableMemory = availableMemory()): Promise<MemoryPlan | null> {
  const { lanes, native } = await loadRuntime();
  if (native === null) return null;
  const setup = supposedSetup(job, lanes);
  // Prompt by prompt: the least that it takes. Every other workload would need a graph of its own.
  const least = candidatesOf(setup).filter(({ microBatchPrompts }) => microBatchPrompts === 1);
  const found = await planTraining(setup, least, machine);
  if (found === null) return null;
  const seconds = await stepSeconds(setup, found);
  return { ...found, ...(seconds === null ? {} : { secondsPerStep: seconds }) };
}

/** The job as if the model were here and every question had the same picture. */
export function supposedSetup(job: SizeUpJob, lanes: number): TrainingSetup {
  const { recipe } = job;
  const config = parseModelConfig(job.config, { file: `${job.name}/config.json` });
  const shapes = Object.fromEntries(expectedTensors(config));
  const { minPixels, maxPixels, tiles } = job.pixelLimits;
  const imageOptions: ImageProcessorOptions = {
    ...DEFAULT_IMAGE_OPTIONS,
    minPixels,
    maxPixels: recipe.maxPixels ?? maxPixels,
    ...(tiles === undefined ? {} : { tiles }),
    patchSize: config.vision.patchSize,
    mergeSize: config.vision.spatialMergeSize,
  };
  const images = pictureGrids(job.picture, imageOptions).images.map((grid, index) => ({
    grid,
    pixelValues: new Float32Array(),
    layout: patchLayout(grid, config.vision),
    source: `a picture #${String(index)}`,
  }));
  const imageTokens = images.reduce((sum, { grid }) => sum + imageTokenCount(grid, imageOptions.mergeSize), 0);
  const length = job.textTokens + Math.ceil(imageTokens);
  const prompt: PreparedPrompt = {
    inputIds: new Array<number>(length).fill(0),
    positions: new Int32Array(3 * length),
    delta: 0,
    images,
    imagesOfPictures: [images.length],
  };
  // A plan asks nothing else of a processor than its configuration, and which tokens are never drawn.
  const tokenizer = { idOf: () => undefined };
  const processor = { config, imageOptions, tokenizer, eosIds: [0], padId: 0 } as unknown as LoadedModel['processor'];
  // Published weights are bfloat16.
  const model: LoadedModel = { path: job.name, processor, shapes, storedAsBfloat16: true };
  const adapter = recipe.adapter.kind === 'lora' ? emptyAdapter(recipe.adapter, model) : null;
  return {
    attribution: null,
    evaluates: false,
    job: { recipe, modelPath: job.name, samples: [], memoryLimitBytes: job.memoryLimitBytes },
    model,
    adapter,
    trainable: adapter === null ? Object.keys(shapes) : Object.keys(adapter.shapes),
    prompts: [prompt],
    targets: [],
    shape: {
      ...shapeFor([prompt], recipe.grpo.promptsPerStep),
      groupSize: recipe.grpo.numGenerations,
      completionLength: Math.max(2, recipe.grpo.maxCompletionLength),
    },
    lanes,
  };
}

/** Shapes without values, which no plan reads. */
function emptyAdapter(
  { targetModules, layers = ['language'], r, loraAlpha }: LoraConfig,
  model: LoadedModel,
): LoadedAdapter {
  const modules = adaptedModules(model.shapes, targetModules, { layers, config: model.processor.config });
  return { modules, shapes: loraShapes(model.shapes, modules, r), values: {}, scaling: loraAlpha / r };
}
