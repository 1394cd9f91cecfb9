/**
 * @file Reads what a hub answers. A hub is a stranger: nothing here trusts a size, a name or a shape, and everything that
 * is odd is one typed error. Pure functions, so that any bytes can be tried on them.
 */
import { z } from 'zod';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { HubCommit } from '../../../contract/model/hub.ts';
import { MODEL_FILES } from '../../../formats/checkpoint.ts';
import { LICENCE_FILES } from '../model-licence.ts';

const MOST_DEPTH = 64;
const MOST_FILES = 5000;
/** No weights are larger: 4 TiB. */
const MOST_FILE_BYTES = 2 ** 42;
export const CARD_FILE = 'README.md';
export const INDEX_FILE = 'model.safetensors.index.json';
const SINGLE_FILE = 'model.safetensors';
const SHARD = /^[\w.-]+\.safetensors$/;

/** A file to fetch. `hash` is of its content: SHA-256 for large files, git's own for the others. */
export interface HubFile {
  name: string;
  sizeBytes: number;
  hash: { kind: 'sha256' | 'git'; hex: string };
}

export interface HubModelFacts {
  commit: string;
  gated: boolean;
}

/** The error for an answer that a hub should not give. */
export function oddAnswer(hub: string, why: string, cause?: unknown): AtelierError {
  return new AtelierError('HUB_UNAVAILABLE', `The hub ${hub} gave an answer that cannot be used: ${why}.`, {
    remedy: 'Check its address (HF_ENDPOINT, or the setting), and try again later.',
    cause,
  });
}

/** Parses an answer. @throws AtelierError HUB_UNAVAILABLE if it is not JSON, or nested too deeply */
export function readHubJson(text: string, hub: string): unknown {
  if (depthOf(text) > MOST_DEPTH) throw oddAnswer(hub, `it is nested more than ${MOST_DEPTH} levels deep`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw oddAnswer(hub, 'it is not JSON', cause);
  }
}

/** How deep the brackets go, whatever stands in strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}

const Facts = z.object({
  sha: HubCommit,
  gated: z.union([z.boolean(), z.enum(['auto', 'manual'])]).nullish(),
});

/** @throws AtelierError HUB_UNAVAILABLE */
export function readModelFacts(answer: unknown, hub: string): HubModelFacts {
  const read = Facts.safeParse(answer);
  if (!read.success) throw oddAnswer(hub, 'it does not describe a model with its version', read.error);
  const { sha, gated } = read.data;
  return { commit: sha, gated: gated !== undefined && gated !== null && gated !== false };
}

const Size = z.int().nonnegative().max(MOST_FILE_BYTES);
const Entry = z.object({
  type: z.string(),
  path: z.string().min(1).max(1000),
  size: Size.optional(),
  oid: z.string().optional(),
  lfs: z
    .object({ oid: z.string().regex(/^(sha256:)?[0-9a-f]{64}$/), size: Size })
    .optional()
    .nullable(),
});

/**
 * The files of a model that Atelier takes: weights as safetensors, configuration, tokenizer, card and licences. Programs
 * and pickles are never among them.
 * @throws AtelierError HUB_UNAVAILABLE for a listing that a hub should not give, BAD_INPUT for a model without safetensors
 */
export function readListing(entries: readonly unknown[], name: string, hub: string): HubFile[] {
  if (entries.length > MOST_FILES) throw oddAnswer(hub, `it lists more than ${MOST_FILES} files`);
  const files = new Map<string, HubFile>();
  const all: string[] = [];
  for (const each of entries) {
    const read = Entry.safeParse(each);
    if (!read.success) throw oddAnswer(hub, 'an entry of its listing is not a file with its size', read.error);
    const { type, path, size, oid, lfs } = read.data;
    if (/(^|[\\/])\.\.?([\\/]|$)|^[\\/]|\\|^[A-Za-z]:/.test(path) || hasControls(path))
      throw oddAnswer(hub, `its listing has a file named ${JSON.stringify(path.slice(0, 100))}`);
    if (type !== 'file') continue;
    all.push(path);
    if (!isWanted(path)) continue;
    const key = path.toLowerCase();
    if (files.has(key)) throw oddAnswer(hub, `its listing has ${path} twice`);
    if (lfs !== undefined && lfs !== null) {
      files.set(key, { name: path, sizeBytes: lfs.size, hash: { kind: 'sha256', hex: lfs.oid.slice(-64) } });
      continue;
    }
    if (size === undefined || !/^[0-9a-f]{40}$/.test(oid ?? ''))
      throw oddAnswer(hub, `its listing has no size or no hash for ${path}`);
    files.set(key, { name: path, sizeBytes: size, hash: { kind: 'git', hex: oid ?? '' } });
  }
  const weights = weightsAmong([...files.values()]);
  if (weights.length === 0) throw withoutWeights(all, name);
  if (!files.has('config.json')) {
    throw new AtelierError('BAD_INPUT', `${name} is not a model that transformers could load: it has no config.json.`, {
      place: { field: 'name' },
      remedy: 'Choose the repository of the model itself, not one of conversions for other programs.',
    });
  }
  const kept = [...files.values()].filter((file) => !file.name.endsWith('.safetensors') || weights.includes(file));
  return kept.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function hasControls(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(text);
}

function isWanted(path: string): boolean {
  return (
    MODEL_FILES.test(path) ||
    path === INDEX_FILE ||
    path === CARD_FILE ||
    SHARD.test(path) ||
    (LICENCE_FILES.test(path) && /(^[^.]+|\.(md|txt|rst))$/i.test(path))
  );
}

/** Some repositories keep a second copy of their weights in one file; only what would be read is fetched. */
function weightsAmong(files: readonly HubFile[]): HubFile[] {
  const single = files.filter((file) => file.name === SINGLE_FILE);
  if (single.length > 0) return single;
  const hasIndex = files.some((file) => file.name === INDEX_FILE);
  return hasIndex ? files.filter((file) => /^model[\w.-]*-of-\d+\.safetensors$/.test(file.name)) : [];
}

function withoutWeights(names: readonly string[], name: string): AtelierError {
  const place = { field: 'name' };
  const pickle = names.find((each) => /\.(bin|pt|pth|ckpt)$/.test(each));
  if (pickle !== undefined) {
    return new AtelierError(
      'BAD_INPUT',
      `${name} has its weights in ${pickle}, a Python pickle, which Atelier does not fetch.`,
      {
        place,
        remedy: 'A pickle can run any program when it is opened. Look for the same model in safetensors format.',
      },
    );
  }
  const gguf = names.find((each) => each.endsWith('.gguf'));
  if (gguf !== undefined) {
    return new AtelierError('BAD_INPUT', `${name} has its weights in ${gguf}, a GGUF file, which cannot be trained.`, {
      place,
      remedy: 'Choose the model that it was made from.',
    });
  }
  const adapter = names.some((each) => each === 'adapter_config.json');
  return new AtelierError(
    'BAD_INPUT',
    adapter
      ? `${name} is an adapter, not a model.`
      : `${name} has neither model.safetensors nor model.safetensors.index.json.`,
    { place, remedy: adapter ? 'Choose the model that it was trained on.' : 'Choose a model in safetensors format.' },
  );
}
