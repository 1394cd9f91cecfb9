/** @file Token ids and texts match the reference tokenizer exactly. */
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

const TINY = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/', import.meta.url));
const GOLDEN = JSON.parse(readFileSync(join(TINY, 'golden/tokenization.json'), 'utf8')) as {
  text: string;
  ids: number[];
  decoded: string;
  decoded_skip_special: string;
}[];

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(join(TINY, 'model'));
});

const BPE = { type: 'BPE', vocab: {}, merges: [] };

async function folderWith(tokenizerJson: unknown): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'atelier-tokenizer-'));
  await writeFile(join(dir, 'tokenizer.json'), JSON.stringify(tokenizerJson));
  return dir;
}

describe('loadTokenizer', () => {
  it.each(GOLDEN)('agrees on $text', async ({ text, ids, decoded, decoded_skip_special: plain }) => {
    expect(await tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(decoded);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(plain);
  });

  it('brings any normalised text back', async () => {
    for (const text of [
      ' , . ! ?',
      "do n't 's",
      '\ufeffmark',
      'a\0b',
      '\u0085\u2028\u200b',
      '<|im_',
      '🏴󠁧󠁢󠁥󠁮󠁧󠁿 <|im_end|>',
    ]) {
      expect(tokenizer.decode(await tokenizer.encode(text))).toBe(text);
    }
  });

  it('knows its tokens', () => {
    expect(tokenizer.vocabSize).toBe(320);
    expect([tokenizer.idOf('<|image_pad|>'), tokenizer.idOf('no such token')]).toEqual([318, undefined]);
    expect([tokenizer.isSpecial(318), tokenizer.isSpecial(39)]).toEqual([true, false]);
    expect([tokenizer.tokenText(39), tokenizer.tokenText(220), tokenizer.tokenText(318)]).toEqual([
      'H',
      ' ',
      '<|image_pad|>',
    ]);
  });

  it('takes ids that a model has and the tokenizer has not', () => {
    expect(tokenizer.tokenText(321)).toBeUndefined();
    expect(tokenizer.decode([39, 321, 72, 5000])).toBe('Hi');
    expect(tokenizer.decode([])).toBe('');
  });

  it('shows half a character as U+FFFD', async () => {
    const [first] = await tokenizer.encode('é');
    expect(tokenizer.decode([first!])).toBe('\ufffd');
  });

  it('refuses to lose a character that has no token', async () => {
    const json = JSON.parse(readFileSync(join(TINY, 'model/tokenizer.json'), 'utf8')) as {
      model: { vocab: Record<string, number>; merges: unknown[] };
    };
    const { '!': _, ...vocab } = json.model.vocab;
    const poor = await loadTokenizer(await folderWith({ ...json, model: { ...json.model, vocab } }));
    expect(poor.decode(await poor.encode('Hello <|im_end|> world'))).toBe('Hello <|im_end|> world');
    await expect(poor.encode('Hello!')).rejects.toThrow(/no token for a character of the text "Hello!"/);
  });

  it.each([
    ['another kind of tokenizer', { model: { type: 'Unigram' } }, /not a byte-pair/],
    ['a tokenizer without its parts', { model: { type: 'BPE', vocab: {} }, added_tokens: [] }, /cannot be used/],
    ['a tokenizer without a vocabulary', { model: { type: 'BPE' } }, /has no object "model\.vocab"/],
    ['null among the added tokens', { model: BPE, added_tokens: [null] }, /"added_tokens" that is not an object/],
    ['merges that are not pairs', { model: { ...BPE, merges: [null] } }, /has no list of pairs "model\.merges"/],
    ['an id that would fill the memory', { model: { ...BPE, vocab: { a: 4e9 } } }, /the token "a" an id that is not/],
    ['an added id that would', { model: BPE, added_tokens: [{ id: 4e9, content: 'a' }] }, /an id that is not/],
    [
      'a decoder with a pattern',
      { model: BPE, decoder: { type: 'Replace', pattern: { Regex: '(a+)+$' } } },
      /decoder with a regular expression/,
    ],
    ['added tokens without ids', { model: BPE, added_tokens: [{}] }, /without an id/],
  ])('refuses %s', async (_, json, message) => {
    await expect(loadTokenizer(await folderWith(json))).rejects.toThrow(message);
  });

  it('says which file is missing', async () => {
    await expect(loadTokenizer('/nowhere')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      place: { file: join('/nowhere', 'tokenizer.json') },
    });
  });
});
