/** @file What a path that was opened with the program holds: a bundle to verify, or pictures to import. */
import { existsSync, statSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { freeWords } from './start-arguments.ts';

/** The signature file in every signed bundle; its type is associated with the program. */
export const BUNDLE_SIGNATURE = 'model.sig';
/** Files that identify a folder as one of our bundles even without a signature. */
const BUNDLE_FILES = [BUNDLE_SIGNATURE, 'provenance.slsa.json', 'manifest.jsonl'];
/** What the import reads, besides folders. */
const TABLES = new Set(['.jsonl', '.json', '.csv', '.tsv', '.parquet', '.zip']);

export const OpenedPath = z.object({ kind: z.enum(['bundle', 'pictures']), path: z.string().min(1) });
export type OpenedPath = z.infer<typeof OpenedPath>;

/** A bundle is its folder, even if one of its files was opened; null for what Atelier cannot open. */
export function openedPath(path: string): OpenedPath | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  const folder = found.isDirectory() ? path : dirname(path);
  if (BUNDLE_FILES.some((name) => existsSync(join(folder, name)))) return { kind: 'bundle', path: folder };
  if (found.isDirectory() || TABLES.has(extname(path).toLowerCase())) return { kind: 'pictures', path };
  return null;
}

/**
 * The path named on a command line, whether of this start or a second one; null if there is none. Options do not count.
 * @param argv every word, the program first
 * @param cwd the folder in which the command was typed
 * @param isPackaged false if Electron was started with the app's own folder as its first argument
 */
export function pathFromArguments(argv: readonly string[], cwd: string, isPackaged: boolean): string | null {
  const named = freeWords(argv)[isPackaged ? 0 : 1];
  if (named === undefined) return null;
  // Linux desktops may hand over an address instead of a path.
  if (!/^file:\/\//i.test(named)) return resolve(cwd, named);
  try {
    return fileURLToPath(named);
  } catch {
    return null;
  }
}

/** The page's address that shows what was opened. */
export function addressOf({ kind, path }: OpenedPath): string {
  const query = `path=${encodeURIComponent(path)}`;
  return kind === 'bundle' ? `/verify?${query}` : `/datasets?import=1&${query}`;
}

/** What an address of the page shows, if that was opened by its path. The opposite of `addressOf`. */
export function openedAt(url: string): OpenedPath | null {
  const [, screen, search = ''] = /#(\/[^?]*)(?:\?(.*))?$/.exec(url) ?? [];
  const query = new URLSearchParams(search);
  const path = query.get('path');
  if (path === null || path === '') return null;
  if (screen === '/verify') return { kind: 'bundle', path };
  return screen === '/datasets' && query.has('import') ? { kind: 'pictures', path } : null;
}
