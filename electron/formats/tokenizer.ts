/** @file Byte-level BPE tokenizers (`tokenizer.json`), based on @huggingface/tokenizers. */
import { AtelierError } from '../contract/errors/errors.ts';
import type { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { askModelText, TEXT_LIMITS } from './model-text.ts';
import { badTokenizer, decoderOf, readTokenizerFiles, tokenizerVersion } from './tokenizer-files.ts';

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
 * Loads `tokenizer.json` (and `tokenizer_config.json`, if it exists) from a folder.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file
 */
export async function loadTokenizer(dir: string, limits = TEXT_LIMITS): Promise<Tokenizer> {
  const files = await readTokenizerFiles(dir);
  const { file, json } = files;
  const version = await tokenizerVersion(dir);
  const ask = async (text: string): Promise<number[]> =>
    (await askModelText(file, { op: 'encode', dir, version, text }, limits)) as number[];
  const library = decoderOf(files);
  // Compiles the patterns, so that a tokenizer that cannot encode is refused when it is loaded.
  await ask(' ');
  const special = new Set(json.added_tokens.filter((token) => token.special === true).map(({ id }) => id));
  const lossy = lacksBytes(library);
  return {
    encode: async (text) => {
      const ids = text === '' ? [] : await ask(text);
      // The library silently drops text that has no token, so the model would see a different text.
      if (lossy) refuseLoss(text, ids, library, file);
      return ids;
    },
    decode: (ids, options = {}) => {
      const kept = ids.filter(
        (id) => library.id_to_token(id) !== undefined && !(options.skipSpecialTokens === true && special.has(id)),
      );
      return decodeExactly(library, kept);
    },
    tokenText: (id) => (library.id_to_token(id) === undefined ? undefined : decodeExactly(library, [id])),
    idOf: (token) => library.token_to_id(token),
    isSpecial: (id) => special.has(id),
    vocabSize: library.get_vocab(true).size,
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

/** Never "cleans up" spaces before punctuation: rewards must see exactly what the model wrote. */
function decodeExactly(library: LibraryTokenizer, ids: number[]): string {
  if (ids.length === 0) return ''; // the library throws
  return library.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
}

/** Whether any byte of the byte-level alphabet has no token. A valid tokenizer has them all. */
function lacksBytes(library: LibraryTokenizer): boolean {
  return byteLetters().some((letter) => library.token_to_id(letter) === undefined);
}

function refuseLoss(text: string, ids: number[], library: LibraryTokenizer, file: string): void {
  const back = decodeExactly(library, ids);
  if (back === text || back === text.normalize('NFC')) return;
  throw badTokenizer(file, `has no token for a character of the text ${JSON.stringify(text.slice(0, 80))}`);
}

/** GPT-2's printable letter for each of the 256 bytes. */
function byteLetters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : next++);
  });
}
