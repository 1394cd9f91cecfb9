/** @file A model folder's `tokenizer.json`: its checks, and the library's tokenizer made from it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { causeWords } from '../contract/errors/cause-words.ts';
import { AtelierError } from '../contract/errors/errors.ts';
import { readError, readJsonObject, readJsonObjectIfAny } from './files.ts';

export const TOKENIZER = 'tokenizer.json';
const TOKENIZER_CONFIG = 'tokenizer_config.json';

export interface TokenizerFiles {
  readonly file: string;
  /** `tokenizer.json`; the parts that are checked have the forms given here. */
  readonly json: Record<string, unknown> & { readonly model: BpeModel; readonly added_tokens: readonly AddedToken[] };
  /** `tokenizer_config.json`, or empty. */
  readonly settings: Record<string, unknown>;
}

interface BpeModel extends Record<string, unknown> {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly unknown[];
}

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: unknown;
}

/** Tables are as long as the highest id. The largest published vocabularies have about 260,000 tokens. */
const MOST_TOKENS = 1 << 20;
/** Characters of all added tokens together; each may take a node of a tree. */
const MOST_ADDED_CHARACTERS = 1 << 20;
/** The longest text that a step may put in another's place, which bounds how much a text can grow. */
const MOST_STEP_TEXT = 64;
/** Steps that make a text longer. Published tokenizers have one. */
const MOST_GROWING_STEPS = 2;
const MOST_STEPS = 64;

/** The error for a tokenizer that cannot be used. */
export function badTokenizer(file: string, why: string): AtelierError {
  return new AtelierError('BAD_INPUT', `${file} ${why}.`, {
    place: { file },
    remedy: 'Use the tokenizer files that came with the model.',
  });
}

/**
 * Reads and checks the files of a byte-pair tokenizer.
 * @throws AtelierError NOT_FOUND or BAD_INPUT naming the file
 */
export async function readTokenizerFiles(dir: string): Promise<TokenizerFiles> {
  const file = join(dir, TOKENIZER);
  const json = await readJsonObject(file);
  const settingsFile = join(dir, TOKENIZER_CONFIG);
  const settings = (await readJsonObjectIfAny(settingsFile)) ?? {};
  const model = json['model'];
  if (!isObject(model) || model['type'] !== 'BPE') throw badTokenizer(file, 'is not a byte-pair (BPE) tokenizer');
  const { vocab } = model;
  if (!isObject(vocab)) throw badTokenizer(file, 'has no object "model.vocab"');
  // Entries would make a list for each token.
  for (const token of Object.keys(vocab)) checkId(vocab[token], token, file);
  const merges = model['merges'] ?? [];
  if (!Array.isArray(merges) || !merges.every(isMerge)) throw badTokenizer(file, 'has no list of pairs "model.merges"');
  const added = json['added_tokens'] ?? [];
  if (!Array.isArray(added)) throw badTokenizer(file, 'has no list "added_tokens"');
  for (const token of added as unknown[]) {
    if (!isObject(token)) throw badTokenizer(file, 'has an entry in "added_tokens" that is not an object');
    const { id, content } = token;
    if (id === undefined) throw badTokenizer(file, 'has an added token without an id');
    if (typeof content !== 'string' || content === '') throw badTokenizer(file, 'has an added token without a text');
    checkId(id, content, file);
  }
  const tokens = withDeclared(added as AddedToken[], declaredTokens(settings, settingsFile), settingsFile);
  const characters = tokens.reduce((sum, { content }) => sum + content.length, 0);
  if (characters > MOST_ADDED_CHARACTERS)
    throw badTokenizer(file, `has added tokens with more than ${MOST_ADDED_CHARACTERS} characters`);
  checkSteps(json['normalizer'], 'normalizers', file);
  checkSteps(json['pre_tokenizer'], 'pretokenizers', file);
  // Decoding runs outside the thread, so it may not match patterns.
  checkSteps(json['decoder'], 'decoders', file, (step) => {
    if (isObject(step['pattern']) && step['pattern']['Regex'] !== undefined)
      throw badTokenizer(file, 'has a decoder with a regular expression, which is not supported');
  });
  return {
    file,
    json: { ...json, model: { ...model, vocab, merges } as BpeModel, added_tokens: tokens },
    settings,
  };
}

/** The tokens of `added_tokens_decoder`: published folders keep most special tokens there and nowhere else. */
function declaredTokens(settings: Record<string, unknown>, file: string): AddedToken[] {
  const declared = settings['added_tokens_decoder'] ?? {};
  if (!isObject(declared)) throw badTokenizer(file, 'has "added_tokens_decoder" that is not an object');
  return Object.entries(declared).map(([key, token]) => {
    const content = isObject(token) ? token['content'] : undefined;
    if (!isObject(token) || typeof content !== 'string' || content === '')
      throw badTokenizer(
        file,
        `has an entry ${JSON.stringify(key.slice(0, 40))} in "added_tokens_decoder" without a text`,
      );
    const id = Number(key);
    checkId(id, content, file);
    return {
      lstrip: false,
      rstrip: false,
      single_word: false,
      normalized: token['special'] !== true,
      ...token,
      id,
      content,
    };
  });
}

/** What `tokenizer.json` lacks is added; a token is special if either file says so. */
function withDeclared(added: readonly AddedToken[], declared: readonly AddedToken[], file: string): AddedToken[] {
  const byId = new Map(added.map((token) => [token.id, token]));
  for (const token of declared) {
    const known = byId.get(token.id);
    if (known !== undefined && known.content !== token.content) {
      const [ours, theirs] = [known, token].map(({ content }) => JSON.stringify(content.slice(0, 40)));
      throw badTokenizer(file, `gives the id ${token.id} to ${theirs}, but ${TOKENIZER} gives it to ${ours}`);
    }
    byId.set(
      token.id,
      known === undefined ? token : { ...known, special: known.special === true || token.special === true },
    );
  }
  return [...byId.values()];
}

/** Everything, patterns included; only for the expendable thread. */
export function encoderOf({ file, json, settings }: TokenizerFiles): LibraryTokenizer {
  return libraryTokenizer(file, json, settings);
}

/** Changes when the file does. */
export async function tokenizerVersion(dir: string): Promise<string> {
  const path = join(dir, TOKENIZER);
  try {
    const { size, mtimeMs } = await stat(path);
    return `${size} ${mtimeMs}`;
  } catch (cause) {
    throw readError(path, cause);
  }
}

/** The library's tokenizer, with errors that name the file. */
export function libraryTokenizer(file: string, json: object, settings: object): LibraryTokenizer {
  try {
    return new LibraryTokenizer(json, settings);
  } catch (cause) {
    const why = causeWords(cause, 'one of its parts has a form that Atelier does not know');
    throw badTokenizer(file, `cannot be used: ${why}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMerge(merge: unknown): boolean {
  return (
    typeof merge === 'string' ||
    (Array.isArray(merge) && merge.length === 2 && merge.every((part) => typeof part === 'string'))
  );
}

function checkId(id: unknown, token: string, file: string): void {
  if (Number.isInteger(id) && (id as number) >= 0 && (id as number) < MOST_TOKENS) return;
  const shown = JSON.stringify(token.slice(0, 40));
  throw badTokenizer(file, `gives the token ${shown} an id that is not a whole number below ${MOST_TOKENS}`);
}

/** Checks a step and those inside it: how many there are, and that a text cannot grow without bound. */
function checkSteps(
  step: unknown,
  nestedIn: string,
  file: string,
  check: (step: Record<string, unknown>) => void = () => undefined,
): void {
  const steps: unknown[] = [step ?? {}];
  let growing = 0;
  for (let index = 0; index < steps.length; index += 1) {
    const found = steps[index];
    if (!isObject(found)) throw badTokenizer(file, `has an entry in "${nestedIn}" that is not an object`);
    check(found);
    for (const key of ['content', 'prepend', 'replacement', 'suffix', 'prefix']) {
      const text = found[key];
      if (typeof text !== 'string' || text.length < 2) continue;
      growing += 1;
      if (text.length > MOST_STEP_TEXT || growing > MOST_GROWING_STEPS)
        throw badTokenizer(file, `makes a text much longer ("${key}" in "${nestedIn}"), which is not supported`);
    }
    const nested = found[nestedIn] ?? [];
    if (!Array.isArray(nested)) throw badTokenizer(file, `has "${nestedIn}" that are not a list`);
    if (steps.length + nested.length > MOST_STEPS)
      throw badTokenizer(file, `has more than ${MOST_STEPS} entries in "${nestedIn}"`);
    steps.push(...(nested as unknown[]));
  }
}
