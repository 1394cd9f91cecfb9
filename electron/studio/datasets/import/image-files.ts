/** @file Locates a row's image, always inside the import folder. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { IMAGE_EXTENSIONS } from '../../../formats/rows/image-tree.ts';
import { shownName } from './image-reference.ts';

export type ResolvedImage =
  | {
      kind: 'found';
      path: string;
      base: string;
      /** The reference spells the file name differently: case, accents, % escapes, or without the extension. */
      isOtherSpelling: boolean;
    }
  | { kind: 'missing' | 'refused'; reason: string };

export type ImageRoot = {
  /** The import folder, with links resolved; nothing outside it is read. */
  folder: string;
  /** The table's folder, with links resolved; equals `folder` if the table is directly in it. */
  tableFolder: string;
  /** Converts a path for display, since the import may have been unpacked elsewhere. */
  shown: (path: string) => string;
};

export type ImageFinder = (root: ImageRoot, reference: string) => Promise<ResolvedImage>;

/**
 * Finds images by name, listing each folder only once.
 *
 * It looks for `reference` in the table's folder, then in the import folder, then in a subfolder `images` of either:
 * first as written, then under another spelling of the same name if exactly one file matches. It rejects paths and
 * links that lead out of the import folder, so that an untrusted table cannot pick up other files.
 */
export function createImageFinder(): ImageFinder {
  const listings = new Map<string, Promise<Listing>>();
  const listingOf = (folder: string): Promise<Listing> => {
    const listing = listings.get(folder) ?? listFolder(folder);
    listings.set(folder, listing);
    return listing;
  };
  return async (root, reference) => {
    const impossible = whyImpossible(reference);
    if (impossible !== null) return { kind: 'refused', reason: impossible };
    const { folder, tableFolder } = root;
    const bases = [...new Set([tableFolder, folder, resolve(tableFolder, 'images'), resolve(folder, 'images')])];
    let leadsOut = false;
    let isForbidden = false;
    for (const isOtherSpelling of [false, true]) {
      for (const spelling of isOtherSpelling ? spellings(reference) : [reference]) {
        for (const base of isAbsolute(spelling) ? [folder] : bases) {
          const path = resolve(base, spelling);
          if (!isInside(folder, path)) {
            leadsOut = true;
            continue;
          }
          const candidate = isOtherSpelling ? await matchPath(folder, path, listingOf) : path;
          const real = candidate === null ? undefined : await realPathOfFile(candidate);
          isForbidden ||= real === FORBIDDEN;
          if (real === undefined || real === FORBIDDEN) continue;
          if (isInside(folder, real)) return { kind: 'found', path: real, base, isOtherSpelling };
          leadsOut = true;
        }
      }
    }
    const name = shownName(reference);
    if (leadsOut)
      return { kind: 'refused', reason: `"${name}" leads out of the folder of the table, so it is not read.` };
    if (isForbidden)
      return { kind: 'missing', reason: `"${name}" cannot be read: you do not have permission for it or its folder.` };
    const where = tableFolder === folder ? root.shown(folder) : `${root.shown(tableFolder)} or ${root.shown(folder)}`;
    return { kind: 'missing', reason: `There is no file "${name}" in ${where}, nor in its subfolder "images".` };
  };
}

function whyImpossible(reference: string): string | null {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(reference))
    return `"${shownName(reference)}" is an address; Atelier uses no network. Save the image into the folder of the table.`;
  // Windows would ask that machine, and hand it your name and a proof of your password.
  if (/^\\[\\/]/.test(decoded(reference)))
    return `"${shownName(reference)}" is on another machine; Atelier uses no network. Save the image into the folder of the table.`;
  return reference.includes('\0') ? 'The name of the image holds a zero character.' : null;
}

/** Variants with Windows backslashes turned into slashes, and with URL % escapes decoded. */
function spellings(reference: string): Set<string> {
  const slashed = reference.replaceAll('\\', '/');
  return new Set([slashed, decoded(slashed)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A folder's entries by normalised name; if two entries share one, the name identifies neither. */
type Listing = { files: Map<string, string[]>; stems: Map<string, string[]>; folders: Map<string, string[]> };

async function listFolder(folder: string): Promise<Listing> {
  const listing: Listing = { files: new Map(), stems: new Map(), folders: new Map() };
  const add = (map: Map<string, string[]>, key: string, name: string): void => {
    map.set(key, [...(map.get(key) ?? []), name]);
  };
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const name = plain(entry.name);
    add(entry.isDirectory() ? listing.folders : listing.files, name, entry.name);
    const end = name.lastIndexOf('.');
    if (!entry.isDirectory() && IMAGE_EXTENSIONS.has(name.slice(end)))
      add(listing.stems, name.slice(0, end), entry.name);
  }
  return listing;
}

/** Lower case with composed accents, since macOS may decompose them. */
function plain(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** The only file below `folder` that matches `path` under another spelling; null if there are none or several. */
async function matchPath(
  folder: string,
  path: string,
  listingOf: (folder: string) => Promise<Listing>,
): Promise<string | null> {
  const parts = relative(folder, path).split(sep);
  const file = parts.pop() ?? '';
  let at = folder;
  for (const part of parts) {
    const { folders } = await listingOf(at);
    const found = oneOf(folders.get(plain(part)), part);
    if (found === null) return null;
    at = join(at, found);
  }
  const { files, stems } = await listingOf(at);
  const found = oneOf(files.get(plain(file)), file) ?? oneOf(stems.get(plain(file)), file);
  return found === null ? null : join(at, found);
}

function oneOf(names: readonly string[] | undefined, wanted: string): string | null {
  if (names === undefined) return null;
  if (names.includes(wanted)) return wanted;
  // A match that differs only in accent encoding is closer than one that differs in case.
  const near = names.filter((name) => name.normalize('NFC') === wanted.normalize('NFC'));
  if (near.length === 1) return near[0] ?? null;
  return names.length === 1 ? (names[0] ?? null) : null;
}

const FORBIDDEN = Symbol('no permission');

async function realPathOfFile(path: string): Promise<string | typeof FORBIDDEN | undefined> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isFile() ? real : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? FORBIDDEN : undefined;
  }
}

export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
