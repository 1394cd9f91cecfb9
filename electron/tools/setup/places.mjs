/** @file File locations: this clone, its packages, and the user's cache folder. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');
export const MODULES = join(ROOT, 'node_modules');
export const SQLITE = join(MODULES, 'sqlite3');
export const TFJS_NODE = join(MODULES, '@tensorflow', 'tfjs-node-gpu');
/** Notes that set-up keeps inside node_modules, so that they are deleted with the packages. */
export const NOTES = join(MODULES, '.atelier');

const requireHere = createRequire(import.meta.url);

/** Reads a JSON file of the clone or of a package. */
export function readPackageJson(folder) {
  return requireHere(join(folder, 'package.json'));
}

/**
 * The folder for things that can be recreated: built native parts. `ATELIER_CACHE` names a different one;
 * `ATELIER_CACHE=off` disables it.
 * @returns {string | null}
 */
export function cacheFolder(env = process.env, platform = process.platform) {
  if (env.ATELIER_CACHE === 'off') return null;
  if (env.ATELIER_CACHE) return env.ATELIER_CACHE;
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'atelier', 'cache');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'atelier');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'atelier');
}

/**
 * The newest Node-API version of those that a package supports under this Node.
 * @param {number[]} versions
 */
export function napiVersion(versions) {
  const highest = Number(process.versions.napi);
  return Math.max(...versions.filter((version) => version <= highest));
}

/**
 * The folder whose `include/node` holds the headers of the running Node, or null when there is none.
 */
export function nodeHeaders(env = process.env, execPath = process.execPath) {
  const candidates = [env.npm_config_nodedir, dirname(dirname(execPath)), '/usr', '/usr/local'];
  return candidates.find((folder) => folder && existsSync(join(folder, 'include', 'node', 'node_api.h'))) ?? null;
}
