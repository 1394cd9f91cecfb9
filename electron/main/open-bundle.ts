/** @file Finds the exported bundle that the program was started with: a file or folder that was opened with it. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The signature file in every signed bundle; its type is associated with the program. */
export const BUNDLE_SIGNATURE = 'model.sig';
/** Files that identify a folder as one of our bundles even without a signature. */
const BUNDLE_FILES = [BUNDLE_SIGNATURE, 'provenance.slsa.json', 'manifest.jsonl'];

/** The bundle folder that `path` is, or that contains the file `path`; null if there is none. */
export function bundleFolder(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  const folder = found.isDirectory() ? path : dirname(path);
  return BUNDLE_FILES.some((name) => existsSync(join(folder, name))) ? folder : null;
}

/**
 * The bundle named on a command line, whether of this start or a second one. Options do not count.
 * @param argv the arguments after the program itself
 * @param cwd the folder in which the command was typed
 */
export function bundleFromArguments(argv: readonly string[], cwd: string): string | null {
  for (const argument of argv) {
    if (argument.startsWith('-')) continue;
    const folder = bundleFolder(resolve(cwd, argument));
    if (folder !== null) return folder;
  }
  return null;
}

/** The address of the page that checks a bundle. */
export function verifyAddress(folder: string): string {
  return `/verify?path=${encodeURIComponent(folder)}`;
}
