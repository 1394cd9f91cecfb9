/** @file Finds the table of an import: the file itself, or the one table of a folder. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { AtelierError } from '../../contract/errors.ts';

const EXTENSIONS = new Set(['.jsonl', '.ndjson', '.csv', '.tsv']);
/** The names that image folders of the hub use come first. */
const PREFERRED = ['metadata.jsonl', 'metadata.csv'];

export type LocatedTable = {
  table: string;
  /** Folder that images are looked for in, with links resolved; nothing outside of it is read. */
  folder: string;
  warnings: string[];
};

/** The table that `path` stands for. @throws AtelierError BAD_INPUT or NOT_FOUND that says what is there instead */
export async function locateTable(path: string): Promise<LocatedTable> {
  const absolute = resolve(path);
  const kind = await kindOf(absolute);
  if (kind === 'file') {
    if (!EXTENSIONS.has(extname(absolute).toLowerCase())) {
      throw new AtelierError('BAD_INPUT', `${absolute} is not a table: it does not end in .jsonl, .csv or .tsv.`, {
        place: { file: absolute },
        remedy: 'Give the folder of the images with a metadata.jsonl or metadata.csv in it, or such a table itself.',
      });
    }
    return { table: absolute, folder: await realpath(dirname(absolute)), warnings: [] };
  }
  const names = (await readdir(absolute)).filter((name) => EXTENSIONS.has(extname(name).toLowerCase())).sort();
  const preferred = PREFERRED.filter((name) => names.includes(name));
  const folder = await realpath(absolute);
  if (preferred[0] !== undefined) {
    const warnings =
      preferred[1] === undefined ? [] : [`The folder has both ${preferred.join(' and ')}; ${preferred[0]} was read.`];
    return { table: join(absolute, preferred[0]), folder, warnings };
  }
  if (names.length === 1 && names[0] !== undefined) return { table: join(absolute, names[0]), folder, warnings: [] };
  const found =
    names.length === 0
      ? 'no table'
      : `${names.length} tables (${names.slice(0, 6).join(', ')}${names.length > 6 ? ', …' : ''})`;
  throw new AtelierError('BAD_INPUT', `The folder ${absolute} has ${found}; Atelier does not know what to read.`, {
    place: { file: absolute },
    remedy:
      names.length === 0
        ? 'Put a metadata.jsonl or metadata.csv into it, one row per question: image file, question, answer.'
        : 'Give the path of the table that is meant, or name it metadata.jsonl or metadata.csv.',
  });
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
