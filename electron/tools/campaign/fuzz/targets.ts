/**
 * @file What is fuzzed: every reader of files that others make. Each target gets a sound file or folder in which one file
 * was damaged, and must read it or refuse it with an AtelierError.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { RunRequest } from '../../../contract/model/runs.ts';
import { readCheckpointSettings } from '../../../formats/checkpoint.ts';
import { loadChatTemplate } from '../../../formats/chat-template.ts';
import { decodeImage } from '../../../formats/image-decode.ts';
import { readAdapter } from '../../../formats/peft.ts';
import { openRows } from '../../../formats/rows/open-rows.ts';
import { createTableReader } from '../../../formats/rows/table-reader.ts';
import { openSafetensors } from '../../../formats/safetensors.ts';
import { loadTokenizer } from '../../../formats/tokenizer.ts';
import { unzip } from '../../../formats/unzip.ts';
import { localPictures } from '../../../pictures/work.ts';
import { checkBackup } from '../../../studio/backup/restore-backup.ts';
import { inspectImport } from '../../../studio/datasets/import/import.ts';
import { verifyBundle } from '../../../studio/exports/verify/verify.ts';
import { readResults } from '../../../studio/handoff/returned-folder.ts';
import { openHubDoor } from '../../../studio/models/hub/door.ts';
import { endpointOf } from '../../../studio/models/hub/endpoint.ts';
import { readHubModel } from '../../../studio/models/hub/offer.ts';
import { openSmallHub } from '../../../studio/models/hub/testing/small-hub.ts';
import { findPlaces } from '../../../studio/places.ts';
import { readRecipeFile } from '../../../studio/recipes/recipe-file.ts';
import { knownFileOf, type KnownJob } from '../kills/hand-back.ts';

const { root } = findPlaces(import.meta.url);
const FORMATS = join(root, 'electron', 'formats', 'fixtures');
const CASES = join(root, 'electron', 'studio', 'datasets', 'fixtures', 'cases');
const OWN = join(root, 'electron', 'tools', 'campaign', 'fuzz', 'fixtures');
const TINY = join(root, 'electron', 'engine', 'fixtures', 'qwen2vl-tiny');

/** Stands before the name of a target whose inputs are guided by coverage. */
export const GUIDED = 'guided: ';

export interface Target {
  name: string;
  /** Sound files, one of which each input damages. */
  files: (made: Made) => string[];
  /** The other files of its folder lie beside the damaged one. */
  withFolder?: true;
  /** Reads the damaged file, which lies in `folder` under its own name. */
  read: (file: string, folder: string, made: Made) => Promise<unknown>;
  /** The same in the calling thread, whose code can be counted. Absent = `read` does that. */
  readHere?: (file: string, folder: string) => Promise<unknown>;
  /** The reader's own code decides what comes of a file, so that its coverage says where to look further. */
  isGuided?: true;
}

/** Files that the campaign makes first. */
export interface Made {
  bundle: string;
  backup: string;
  /** A job folder that has come back; `KNOWN` of it says what the studio knows of it. */
  job: string;
}

function below(folder: string, ...extensions: string[]): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name).toLowerCase()))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Without the thread of its own that the studio reads tables in: faster, and stricter. */
async function readRowsHere(file: string): Promise<void> {
  const rows = await openRows(file);
  for await (const _ of rows.rows()) void _;
}

async function readRows(file: string): Promise<void> {
  const reader = createTableReader();
  try {
    const rows = await reader.open(file);
    for await (const _ of rows.rows()) void _;
  } finally {
    await reader.close();
  }
}

const folderOf = (file: string): string => join(file, '..');

export const TARGETS: readonly Target[] = [
  { name: 'CSV', files: () => below(CASES, '.csv', '.tsv'), read: readRowsHere, isGuided: true },
  { name: 'JSON', files: () => below(CASES, '.json', '.jsonl'), read: readRowsHere, isGuided: true },
  {
    name: 'Parquet',
    files: () => [...below(CASES, '.parquet'), ...below(FORMATS, '.parquet')],
    read: readRows,
    readHere: readRowsHere,
    isGuided: true,
  },
  {
    name: 'zip',
    isGuided: true,
    files: () => below(CASES, '.zip'),
    read: (file, folder) => unzip(file, join(folder, 'unpacked')),
  },
  {
    name: 'dataset folder',
    files: () => below(CASES, '.csv', '.json', '.jsonl', '.txt', '.caption', '.md'),
    withFolder: true,
    read: (file) => inspectImport({ pictures: localPictures }, { path: folderOf(file) }),
  },
  {
    name: 'image',
    files: () => below(join(FORMATS, 'images'), '.png', '.jpg', '.webp', '.gif', '.bmp'),
    read: (file) => decodeImage(file),
  },
  {
    name: 'rights in an image',
    isGuided: true,
    files: () =>
      below(join(root, 'electron', 'provenance', 'signals', 'fixtures'), '.png', '.jpg', '.webp', '.gif', '.tif'),
    read: (file, folder) => {
      const name = basename(file);
      writeFileSync(
        join(folder, 'metadata.jsonl'),
        JSON.stringify({ file_name: name, question: 'What?', answer: 'A' }),
      );
      return inspectImport({ pictures: localPictures }, { path: folder });
    },
  },
  { name: 'safetensors', files: () => below(TINY, '.safetensors'), read: readTensors, isGuided: true },
  {
    name: 'tokenizer',
    files: () => [join(TINY, 'model', 'tokenizer.json'), join(TINY, 'model', 'tokenizer_config.json')],
    withFolder: true,
    read: async (file) => (await loadTokenizer(folderOf(file))).encode('How many ducks are there?'),
  },
  {
    name: 'chat template',
    files: () => below(join(TINY, 'model'), '.jinja').concat(join(TINY, 'model', 'tokenizer_config.json')),
    withFolder: true,
    read: (file) => loadChatTemplate(folderOf(file)),
  },
  {
    name: 'model configuration',
    isGuided: true,
    files: () => below(join(TINY, 'model'), '.json').filter((file) => !file.endsWith('tokenizer.json')),
    withFolder: true,
    read: (file) => readCheckpointSettings(folderOf(file)),
  },
  {
    name: 'adapter',
    isGuided: true,
    files: () => below(join(TINY, 'lora'), '.json', '.safetensors'),
    withFolder: true,
    read: (file) => readAdapter(folderOf(file)),
  },
  {
    name: 'bundle',
    isGuided: true,
    files: ({ bundle }) => below(bundle, '.json', '.sig', '.md', '.safetensors', '.jsonl', '.txt', '.csv'),
    withFolder: true,
    read: (file) => verifyBundle(folderOf(file)),
  },
  { name: 'backup', files: ({ backup }) => [backup], read: (file) => checkBackup(file) },
  {
    name: 'recipe',
    isGuided: true,
    files: () => [join(OWN, 'recipe.json')],
    read: async (file) => RunRequest.safeParse(await readRecipeFile(file)),
  },
  { name: 'hub answers', isGuided: true, files: () => below(join(OWN, 'hub'), '.json'), read: askHub },
  {
    name: 'results of a job',
    isGuided: true,
    files: ({ job }) => below(join(job, 'results'), '.json', '.jsonl').filter((file) => !file.includes('checkpoints')),
    withFolder: true,
    read: readJob,
  },
];

/** A hub that gives the damaged file for an answer: the description of a model, or the list of its files. */
async function askHub(file: string): Promise<void> {
  const isListing = basename(file) === 'listing.json';
  const hub = await openSmallHub(join(TINY, 'model'));
  hub.misbehave = (_request, response, path) => {
    if (path.includes('/tree/') !== isListing) return false;
    response.setHeader('content-type', 'application/json');
    response.end(readFileSync(file));
    return true;
  };
  try {
    await readHubModel(openHubDoor({ endpoint: endpointOf(hub.url), idleMs: 5000 }), { name: 'me/tiny' });
  } finally {
    await hub.close();
  }
}

/** What a job folder brings back, as the studio reads it that handed it off. `folder` has its results. */
async function readJob(_file: string, folder: string, { job: sound }: Made): Promise<void> {
  const job = join(folder, '..', 'job');
  rmSync(job, { recursive: true, force: true });
  cpSync(folder, join(job, 'results'), { recursive: true });
  const { known, samples } = JSON.parse(readFileSync(knownFileOf(sound), 'utf8')) as KnownJob;
  await readResults(job, known, new Map(samples));
}

async function readTensors(file: string): Promise<void> {
  const reader = await openSafetensors(file);
  try {
    for (const name of reader.names().slice(0, 3)) await reader.readBytes(name);
  } finally {
    await reader.close();
  }
}
