/**
 * @file The texts of a tokenizer's tokens in two typed arrays. A vocabulary of 150,000 tokens takes 2 MB this way, and tens of
 * megabytes as the objects of a JSON file. A thread reads the file, and this is what it hands over.
 */
import type { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { badTokenizer, libraryTokenizer, type AddedToken, type TokenizerFiles } from './tokenizer-files.ts';

export interface TokenTable {
  /** The UTF-16 code units of all tokens, by id. */
  readonly units: Uint16Array<ArrayBuffer>;
  /** Where the text of each id ends. An id without a token has an empty text. */
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly added: readonly AddedToken[];
  /** `decoder` of the file, which matches no patterns, and what else decides how ids become text. */
  readonly decoder: unknown;
  readonly model: Readonly<Record<string, unknown>>;
  /** Whether any byte of the byte-level alphabet has no token. A valid tokenizer has them all. */
  readonly lossy: boolean;
}

/** @param library made from these files */
export function tableOf({ json }: TokenizerFiles, library: LibraryTokenizer): TokenTable {
  const texts = library.model?.vocab ?? [];
  const ends = new Uint32Array(texts.length);
  let length = 0;
  for (let id = 0; id < texts.length; id += 1) {
    length += texts[id]?.length ?? 0;
    ends[id] = length;
  }
  const units = new Uint16Array(length);
  let at = 0;
  for (const text of texts as (string | undefined)[]) {
    for (let index = 0; index < (text?.length ?? 0); index += 1) units[at++] = text!.charCodeAt(index);
  }
  const { vocab: _vocab, merges: _merges, ...model } = json.model;
  return {
    units,
    ends,
    added: json.added_tokens,
    decoder: json['decoder'] ?? null,
    model,
    lossy: byteLetters().some((letter) => library.token_to_id(letter) === undefined),
  };
}

/** Turns ids into text without the file: no patterns, no merges. */
export interface TokenDecoder {
  readonly size: number;
  readonly lossy: boolean;
  /** Whether an id has a token. */
  has(id: number): boolean;
  idOf(token: string): number | undefined;
  isSpecial(id: number): boolean;
  /** The text of ids that have tokens. Never "cleans up" spaces: rewards must see exactly what the model wrote. */
  decode(ids: readonly number[]): string;
}

/** @param file named in errors @throws AtelierError BAD_INPUT if the library does not know the decoder */
export function decoderOf(table: TokenTable, file: string): TokenDecoder {
  const { units, ends, added, decoder, model, lossy } = table;
  const library = libraryTokenizer(
    file,
    {
      added_tokens: added,
      decoder,
      model: { ...model, vocab: {}, merges: [] },
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
    },
    {},
  );
  // The library looks ids up here. Only those that were asked for are in it.
  const known = library.model?.vocab;
  if (known === undefined) throw badTokenizer(file, 'has no model');
  const startOf = (id: number): number => (id === 0 ? 0 : ends[id - 1]!);
  const has = (id: number): boolean => id >= 0 && id < ends.length && ends[id]! > startOf(id);
  const learn = (id: number): void => {
    known[id] ??= String.fromCharCode(...units.subarray(startOf(id), ends[id]));
  };
  const ids = new Map(added.map(({ content, id }) => [content, id]));
  const special = new Set(added.filter((token) => token.special === true).map(({ id }) => id));
  return {
    size: ends.reduce((count, _, id) => count + (has(id) ? 1 : 0), 0),
    lossy,
    has,
    isSpecial: (id) => special.has(id),
    idOf: (token) => ids.get(token) ?? find(units, ends, token),
    decode: (some) => {
      if (some.length === 0) return ''; // the library throws
      some.forEach(learn);
      return library.decode([...some], { skip_special_tokens: false, clean_up_tokenization_spaces: false });
    },
  };
}

function find(units: Uint16Array, ends: Uint32Array, token: string): number | undefined {
  if (token === '') return undefined;
  let start = 0;
  for (const [id, end] of ends.entries()) {
    if (end - start === token.length && isAt(units, start, token)) return id;
    start = end;
  }
  return undefined;
}

function isAt(units: Uint16Array, start: number, token: string): boolean {
  for (let index = 0; index < token.length; index += 1)
    if (units[start + index] !== token.charCodeAt(index)) return false;
  return true;
}

/** GPT-2's printable letter for each of the 256 bytes. */
function byteLetters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCodePoint(printable ? byte : next++);
  });
}
