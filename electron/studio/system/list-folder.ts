/**
 * @file Lists a folder of this machine for the page in a browser, which has no file dialog that tells a path. It shows names
 * only, and only in your home folder and on disks that are connected: a link that leads elsewhere is not followed.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, extname, join, relative, sep } from 'node:path';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { FolderListing, FolderRequest } from '../../contract/model/folders.ts';
import { IMAGE_EXTENSIONS } from '../../formats/rows/image-tree.ts';
import { TABLE_EXTENSIONS } from '../../formats/rows/open-rows.ts';
import { typedPath } from '../typed-path.ts';

const MOST_ENTRIES = 1000;
const ENDINGS = {
  none: new Set<string>(),
  tables: new Set([...TABLE_EXTENSIONS, '.zip']),
  code: new Set(['.js', '.mjs', '.ts', '.mts']),
};
/** Where systems connect disks; each folder inside is one. */
const MOUNTS = ['/media', '/mnt', '/run/media', '/Volumes'];

type Entry = FolderListing['entries'][number];

/**
 * @throws AtelierError NOT_FOUND if there is no such folder, BAD_INPUT if it lies outside the places that are listed or
 * may not be read
 */
export async function listFolder(request: FolderRequest): Promise<FolderListing> {
  const places = await placesToLook();
  const path = await folderOf(request.path);
  const place = places.find((each) => isInside(each.path, path));
  if (place === undefined) {
    throw new AtelierError('BAD_INPUT', `The folder ${path} is outside the folders that can be browsed here.`, {
      place: { field: 'path' },
      remedy: 'Type its path instead.',
    });
  }
  const entries = await entriesOf(path, ENDINGS[request.files], places);
  return {
    path,
    parent: path === place.path ? null : dirname(path),
    places,
    entries: entries.shown.slice(0, MOST_ENTRIES),
    pictures: entries.pictures,
    leftOut: Math.max(0, entries.shown.length - MOST_ENTRIES),
  };
}

async function placesToLook(): Promise<FolderListing['places']> {
  const home = await realpath(homedir());
  const mounted = await Promise.all(
    MOUNTS.map(async (folder) => ((await readdir(folder)).length === 0 ? null : await realpath(folder))).map((each) =>
      each.catch(() => null),
    ),
  );
  const disks = mounted.filter((folder) => folder !== null);
  return [{ kind: 'home', path: home }, ...disks.map((path) => ({ kind: 'disks' as const, path }))];
}

/** The folder itself, without links on the way; of a file, the folder that holds it. */
async function folderOf(typed: string | undefined): Promise<string> {
  const path = typed === undefined ? homedir() : await typedPath(typed);
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : dirname(real);
  } catch (cause) {
    throw new AtelierError('NOT_FOUND', `There is no folder ${path}, or it may not be read.`, {
      place: { field: 'path' },
      remedy: 'Choose another folder, or check the path.',
      cause,
    });
  }
}

function isInside(folder: string, path: string): boolean {
  const rest = relative(folder, path);
  return rest === '' || (rest !== '..' && !rest.startsWith(`..${sep}`) && !rest.startsWith(sep) && !/^\w:/.test(rest));
}

async function entriesOf(
  folder: string,
  endings: ReadonlySet<string>,
  places: FolderListing['places'],
): Promise<{ shown: Entry[]; pictures: number }> {
  const found = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new AtelierError('BAD_INPUT', `Atelier is not allowed to read the folder ${folder}.`, {
      place: { field: 'path' },
      remedy: 'Choose another folder, or change its permissions.',
      cause,
    });
  });
  const shown: Entry[] = [];
  let pictures = 0;
  for (const entry of found) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const target = entry.isSymbolicLink() ? await targetOf(path, places) : entry;
    const ending = extname(entry.name).toLowerCase();
    if (target?.isDirectory() === true) shown.push({ name: entry.name, path, kind: 'folder' });
    else if (target?.isFile() === true) {
      if (IMAGE_EXTENSIONS.has(ending)) pictures += 1;
      if (endings.has(ending)) shown.push({ name: entry.name, path, kind: 'file' });
    }
  }
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  shown.sort((one, other) =>
    one.kind === other.kind ? compare(one.name, other.name) : one.kind === 'folder' ? -1 : 1,
  );
  return { shown, pictures };
}

/** What a link leads to; null if it leads nowhere, or out of the places that are listed. */
async function targetOf(link: string, places: FolderListing['places']) {
  try {
    const real = await realpath(link);
    return places.some(({ path }) => isInside(path, real)) ? await stat(real) : null;
  } catch {
    return null;
  }
}
