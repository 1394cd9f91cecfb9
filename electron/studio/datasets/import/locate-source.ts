/** @file Finds the source of an import: a table, several related tables, or a folder tree of images. */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { AtelierError } from '../../../contract/errors/errors.ts';
import { readFolder } from '../../../formats/files.ts';
import { IMAGE_EXTENSIONS } from '../../../formats/rows/image-tree.ts';
import { TABLE_EXTENSIONS } from '../../../formats/rows/open-rows.ts';
import { splitOfWord, splitWordInTable } from '../../../formats/rows/split-words.ts';

/** Names used by the hub's image folders take precedence. */
const PREFERRED = ['metadata.jsonl', 'metadata.csv', 'metadata.parquet'];
/** JSON files found beside data that hold no rows. */
const NO_TABLES = new Set([
  'tdmrep.json',
  'dataset_info.json',
  'dataset_infos.json',
  'dataset_dict.json',
  'state.json',
]);
const MOST_DEPTH = 4;
const MOST_LISTED = 6;

export type LocatedTable = {
  path: string;
  /** The split word in its folder or file name, for rows that state no split. */
  splitWord: string | null;
};

export type LocatedSource = {
  /** Folder to search for images, with links resolved; nothing outside it is read. */
  folder: string;
  /** Empty if the folder tree itself is the table. */
  tables: LocatedTable[];
  /** All tables, relative to the folder, if there is a choice. */
  choices: string[];
  warnings: string[];
};

/**
 * Finds the source that `path` refers to.
 * @param chosen one of several tables, relative to the folder
 * @throws AtelierError BAD_INPUT or NOT_FOUND that says what was found instead
 */
export async function locateSource(path: string, chosen?: string): Promise<LocatedSource> {
  const absolute = resolve(path);
  if ((await kindOf(absolute)) === 'file') {
    if (!TABLE_EXTENSIONS.has(extname(absolute).toLowerCase())) {
      throw new AtelierError(
        'BAD_INPUT',
        `${absolute} is not a table: it does not end in .jsonl, .json, .csv, .tsv, .parquet or .zip.`,
        {
          place: { file: absolute },
          remedy:
            'Give the folder of the images with a metadata.jsonl or metadata.csv in it, such a table itself, or a zip.',
        },
      );
    }
    return {
      folder: await realpath(dirname(absolute)),
      tables: [{ path: absolute, splitWord: shardWord(absolute) }],
      choices: [],
      warnings: isNamedBySplit(absolute)
        ? [
            `${absolute} is named after a split, but was imported by itself, so its rows are split like any others. To keep the name's split, import the folder.`,
          ]
        : [],
    };
  }
  const folder = await realpath(absolute);
  const all = await tablesUnder(absolute);
  const choices = all.map((table) => relative(absolute, table).split(sep).join('/'));
  const found = (tables: string[], warnings: string[] = []): LocatedSource => ({
    folder,
    tables: tables.map((table) => ({
      path: table,
      splitWord:
        tables.length > 1 || isNamedBySplit(table) ? splitWordInTable(relative(absolute, table)) : shardWord(table),
    })),
    choices: choices.length > 1 ? choices : [],
    warnings,
  });
  if (chosen !== undefined) {
    const table = all[choices.indexOf(chosen.split(sep).join('/'))];
    if (table !== undefined) return found([table]);
    throw new AtelierError('NOT_FOUND', `${absolute} holds no table "${chosen}".`, {
      place: { file: absolute, field: 'table' },
      remedy: choices.length === 0 ? 'It holds no table.' : `It holds: ${choices.slice(0, MOST_LISTED).join(', ')}.`,
    });
  }
  const own = all.filter((table) => dirname(table) === absolute);
  const preferred = PREFERRED.map((name) => join(absolute, name)).filter((table) => own.includes(table));
  if (preferred[0] !== undefined) {
    const both = preferred.map((table) => basename(table));
    return found(
      [preferred[0]],
      both.length === 1 ? [] : [`The folder has both ${both.join(' and ')}; ${both[0] ?? ''} was read.`],
    );
  }
  const candidates = own.length > 0 ? own : onePerFolder(all);
  const prefixed = candidates.filter((table) => /[-_.]metadata\.(?:jsonl|csv|parquet)$/i.test(basename(table)));
  if (candidates.length > 1 && prefixed.length === 1) return found(prefixed, notRead(absolute, candidates, prefixed));
  const together = candidates.every(
    (table) => PREFERRED.includes(basename(table)) || extname(table) === '.parquet' || isNamedBySplit(table),
  );
  if (candidates.length === 1 || (candidates.length > 1 && together)) return found(candidates);
  if (candidates.length === 0 && (await holdsImage(absolute))) return found([]);
  const names = candidates.map((table) => relative(absolute, table).split(sep).join('/'));
  const said =
    names.length === 0
      ? 'no table and no image'
      : `${names.length} tables (${names.slice(0, MOST_LISTED).join(', ')}${names.length > MOST_LISTED ? ', …' : ''})`;
  throw new AtelierError('BAD_INPUT', `The folder ${absolute} has ${said}; Atelier does not know what to read.`, {
    place: { file: absolute },
    remedy:
      names.length === 0
        ? 'Put a metadata.jsonl or metadata.csv into it, one row per question: image file, question, answer.'
        : 'Say which table is meant, or name it metadata.jsonl or metadata.csv.',
  });
}

/** `metadata.jsonl` represents its folder if there is also a `metadata.csv`. */
function onePerFolder(tables: readonly string[]): string[] {
  const folders = new Map<string, string[]>();
  for (const table of tables) folders.set(dirname(table), [...(folders.get(dirname(table)) ?? []), table]);
  return [...folders.values()].flatMap((names) => {
    const preferred = PREFERRED.map((name) => names.find((table) => basename(table) === name)).find(
      (table) => table !== undefined,
    );
    return preferred === undefined ? names : [preferred];
  });
}

/** Tables in the folder and a few levels below; JSON only if its folder has no other kind of table. */
async function tablesUnder(root: string): Promise<string[]> {
  const found: string[] = [];
  async function walk(folder: string, depth: number): Promise<void> {
    const entries = (await readFolder(folder)).filter((entry) => !entry.name.startsWith('.'));
    const names = entries
      .filter((entry) => entry.isFile() && TABLE_EXTENSIONS.has(extname(entry.name).toLowerCase()))
      .map((entry) => entry.name)
      .filter((name) => !NO_TABLES.has(name))
      .sort();
    const surer = names.filter((name) => extname(name).toLowerCase() !== '.json');
    found.push(...(surer.length > 0 ? surer : names).map((name) => join(folder, name)));
    if (depth >= MOST_DEPTH) return;
    const below = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    for (const name of below.sort()) await walk(join(folder, name), depth + 1);
  }
  await walk(root, 0);
  return found;
}

/** Whether any subfolder of `folder` holds an image, so that the folder names carry meaning. */
export async function holdsImageBelow(folder: string): Promise<boolean> {
  for (const entry of await readFolder(folder))
    if (entry.isDirectory() && !entry.name.startsWith('.') && (await holdsImage(join(folder, entry.name)))) return true;
  return false;
}

async function holdsImage(folder: string): Promise<boolean> {
  const entries = await readFolder(folder);
  if (entries.some((entry) => entry.isFile() && IMAGE_EXTENSIONS.has(extname(entry.name).toLowerCase()))) return true;
  for (const entry of entries) if (entry.isDirectory() && (await holdsImage(join(folder, entry.name)))) return true;
  return false;
}

/** Whether the table's name is just a split, as in `test.jsonl`. */
function isNamedBySplit(table: string): boolean {
  return splitOfWord(basename(table).replace(/\.[^.]+$/, '')) !== null;
}

/** The split word in the name of a hub shard, such as `test-00000-of-00001.parquet`. */
function shardWord(table: string): string | null {
  return /-\d+-of-\d+\.[a-z]+$/i.test(table) ? splitWordInTable(basename(table)) : null;
}

function notRead(folder: string, all: readonly string[], read: readonly string[]): string[] {
  const others = all.filter((table) => !read.includes(table)).map((table) => relative(folder, table));
  return [`${read.map((table) => basename(table)).join(', ')} was read; ${others.join(', ')} was not.`];
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    if (found.isFile()) return 'file';
  } catch (cause) {
    throw new AtelierError('NOT_FOUND', `There is no folder or file ${path}.`, {
      place: { file: path },
      remedy: 'Check the path; a path with spaces needs quotes on the command line.',
      cause,
    });
  }
  throw new AtelierError('BAD_INPUT', `${basename(path)} is neither a folder nor a file (${path}).`, {
    place: { file: path },
  });
}
