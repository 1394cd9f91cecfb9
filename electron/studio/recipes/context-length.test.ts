/** @file The model's context limit, checked against the token counts of the reference processor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCheckpointSettings, type CheckpointSettings } from '../../formats/checkpoint.ts';
import { checkContextLength } from './context-length.ts';

const TINY = fileURLToPath(new URL('../../engine/fixtures/qwen2vl-tiny/', import.meta.url));
const CHATS = JSON.parse(readFileSync(join(TINY, 'golden/chat.json'), 'utf8')) as Record<
  string,
  { input_ids: number[] }
>;
/** Conversation A of the golden data: one image of 70 × 70 pixels and this question. */
const ASKED = {
  imageName: 'rgb_70x70.png',
  width: 70,
  height: 70,
  prompt: 'How many different items are there in the image?',
};
const TOKENS = CHATS['A']!.input_ids.length;

async function reading(maxPositionEmbeddings: number): Promise<CheckpointSettings> {
  const settings = await readCheckpointSettings(join(TINY, 'model'));
  return { ...settings, config: { ...settings.config, maxPositionEmbeddings } };
}

describe('checkContextLength', () => {
  it('takes what fits to the last token, and refuses one more', async () => {
    const settings = await reading(TOKENS + 10);
    await expect(checkContextLength(settings, { promptTemplate: '{question}' }, 10, [ASKED])).resolves.toBeUndefined();
    await expect(checkContextLength(settings, { promptTemplate: '{question}' }, 11, [ASKED])).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { field: 'grpo.maxCompletionLength' },
      message: expect.stringContaining(`"rgb_70x70.png" has ${TOKENS} tokens`) as unknown,
    });
  });

  it('counts a larger image and a longer template', async () => {
    const settings = await reading(TOKENS + 10);
    const large = { ...ASKED, imageName: 'large.png', width: 700, height: 700 };
    await expect(checkContextLength(settings, { promptTemplate: '{question}' }, 2, [ASKED, large])).rejects.toThrow(
      /"large\.png"/,
    );
    const template = `${'Look closely. '.repeat(20)}{question}`;
    await expect(checkContextLength(settings, { promptTemplate: template }, 2, [ASKED])).rejects.toThrow(
      /for the answer it exceeds/,
    );
  });
});
