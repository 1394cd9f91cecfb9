/** @file Which exported bundle a start of the program is about: a file or folder that was opened with it. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The signature that every signed bundle carries; its type is associated with the program. */
export const BUNDLE_SIGNATURE = 'model.sig';
/** Files by which a folder is known as one of ours even without a signature. */
const BUNDLE_FILES = [BUNDLE_SIGNATURE, 'provenance.slsa.json', 'manifest.jsonl'];

/** The folder of the bundle that `path` is, or is a file of; null where it is none. */
export function bundleFolder(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  const folder = found.isDirectory() ? path : dirname(path);
  return BUNDLE_FILES.some((name) => existsSync(join(folder, name))) ? folder : null;
}

/**
 * The bundle named by a command line, of this start or of a second one. Options are none.
 * @param argv the arguments after the program itself
 * @param cwd the folder in which they were typed
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
