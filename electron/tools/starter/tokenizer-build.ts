/**
 * @file Builds the starter model's tokenizer: byte-level BPE with Qwen2's pre-tokeniser, 1024 ids in all.
 *
 * Qwen2's rule splits every digit and every letter–digit border, so numbers, cells and tags are added tokens (not
 * special: they are kept when text is decoded); they include their leading space. The merges start with the words of
 * the starter texts, so that each is one token; the rest go to common English. Order of the ids: bytes, merges, added
 * tokens, Qwen's 14 special tokens.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCatalogue, type Catalogue } from '../../starter/catalogue.ts';
import { COMMON_WORDS } from '../../starter/common-words.ts';
import { byteAlphabet, QWEN2_SPLIT, SPECIAL_TOKENS } from '../../formats/qwen2-tokens.ts';
import { CHAT_TEMPLATE, nanoConfig, VOCABULARY } from '../../starter/nano-config.ts';
import { CELLS } from '../../starter/scenes.ts';
import * as texts from '../../starter/texts.ts';

/** QWEN2_SPLIT as a JavaScript regular expression. */
const SPLIT =
  /'(?:s|t|re|ve|m|ll|d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu;

/** Largest whole number that is one token. */
export const LARGEST_NUMBER = 180;

/** Tokens matched before anything else, longest first at each position. */
export function addedTokens(): string[] {
  const tags = ['<think>', '</think>', '<answer>', '</answer>', ' </think>', ' </answer>'];
  const cells = CELLS.map((cell) => ` ${cell}`);
  const numbers = Array.from({ length: LARGEST_NUMBER + 1 }, (_, n) => ` ${n}`);
  return [...tags, ...cells, ...numbers];
}

/** Every piece of the starter texts that must be one token. */
export function requiredPieces(catalogue: Catalogue): string[] {
  const kinds = catalogue.kinds.flatMap((kind) => [kind.name, kind.plural]);
  const lines = [
    'user',
    'assistant',
    'system',
    ...texts.COUNTING_WORDINGS.map((w) => texts.countingQuestion(w, '')),
    ...texts.GEOMETRY_WORDINGS.map((w) => w.text.replace('{what}', 'the')),
    ...Object.values(texts.MEASURES).map((what) => ` ${what}`),
    ...texts.LIST_WORDINGS,
    ...texts.DESCRIBE_WORDINGS,
    ...kinds.map((kind) => ` ${kind}`),
    'I see a line an angle rectangle triangle from to : by x = - + half about There are It is .',
  ];
  const pieces = new Set<string>();
  for (const line of lines) {
    for (const piece of line.match(SPLIT) ?? []) if (piece.trim().length > 0) pieces.add(piece);
  }
  return [...pieces].sort();
}

type Words = Map<string, { symbols: string[]; weight: number }>;

/** The adjacent pair with the highest weight; ties go to the alphabetically first. */
function bestPair(words: Words): [string, string] | null {
  const weights = new Map<string, number>();
  for (const { symbols, weight } of words.values()) {
    for (let i = 0; i + 1 < symbols.length; i++) {
      const pair = `${symbols[i] as string} ${symbols[i + 1] as string}`;
      weights.set(pair, (weights.get(pair) ?? 0) + weight);
    }
  }
  let best: string | null = null;
  for (const [pair, weight] of weights) {
    const top = best === null ? -1 : (weights.get(best) as number);
    if (weight > top || (weight === top && best !== null && pair < best)) best = pair;
  }
  return best === null ? null : (best.split(' ') as [string, string]);
}

function applyMerge(words: Words, [left, right]: readonly [string, string]): void {
  for (const word of words.values()) {
    const out: string[] = [];
    for (let i = 0; i < word.symbols.length; i++) {
      if (word.symbols[i] === left && word.symbols[i + 1] === right) {
        out.push(left + right);
        i++;
      } else out.push(word.symbols[i] as string);
    }
    word.symbols = out;
  }
}

function wordsOf(pieces: readonly (readonly [string, number])[]): Words {
  const alphabet = byteAlphabet();
  const words: Words = new Map();
  for (const [piece, weight] of pieces) {
    const symbols = [...new TextEncoder().encode(piece)].map((b) => alphabet[b] as string);
    words.set(piece, { symbols, weight });
  }
  return words;
}

/**
 * Trains the merges: first until every required piece is one token, then on common English until the vocabulary (bytes
 * and merged tokens) has `count` entries.
 * @throws RangeError if the required pieces alone need more
 */
export function trainMerges(required: readonly string[], count: number): [string, string][] {
  const must = wordsOf(required.map((piece) => [piece, 1] as const));
  const english = wordsOf(
    COMMON_WORDS.flatMap((word, rank) => {
      const weight = 1 / (rank + 8);
      const capital = (word[0] as string).toUpperCase() + word.slice(1);
      return [
        [` ${word}`, weight],
        [capital, weight / 6],
        [word, weight / 10],
      ] as const;
    }),
  );
  const merges: [string, string][] = [];
  const made = new Set<string>(byteAlphabet());
  for (const words of [must, english]) {
    for (let pair = bestPair(words); pair !== null; pair = bestPair(words)) {
      // Two splits can produce the same token: the vocabulary holds it once, and both merges are kept.
      const fresh = !made.has(pair.join(''));
      if (fresh && made.size === count) {
        if (words === must) throw new RangeError(`The required words need more than ${count} tokens.`);
        return merges;
      }
      applyMerge(must, pair);
      applyMerge(english, pair);
      made.add(pair.join(''));
      merges.push(pair);
    }
  }
  throw new RangeError(`Only ${made.size} of ${count} tokens could be learned.`);
}

/**
 * Contents of every file of a starter model except its weights, by file name. All starter models share nano's
 * architecture and tokenizer.
 */
export function nanoFiles(
  catalogue: Catalogue,
  settings: Record<string, unknown> = nanoConfig(),
): Record<string, string> {
  const added = addedTokens();
  const plain = VOCABULARY - added.length - SPECIAL_TOKENS.length;
  const merges = trainMerges(requiredPieces(catalogue), plain);
  const vocab: Record<string, number> = {};
  for (const symbol of byteAlphabet()) vocab[symbol] = Object.keys(vocab).length;
  for (const [left, right] of merges) vocab[left + right] ??= Object.keys(vocab).length;
  let id = Object.keys(vocab).length;
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const addedEntries = [
    ...added.map((content) => ({ id: id++, content, ...flags, special: false })),
    ...SPECIAL_TOKENS.map((content) => ({ id: id++, content, ...flags, special: true })),
  ];
  const split = { type: 'Split', pattern: { Regex: QWEN2_SPLIT }, behavior: 'Isolated', invert: false };
  const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedEntries,
    normalizer: { type: 'NFC' },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [split, { ...bytes, trim_offsets: true }] },
    post_processor: null,
    decoder: { ...bytes, trim_offsets: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges,
    },
  };
  const tokenizerConfig = {
    tokenizer_class: 'Qwen2Tokenizer',
    add_prefix_space: false,
    bos_token: null,
    eos_token: '<|im_end|>',
    pad_token: '<|endoftext|>',
    unk_token: null,
    padding_side: 'left',
    model_max_length: 2048,
    split_special_tokens: false,
    clean_up_tokenization_spaces: false,
    errors: 'replace',
    additional_special_tokens: SPECIAL_TOKENS.slice(1),
    chat_template: CHAT_TEMPLATE,
    added_tokens_decoder: Object.fromEntries(addedEntries.map(({ id: key, ...entry }) => [key, entry])),
  };
  const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
  return {
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, json(value)])),
    'tokenizer.json': json(tokenizer),
    'tokenizer_config.json': json(tokenizerConfig),
    'vocab.json': json(vocab),
    'merges.txt': `#version: 0.2\n${merges.map((pair) => pair.join(' ')).join('\n')}\n`,
    'chat_template.jinja': CHAT_TEMPLATE,
    'chat_template.json': json({ chat_template: CHAT_TEMPLATE }),
  };
}

/** Writes the files into a folder (created if missing); leaves other files, such as weights, untouched. */
export async function writeModelFiles(folder: string, settings: Record<string, unknown> = nanoConfig()): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(nanoFiles(await loadCatalogue(), settings)))
    await writeFile(join(folder, name), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '../../../resources/models/nano');
  await writeModelFiles(folder);
  process.stdout.write(`Wrote the starter model's configuration and tokenizer to ${folder}\n`);
}
