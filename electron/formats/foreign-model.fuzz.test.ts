/** @file A model's files, each damaged in one place: whatever happens is said in words, with the file named. */
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { INTERNAL_WORDS } from '../contract/errors/cause-words.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { loadChatTemplate } from './chat-template.ts';
import { readCheckpoint, readCheckpointSettings } from './checkpoint.ts';
import { readAdapter } from './peft.ts';
import { damaged, jsonText } from './testing/foreign-json.ts';
import { loadTokenizer } from './tokenizer.ts';

const FIXTURES = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-foreign-'));
  await cp(join(FIXTURES, 'model'), join(folder, 'model'), { recursive: true });
  await cp(join(FIXTURES, 'lora'), join(folder, 'lora'), { recursive: true });
});

const openModel = async (path: string): Promise<void> => {
  const { tensors } = await readCheckpoint(path);
  await tensors.close();
};

/** What reads each file, and how many damaged ones it gets. */
const READERS: [file: string, runs: number, read: (folder: string) => Promise<unknown>][] = [
  ['model/config.json', 400, openModel],
  ['model/preprocessor_config.json', 200, readCheckpointSettings],
  ['model/generation_config.json', 100, readCheckpointSettings],
  ['model/tokenizer_config.json', 150, loadTokenizer],
  ['model/tokenizer_config.json', 100, loadChatTemplate],
  ['model/tokenizer.json', 150, loadTokenizer],
  ['lora/adapter_config.json', 200, readAdapter],
];

describe('a damaged file', () => {
  it.each(READERS)('%s (%i times) is used, or refused in words', { timeout: 300_000 }, async (file, numRuns, read) => {
    const path = join(folder, file);
    const original = await readFile(path, 'utf8');
    try {
      await fc.assert(
        fc.asyncProperty(damaged(JSON.parse(original)), async (value) => {
          await writeFile(path, jsonText(value));
          const error: unknown = await read(join(folder, file.split('/')[0] ?? '')).then(
            () => null,
            (thrown: unknown) => thrown,
          );
          if (error === null) return;
          expect(error).toBeInstanceOf(AtelierError);
          expect((error as AtelierError).message.replaceAll(/"[^"]*"/g, '')).not.toMatch(INTERNAL_WORDS);
          expect((error as AtelierError).message).toContain(join(folder, file.split('/')[0] ?? ''));
        }),
        { seed: 22, numRuns },
      );
    } finally {
      await writeFile(path, original);
    }
  });
});
