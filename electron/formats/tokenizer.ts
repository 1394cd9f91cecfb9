/** @file Byte-level BPE tokenizers (`tokenizer.json`), based on @huggingface/tokenizers. */
import { join } from 'node:path';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { AtelierError } from '../contract/errors/errors.ts';
import { readJsonObject, readJsonObjectIfAny } from './files.ts';

export interface Tokenizer {
  /** The ids of a text. Special tokens in the text are parsed; none are added. */
  encode(text: string): number[];
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
export async function loadTokenizer(dir: string): Promise<Tokenizer> {
  const file = join(dir, 'tokenizer.json');
  const json = await readJsonObject(file);
  const settings = (await readJsonObjectIfAny(join(dir, 'tokenizer_config.json'))) ?? {};
  const special = specialIds(json, file);
  let library: LibraryTokenizer;
  try {
    library = new LibraryTokenizer(json, settings);
  } catch (cause) {
    throw bad(file, `cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const lossy = lacksBytes(library);
  return {
    encode: (text) => {
      const ids = text === '' ? [] : library.encode(text, { add_special_tokens: false }).ids;
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

/** Never "cleans up" spaces before punctuation: rewards must see exactly what the model wrote. */
function decodeExactly(library: LibraryTokenizer, ids: number[]): string {
  if (ids.length === 0) return ''; // the library throws
  return library.decode(ids, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
}

function bad(file: string, why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file} ${why}.`, {
    place: { file },
    remedy: 'Use the tokenizer files that came with the model.',
  });
}

function specialIds(json: Record<string, unknown>, file: string): Set<number> {
  const model = json['model'] as { type?: unknown } | undefined;
  if (model?.type !== 'BPE') throw bad(file, 'is not a byte-pair (BPE) tokenizer');
  const added = json['added_tokens'] ?? [];
  if (!Array.isArray(added)) throw bad(file, 'has no list "added_tokens"');
  const special = new Set<number>();
  for (const token of added as { id?: unknown; special?: unknown }[]) {
    if (typeof token.id !== 'number') throw bad(file, 'has an added token without an id');
    if (token.special === true) special.add(token.id);
  }
  return special;
}

/** Whether any byte of the byte-level alphabet has no token. A valid tokenizer has them all. */
function lacksBytes(library: LibraryTokenizer): boolean {
  return byteLetters().some((letter) => library.token_to_id(letter) === undefined);
}

function refuseLoss(text: string, ids: number[], library: LibraryTokenizer, file: string): void {
  const back = decodeExactly(library, ids);
  if (back === text || back === text.normalize('NFC')) return;
  throw bad(file, `has no token for a character of the text ${JSON.stringify(text.slice(0, 80))}`);
}

/** GPT-2's printable letter for each of the 256 bytes. */
function byteLetters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : next++);
  });
}
