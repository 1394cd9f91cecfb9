/** @file Whole prompts, exactly as the reference processor prepares them. */
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../formats/chat-template.ts';
import { decodeImage } from '../../formats/image-decode.ts';
import { createProcessor, type Processor } from './processor.ts';

interface GoldenChat {
  messages: ChatMessage[];
  rendered: string;
  input_ids: number[];
  image_grid_thw: [number, number, number][];
}

const TINY = fileURLToPath(new URL('../fixtures/qwen2vl-tiny/', import.meta.url));
const CHATS = JSON.parse(readFileSync(join(TINY, 'golden/chat.json'), 'utf8')) as Record<string, GoldenChat>;
const ROPE = JSON.parse(readFileSync(join(TINY, 'golden/rope.json'), 'utf8')) as Record<
  string,
  { position_ids: number[][][]; rope_deltas: number[] }
>;

function withPaths(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map((message) => ({
    ...message,
    content:
      typeof message.content === 'string'
        ? message.content
        : message.content.map((part) => (part.type === 'image' ? { ...part, image: join(TINY, part.image!) } : part)),
  }));
}

let processor: Processor;
beforeAll(async () => {
  processor = await createProcessor(join(TINY, 'model'));
});

describe('createProcessor', () => {
  it('knows what ends an answer and what pads', () => {
    expect([processor.eosIds, processor.padId]).toEqual([[308, 306], 306]);
  });

  it.each(Object.entries(CHATS))('prepares conversation %s as the reference does', async (name, golden) => {
    const prepared = await processor.prepare({ messages: withPaths(golden.messages) });
    expect(prepared.text).toBe(golden.rendered);
    expect(prepared.inputIds).toEqual(golden.input_ids);
    expect(prepared.images.map((image) => image.grid)).toEqual(golden.image_grid_thw);
    expect([...prepared.positions]).toEqual(ROPE[name]!.position_ids.flat(2));
    expect(prepared.delta).toBe(ROPE[name]!.rope_deltas[0]);
  });

  it('puts a system prompt before the one question', async () => {
    const system = { role: 'system', content: 'You count.' } as const;
    const whole = await processor.prepare({ messages: [system, { role: 'user', content: 'How many?' }] });
    const { text, inputIds } = await processor.prepare({ prompt: 'How many?', systemPrompt: 'You count.' });
    expect(text).toBe(whole.text);
    expect(inputIds).toEqual(whole.inputIds);
    expect(text).toContain('system\nYou count.<|im_end|>');
    expect(text).not.toContain('helpful assistant');
  });

  it('turns a photograph as EXIF says before it is cut into patches, and leaves it as stored where that is asked', async () => {
    const images = fileURLToPath(new URL('../../formats/fixtures/images/', import.meta.url));
    const folder = await mkdtemp(join(tmpdir(), 'atelier-processor-'));
    const prepare = async (path: string, upright?: boolean) =>
      (await processor.prepare({ prompt: 'q?', imagePaths: [path], ...(upright === undefined ? {} : { upright }) }))
        .images[0]?.pixelValues;
    for (const turn of [2, 3, 4, 5, 6, 7, 8]) {
      const turned = join(images, `orientation_${turn}.png`);
      // Pillow says in upright.json what turning gives; here its pixels are a file without an orientation.
      const { rgb, width, height } = await decodeImage(turned, { autoOrient: true });
      const plain = join(folder, `${turn}.png`);
      await sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(plain);
      expect(await prepare(turned)).toEqual(await prepare(plain));
      expect(await prepare(turned, false)).toEqual(await prepare(join(images, 'orientation_1.png'), false));
    }
  });

  it('puts the images of a question before its text', async () => {
    const golden = CHATS['A']!;
    const prepared = await processor.prepare({
      prompt: 'How many different items are there in the image?',
      imagePaths: [join(TINY, 'images/rgb_70x70.png')],
    });
    expect(prepared.inputIds).toEqual(golden.input_ids);
  });

  it('refuses text that spells the image token', async () => {
    await expect(processor.prepare({ prompt: 'see <|image_pad|>' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { field: 'prompt' },
    });
  });

  it('names the image that cannot be used', async () => {
    const path = join(TINY, 'README.md');
    await expect(processor.prepare({ prompt: 'x', imagePaths: [path] })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: path },
    });
  });

  it('refuses a configuration whose image token is not one of the tokenizer', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'atelier-processor-'));
    await cp(join(TINY, 'model'), dir, { recursive: true });
    const config = JSON.parse(await readFile(join(dir, 'config.json'), 'utf8')) as Record<string, unknown>;
    await writeFile(join(dir, 'config.json'), JSON.stringify({ ...config, image_token_id: 12 }));
    await expect(createProcessor(dir)).rejects.toMatchObject({ code: 'BAD_INPUT', place: { field: 'image_token_id' } });
  });
});
