/** @file Turns an example from the pre-training stream into a program's input. */
import { processImage } from '../../../engine/model/image-processor.ts';
import { ropeIndex } from '../../../engine/model/positions.ts';
import type { Processor } from '../../../engine/policy/processor.ts';
import type { PreparedPrompt } from '../../../engine/training/batch.ts';

/** Side of every picture of the stream, in pixels. */
export const PICTURE_SIDE = 112;

export interface PromptMaker {
  prepare(question: string, rgb: Uint8Array): Promise<PreparedPrompt>;
  /** Token ids of an answer, with the end token. */
  completion(text: string): Promise<number[]>;
}

/** Questions repeat (a few wordings × a few kinds), so their ids and positions are computed only once. */
export function createPromptMaker(processor: Processor): PromptMaker {
  const { tokenizer, template, config, imageOptions, eosIds } = processor;
  const known = new Map<string, Omit<PreparedPrompt, 'images'>>();
  const textPart = async (
    question: string,
    grid: readonly [number, number, number],
  ): Promise<Omit<PreparedPrompt, 'images'>> => {
    const cached = known.get(question);
    if (cached !== undefined) return cached;
    const text = await template.render(
      [{ role: 'user', content: [{ type: 'image' }, { type: 'text', text: question }] }],
      {
        addGenerationPrompt: true,
      },
    );
    const merged = (grid[1] * grid[2]) / config.vision.spatialMergeSize ** 2;
    const inputIds = (await tokenizer.encode(text)).flatMap((id) =>
      id === config.imageTokenId ? Array.from({ length: merged }, () => id) : [id],
    );
    const made = { inputIds, ...ropeIndex(inputIds, [grid], config) };
    known.set(question, made);
    return made;
  };
  return {
    prepare: async (question, rgb) => {
      const image = processImage({ width: PICTURE_SIDE, height: PICTURE_SIDE, rgb }, imageOptions);
      return { ...(await textPart(question, [image.grid[0], image.grid[1], image.grid[2]])), images: [image] };
    },
    completion: async (text) => [...(await tokenizer.encode(text)), eosIds[0] ?? 0],
  };
}
