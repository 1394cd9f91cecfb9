/** @file Checks, before a run starts, that every prompt and its answer fit into the model's context. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { Sample } from '../../contract/model/datasets.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { fillTemplate } from '../../method/prompt-template.ts';
import { loadChatTemplate, mustTakeSystem, withSystem } from '../../formats/chat-template.ts';
import type { CheckpointSettings } from '../../formats/checkpoint.ts';
import { tileText } from '../../formats/picture-tiles.ts';
import { seenSize } from '../../formats/seen-size.ts';
import { loadTokenizer } from '../../formats/tokenizer.ts';
import { pixelLimitsOf } from '../models/detail.ts';

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
  settings: CheckpointSettings,
  { promptTemplate, systemPrompt }: Pick<Recipe, 'promptTemplate' | 'systemPrompt'>,
  completionLength: number,
  samples: readonly Asked[],
  maxPixels = settings.preprocessor.maxPixels,
): Promise<void> {
  const { dir, config } = settings;
  const limits = { ...pixelLimitsOf(settings), maxPixels };
  const limit = config.maxPositionEmbeddings;
  const template = await loadChatTemplate(dir);
  if (systemPrompt !== undefined) await mustTakeSystem(template);
  const textOf = async (question: string): Promise<string> => {
    const text = fillTemplate(promptTemplate, question);
    const content = [{ type: 'image' as const }, { type: 'text' as const, text }];
    return template.render(withSystem(systemPrompt, { role: 'user', content }), { addGenerationPrompt: true });
  };
  const around = Buffer.byteLength(await textOf(''));
  const times = promptTemplate.split('{question}').length - 1;
  const near = samples.filter((sample) => {
    const bytes = around + times * Buffer.byteLength(sample.prompt.normalize('NFC'));
    return bytes + imageTokens(sample) + markBytes(sample) + completionLength > limit;
  });
  if (near.length === 0) return;
  const tokenizer = await loadTokenizer(dir);
  for (const sample of near) {
    const prompt = await promptTokens(sample);
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

  async function promptTokens(sample: Asked): Promise<number> {
    const text = await textOf(sample.prompt);
    const image = tokenizer.decode([config.imageTokenId]);
    // The text itself contains one token that represents the picture, or its tiles and what is written between them.
    const shown = marks(sample) === null ? text : text.replace(image, () => marks(sample) ?? '');
    return (await tokenizer.encode(shown)).length - (shown === text ? 1 : 0) + imageTokens(sample);
  }

  function imageTokens({ width, height }: Asked): number {
    return seenSize({ width, height }, limits).tokens;
  }

  /** What is written between the tiles of a picture; null = it has none. */
  function marks({ width, height }: Asked): string | null {
    const plan = seenSize({ width, height }, limits).tiles;
    return plan === undefined ? null : tileText(plan, '', 0);
  }

  function markBytes(sample: Asked): number {
    return Buffer.byteLength(marks(sample) ?? '');
  }
}
