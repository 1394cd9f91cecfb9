/** @file Where a row's image lies: inside the table's folder, and nowhere else. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';

export type ResolvedImage = { kind: 'found'; path: string } | { kind: 'missing' | 'refused'; reason: string };

/**
 * Looks for `reference` in `folder` (links already resolved), then in its `images` subfolder. A path or a
 * link that leads out of the folder is refused, so that a table from elsewhere cannot pick up other files.
 */
export async function resolveImage(folder: string, reference: string): Promise<ResolvedImage> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(reference)) {
    return {
      kind: 'refused',
      reason: `"${reference}" is an address; Atelier uses no network. Save the image into the folder of the table.`,
    };
  }
  if (reference.includes('\0')) return { kind: 'refused', reason: 'The name of the image holds a zero character.' };
  let refused: ResolvedImage | undefined;
  for (const spelling of spellings(reference)) {
    for (const base of isAbsolute(spelling) ? [folder] : [folder, resolve(folder, 'images')]) {
      const path = resolve(base, spelling);
      const real = await realPathOfFile(path);
      if (real !== undefined && isInside(folder, real)) return { kind: 'found', path: real };
      if (real !== undefined || !isInside(folder, path)) {
        refused ??= {
          kind: 'refused',
          reason: `"${reference}" leads out of the folder of the table, so it is not read.`,
        };
      }
    }
  }
  return (
    refused ?? {
      kind: 'missing',
      reason: `There is no file "${reference}" in ${folder}, nor in its subfolder "images".`,
    }
  );
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

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
