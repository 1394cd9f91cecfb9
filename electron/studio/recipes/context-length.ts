/** @file Checks, before a run starts, that every prompt and its answer fit into the model's context. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import { fillTemplate } from '../../method/prompt-template.ts';
import { loadChatTemplate } from '../../formats/chat-template.ts';
import type { CheckpointSettings } from '../../formats/checkpoint.ts';
import { smartResize } from '../../formats/smart-resize.ts';
import { loadTokenizer } from '../../formats/tokenizer.ts';

type Asked = Pick<Sample, 'imageName' | 'width' | 'height' | 'prompt'>;

/**
 * Counts the tokens of prompt and image as the engine will. Byte-level tokenizers never produce more tokens than bytes,
 * so only samples near the limit are actually tokenized; for a large dataset, the check costs little more than reading
 * it.
 *
 * @param completionLength maximum number of tokens in an answer
 * @param maxPixels limit of the pictures; absent = the checkpoint's own
 * @throws AtelierError BAD_INPUT naming `grpo.maxCompletionLength` and the first sample that does not fit
 */
export async function checkContextLength(
  { dir, config, preprocessor }: CheckpointSettings,
  promptTemplate: string,
  completionLength: number,
  samples: readonly Asked[],
  maxPixels = preprocessor.maxPixels,
): Promise<void> {
  const limit = config.maxPositionEmbeddings;
  const template = await loadChatTemplate(dir);
  const textOf = async (question: string): Promise<string> => {
    const text = fillTemplate(promptTemplate, question);
    const content = [{ type: 'image' as const }, { type: 'text' as const, text }];
    return template.render([{ role: 'user', content }], { addGenerationPrompt: true });
  };
  const around = Buffer.byteLength(await textOf(''));
  const times = promptTemplate.split('{question}').length - 1;
  const near = samples.filter((sample) => {
    const bytes = around + times * Buffer.byteLength(sample.prompt.normalize('NFC'));
    return bytes + imageTokens(sample) + completionLength > limit;
  });
  if (near.length === 0) return;
  const tokenizer = await loadTokenizer(dir);
  for (const sample of near) {
    // The text itself contains one token that represents the image.
    const prompt = (await tokenizer.encode(await textOf(sample.prompt))).length - 1 + imageTokens(sample);
    if (prompt + completionLength <= limit) continue;
    throw new AtelierError(
      'BAD_INPUT',
      `The question about "${sample.imageName}" has ${prompt} tokens, ${imageTokens(sample)} of them for the image; with ${completionLength} for the answer it exceeds the ${limit} that the model reads.`,
      {
        place: { field: 'grpo.maxCompletionLength' },
        remedy: 'Lower the detail, or use a shorter completion or a shorter prompt template.',
      },
    );
  }

  function imageTokens({ width, height }: Asked): number {
    const factor = config.vision.patchSize * config.vision.spatialMergeSize;
    const { minPixels } = preprocessor;
    const size = smartResize({ width, height }, { factor, minPixels, maxPixels });
    return (size.width * size.height) / factor ** 2;
  }
}
