/** @file The prompts of many samples, and the limit that the model's context sets. */
import type { EngineSample } from '../../contract/engine/engine.ts';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { ModelConfig } from '../../formats/model-config.ts';
import { fillTemplate } from '../../method/prompt-template.ts';
import type { ProcessedImage } from '../model/image-processor.ts';
import type { PreparedPrompt } from '../training/batch.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { Policy } from './policy.ts';
import { sideBySide } from './side-by-side.ts';

/** Samples whose text and picture's header are read at once: most of the time, each waits for a file or a thread. */
const MEASURED_TOGETHER = 8;

/** How to read the pixels of the prompts that were only measured. */
const sources = new WeakMap<PreparedPrompt, () => Promise<ProcessedImage[]>>();

/** The words around a question, as a recipe or a job gives them. */
export interface PromptWords {
  promptTemplate: string;
  systemPrompt?: string | undefined;
}

/**
 * Fills the template with each sample's question and measures its image. Pixels are read only when they are encoded, so
 * that a job can be planned before it takes any memory. In the order of the samples.
 * @param stated take the sizes that samples state instead of opening their files; good enough for counting tokens
 * @throws AtelierError naming the file or field
 */
export async function measureSamples(
  model: LoadedModel,
  { promptTemplate, systemPrompt }: PromptWords,
  samples: readonly EngineSample[],
  { stated = false }: { stated?: boolean } = {},
): Promise<PreparedPrompt[]> {
  return sideBySide(samples, MEASURED_TOGETHER, async ({ prompt, imagePath, imageSize, upright = false, ...own }) => {
    const filled = fillTemplate(own.promptTemplate ?? promptTemplate, prompt);
    const request = { prompt: filled, imagePaths: [imagePath], upright, systemPrompt };
    const sizes = stated && imageSize !== undefined ? [imageSize] : undefined;
    const measured = await model.processor.measure(request, sizes);
    sources.set(measured, () => model.processor.readImages(request));
    return measured;
  });
}

/** Pictures that are read at once: while one is decoded on another thread, JavaScript cuts the one before it into patches. */
const READ_TOGETHER = 2;
/** Pixels that are read before they are encoded, which lets small pictures go through the tower together. */
const READ_BYTES = 64 * 1024 * 1024;

/**
 * Bytes of the pixels that are in memory at once: those of a prompt, or of as many as are read before they are encoded, and
 * the last pictures as 8-bit RGB, before and after they were resized. A picture in tiles is as large as all of them.
 */
export function pixelBytes(prompts: readonly PreparedPrompt[], { vision }: ModelConfig): number {
  let [all, most, largest] = [0, 0, 0];
  for (const { images, imagesOfPictures } of prompts) {
    const sizes = images.map(({ grid }) => 4 * vision.inChannels * grid[0] * grid[1] * grid[2] * vision.patchSize ** 2);
    const sum = sizes.reduce((total, size) => total + size, 0);
    all += sum;
    most = Math.max(most, sum);
    const tiled = imagesOfPictures?.some((count) => count > 1) === true;
    largest = Math.max(largest, ...(tiled ? [sum] : sizes));
  }
  const together = Math.min(READ_TOGETHER, prompts.length);
  return Math.max(most, Math.min(all, READ_BYTES + together * largest)) + (together * largest) / 2;
}

/** Reads and encodes the pictures of prompts that were only measured, each once. Call it before the prompts are fed. */
export async function ensureFeatures(policy: Policy, prompts: readonly PreparedPrompt[]): Promise<void> {
  const known = new Set<string | undefined>();
  const wanted: (() => Promise<ProcessedImage[]>)[] = [];
  for (const prompt of policy.missing(prompts)) {
    const source = sources.get(prompt);
    if (source === undefined || prompt.images.every((image) => known.has(image.source))) continue;
    for (const image of prompt.images) known.add(image.source);
    wanted.push(source);
  }
  let read: ProcessedImage[] = [];
  for (let next = 0; next < wanted.length; next += READ_TOGETHER) {
    const some = wanted.slice(next, next + READ_TOGETHER);
    read.push(...(await sideBySide(some, READ_TOGETHER, (source) => source())).flat());
    if (read.reduce((sum, { pixelValues }) => sum + pixelValues.byteLength, 0) < READ_BYTES) continue;
    await policy.encode(read);
    read = [];
  }
  await policy.encode(read);
}

/** Prompts that were only measured, with the pixels of their pictures, in the same order. */
export async function withPixels(prompts: readonly PreparedPrompt[]): Promise<PreparedPrompt[]> {
  return sideBySide(prompts, READ_TOGETHER, async (prompt) => {
    const source = sources.get(prompt);
    return source === undefined ? prompt : { ...prompt, images: await source() };
  });
}

/** Bytes of the pixels of so many prompts at once, and of a second copy of them, laid out for a program. */
export function heldPixelBytes(prompts: readonly PreparedPrompt[], most: number, { vision }: ModelConfig): number {
  const sizes = prompts.map(({ images }) =>
    images.reduce((sum, { grid }) => sum + grid[0] * grid[1] * grid[2] * vision.inChannels * vision.patchSize ** 2, 0),
  );
  const largest = sizes.reduce((found, size) => Math.max(found, size), 0);
  return 2 * 4 * most * largest;
}

/** Tokens of the longest prompt. */
export function longestPrompt(prompts: readonly PreparedPrompt[]): number {
  return prompts.reduce((longest, { inputIds }) => Math.max(longest, inputIds.length), 0);
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
    { place: { field }, remedy: 'Lower the detail, or use a shorter prompt template or shorter answers.' },
  );
}
