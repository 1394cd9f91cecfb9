/** @file Byte-level BPE tokenizers (`tokenizer.json`), based on @huggingface/tokenizers. */
import { join } from 'node:path';
import { AtelierError } from '../contract/errors/errors.ts';
import { askModelText, TEXT_LIMITS } from './model-text.ts';
import { decoderOf, type TokenTable } from './token-table.ts';
import { badTokenizer, TOKENIZER, tokenizerVersion } from './tokenizer-files.ts';

export interface Tokenizer {
  /**
   * The ids of a text. Special tokens in the text are parsed; none are added. The tokenizer's patterns come from the
   * model's author, so they are matched in a thread with limits of time and memory.
   * @throws AtelierError BAD_INPUT naming the file if a pattern hangs, or a character has no token
   */
  encode(text: string): Promise<number[]>;
  /** The text of ids. Ids without a token (models have spare rows) yield nothing; invalid UTF-8 yields U+FFFD. */
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string;
  /** One token as readable text, or undefined for an id without a token. */
  tokenText(id: number): string | undefined;
  /** The id of a token by its content, such as `<|im_end|>`. */
  idOf(token: string): number | undefined;
  isSpecial(id: number): boolean;
  /** The number of tokens, including added ones. A model's vocabulary may be larger. */
  readonly vocabSize: number;
}

/**
 * Loads `tokenizer.json` (and `tokenizer_config.json`, if it exists) from a folder. The thread that matches its patterns also
 * reads the files, so that only a compact table of the tokens reaches this process.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file
 */
export async function loadTokenizer(dir: string, limits = TEXT_LIMITS): Promise<Tokenizer> {
  const file = join(dir, TOKENIZER);
  const version = await tokenizerVersion(dir);
  // The thread also compiles the patterns, so that a tokenizer that cannot encode is refused when it is loaded.
  const table = (await askModelText(file, { op: 'tokenizer', dir, version }, limits)) as TokenTable;
  const decoder = decoderOf(table, file);
  return {
    encode: async (text) => {
      if (text === '') return [];
      const ids = (await askModelText(file, { op: 'encode', dir, version, text }, limits)) as number[];
      // The library silently drops text that has no token, so the model would see a different text.
      if (decoder.lossy) refuseLoss(text, decoder.decode(ids), file);
      return ids;
    },
    decode: (ids, options = {}) =>
      decoder.decode(
        ids.filter((id) => decoder.has(id) && !(options.skipSpecialTokens === true && decoder.isSpecial(id))),
      ),
    tokenText: (id) => (decoder.has(id) ? decoder.decode([id]) : undefined),
    idOf: (token) => decoder.idOf(token),
    isSpecial: (id) => decoder.isSpecial(id),
    vocabSize: decoder.size,
  };
}

/** The text of the token that stands for a picture. @throws AtelierError BAD_INPUT if it is not a special token */
export function imageToken(tokenizer: Tokenizer, id: number, dir: string): string {
  const text = tokenizer.decode([id]);
  if (tokenizer.idOf(text) === id && tokenizer.isSpecial(id)) return text;
  throw new AtelierError('BAD_INPUT', `${dir}: image_token_id ${id} is not a special token of the tokenizer.`, {
    place: { file: dir, field: 'image_token_id' },
    remedy: 'Check that config.json, tokenizer.json and tokenizer_config.json belong together.',
  });
}

function refuseLoss(text: string, back: string, file: string): void {
  if (back === text || back === text.normalize('NFC')) return;
  throw badTokenizer(file, `has no token for a character of the text ${JSON.stringify(text.slice(0, 80))}`);
}
