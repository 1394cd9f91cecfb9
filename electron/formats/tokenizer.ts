/** @file Byte-level BPE tokenizers (`tokenizer.json`), over @huggingface/tokenizers. */
import { join } from 'node:path';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { AtelierError } from '../contract/errors.ts';
import { readJsonObject, readJsonObjectIfAny } from './files.ts';

export interface Tokenizer {
  /** Ids of a text; special tokens written in it are parsed, none is added. */
  encode(text: string): number[];
  /** The text of ids. Ids without a token (models have spare rows) give nothing; broken UTF-8 gives U+FFFD. */
  decode(ids: readonly number[], options?: { skipSpecialTokens?: boolean }): string;
  /** One token as readable text, or undefined for an id without a token. */
  tokenText(id: number): string | undefined;
  /** The id of a token by its content, such as `<|im_end|>`. */
  idOf(token: string): number | undefined;
  isSpecial(id: number): boolean;
  /** The number of tokens, added ones included (a model's vocabulary may be larger). */
  readonly vocabSize: number;
}

/**
 * Loads `tokenizer.json` (and `tokenizer_config.json`, where it is) of a folder.
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
  const missingBytes = bytesWithoutToken(library);
  return {
    encode: (text) => {
      const ids = text === '' ? [] : library.encode(text, { add_special_tokens: false }).ids;
      // The library leaves out what has no token, without a word: the model would see another text.
      if (missingBytes.size > 0) refuseLoss(text, ids, library, file, missingBytes);
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

/** Never "cleans up" spaces before punctuation: what the model wrote is what is graded. */
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

/** Byte values that the byte-level alphabet has no token for (none in a sound tokenizer). */
function bytesWithoutToken(library: LibraryTokenizer): Set<number> {
  const missing = new Set<number>();
  for (const [byte, letter] of byteLetters()) if (library.token_to_id(letter) === undefined) missing.add(byte);
  return missing;
}

function refuseLoss(
  text: string,
  ids: readonly number[],
  library: LibraryTokenizer,
  file: string,
  missing: ReadonlySet<number>,
): void {
  const letters = byteLetters();
  const specials = new Map([...library.get_added_tokens_decoder().values()].map((token) => [token.id, token.content]));
  const bytes = new TextEncoder();
  const written = ids.reduce(
    (sum, id) =>
      sum + (specials.has(id) ? bytes.encode(specials.get(id)).length : [...(library.id_to_token(id) ?? '')].length),
    0,
  );
  const normalised = bytes.encode(text.normalize('NFC'));
  if (written >= normalised.length) return;
  const lost = normalised.find((byte) => missing.has(byte));
  const shown = lost === undefined ? 'a character' : `the byte ${lost} ("${letters.get(lost)!}")`;
  throw bad(file, `has no token for ${shown} of the text ${JSON.stringify(text.slice(0, 80))}`);
}

/** GPT-2's printable letter for each byte. */
function byteLetters(): Map<number, string> {
  const letters = new Map<number, string>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    letters.set(byte, String.fromCodePoint(printable ? byte : next++));
  }
  return letters;
}
