/** @file Where a row's image lies: inside the folder of the import, and nowhere else. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

export type ResolvedImage =
  { kind: 'found'; path: string; base: string } | { kind: 'missing' | 'refused'; reason: string };

export type ImageRoot = {
  /** Folder of the import, with links resolved; nothing outside of it is read. */
  folder: string;
  /** Folder of the table, with links resolved; the same where the table lies in `folder` itself. */
  tableFolder: string;
  /** How a path is shown: the import may have been unpacked to somewhere else. */
  shown: (path: string) => string;
};

/**
 * Looks for `reference` in the table's folder, then in the import's, then in a subfolder `images` of either. A path or
 * a link that leads out of the import's folder is refused, so that a table from elsewhere cannot pick up other files.
 */
export async function resolveImage(root: ImageRoot, reference: string): Promise<ResolvedImage> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(reference)) {
    return {
      kind: 'refused',
      reason: `"${reference}" is an address; Atelier uses no network. Save the image into the folder of the table.`,
    };
  }
  if (reference.includes('\0')) return { kind: 'refused', reason: 'The name of the image holds a zero character.' };
  const { folder, tableFolder } = root;
  const bases = [...new Set([tableFolder, folder, resolve(tableFolder, 'images'), resolve(folder, 'images')])];
  let refused: ResolvedImage | undefined;
  for (const spelling of spellings(reference)) {
    for (const base of isAbsolute(spelling) ? [folder] : bases) {
      const path = resolve(base, spelling);
      const real = await realPathOfFile(path);
      if (real !== undefined && isInside(folder, real)) return { kind: 'found', path: real, base };
      if (real !== undefined || !isInside(folder, path)) {
        refused ??= {
          kind: 'refused',
          reason: `"${reference}" leads out of the folder of the table, so it is not read.`,
        };
      }
    }
  }
  if (refused !== undefined) return refused;
  const where = tableFolder === folder ? root.shown(folder) : `${root.shown(tableFolder)} or ${root.shown(folder)}`;
  return { kind: 'missing', reason: `There is no file "${reference}" in ${where}, nor in its subfolder "images".` };
}

/** As given; then with slashes for the backslashes of Windows, and with accents joined or apart as macOS writes them. */
function spellings(reference: string): Set<string> {
  const slashed = reference.replaceAll('\\', '/');
  return new Set([reference, slashed, slashed.normalize('NFC'), slashed.normalize('NFD')]);
}

async function realPathOfFile(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}

export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
