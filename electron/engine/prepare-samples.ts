/** @file The prompts of many samples, one after another, and the limit that the model's context sets to them. */
import type { EngineSample } from '../contract/engine.ts';
import { AtelierError } from '../contract/errors.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { PreparedPrompt } from './training/batch.ts';

/** Fills the template with each sample's question and reads its image. In the order of the samples. */
export async function prepareSamples(
  model: LoadedModel,
  promptTemplate: string,
  samples: readonly EngineSample[],
): Promise<PreparedPrompt[]> {
  const prompts: PreparedPrompt[] = [];
  for (const { prompt, imagePath } of samples) {
    // A function, so that "$&" in a question is no pattern.
    const text = promptTemplate.replaceAll('{question}', () => prompt);
    prompts.push(await model.processor.prepare({ prompt: text, imagePaths: [imagePath] }));
  }
  return prompts;
}

/** Tokens of the longest prompt. */
export function longestPrompt(prompts: readonly PreparedPrompt[]): number {
  return Math.max(...prompts.map(({ inputIds }) => inputIds.length));
}

/** @throws AtelierError BAD_INPUT naming `field` when the longest prompt and its completion exceed the model's context */
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
    `The longest prompt has ${String(longest)} tokens; with ${String(completionLength)} for the answer it exceeds the model's ${String(limit)}.`,
    { place: { field }, remedy: 'Use smaller images, a shorter prompt template or a shorter completion.' },
  );
}
