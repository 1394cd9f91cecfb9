/** @file The prompts of many samples, and the limit that the model's context sets. */
import type { EngineSample } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import { fillTemplate } from '../../method/prompt-template.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { Policy } from './policy.ts';
import type { PreparedPrompt } from '../training/batch.ts';

/** Pixels that are kept after the first read. Further images are read again when they are encoded. */
const KEPT_PIXEL_BYTES = 256 * 1024 * 1024;

/** How to read the prompts again whose pixels were dropped. */
const sources = new WeakMap<PreparedPrompt, () => Promise<PreparedPrompt>>();

/** Fills the template with each sample's question and reads its image. In the order of the samples. */
export async function prepareSamples(
  model: LoadedModel,
  promptTemplate: string,
  samples: readonly EngineSample[],
  keptPixelBytes = KEPT_PIXEL_BYTES,
): Promise<PreparedPrompt[]> {
  const prompts: PreparedPrompt[] = [];
  let bytes = 0;
  for (const { prompt, imagePath, upright = false } of samples) {
    const text = fillTemplate(promptTemplate, prompt);
    const read = (): Promise<PreparedPrompt> =>
      model.processor.prepare({ prompt: text, imagePaths: [imagePath], upright });
    const prepared = await read();
    bytes += prepared.images.reduce((sum, { pixelValues }) => sum + pixelValues.byteLength, 0);
    prompts.push(bytes <= keptPixelBytes ? prepared : withoutPixels(prepared, read));
  }
  return prompts;
}

function withoutPixels(prompt: PreparedPrompt, read: () => Promise<PreparedPrompt>): PreparedPrompt {
  const light = { ...prompt, images: prompt.images.map((image) => ({ ...image, pixelValues: new Float32Array() })) };
  sources.set(light, read);
  return light;
}

/** Reads and encodes the images of prompts whose pixels were dropped. Call it before the prompts are fed. */
export async function ensureFeatures(policy: Policy, prompts: readonly PreparedPrompt[]): Promise<void> {
  const read: { prompt: PreparedPrompt; images: PreparedPrompt['images'] }[] = [];
  for (const prompt of policy.missing(prompts)) {
    const source = sources.get(prompt);
    if (source !== undefined) read.push({ prompt, images: (await source()).images });
  }
  await policy.encode(read);
}

/** Tokens of the longest prompt. */
export function longestPrompt(prompts: readonly PreparedPrompt[]): number {
  return Math.max(...prompts.map(({ inputIds }) => inputIds.length));
}

/** @throws AtelierError BAD_INPUT naming `field` if the longest prompt and its completion exceed the model's context */
export function checkContext(
  model: LoadedModel,
  prompts: readonly PreparedPrompt[],
  completionLength: number,
  field: string,
): void {
  const longest = longestPrompt(prompts);
  const limit = model.processor.config.maxPositionEmbeddings;
  if (longest + completionLength <= limit) return;
  throw new AtelierError(
    'BAD_INPUT',
    `The longest prompt has ${String(longest)} tokens. With ${String(completionLength)} for the answer, it exceeds the model's context of ${String(limit)}.`,
    { place: { field }, remedy: 'Use smaller images, a shorter prompt template or shorter answers.' },
  );
}
