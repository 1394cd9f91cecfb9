/**
 * @file Which Electron goes into a package: the pinned one, or, where its program cannot be fetched, the one that the desktop
 * tests use, so that packaging itself can be tested. A package of the second kind says so and is never published.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lastLines, run } from '../command.mjs';
import { TEST_ELECTRON, testElectronFolder } from '../electron/test-electron.mjs';
import { MODULES, readPackageJson } from '../places.mjs';
import { part, say, SetupError } from '../say.mjs';
import { electronProgram } from '../start.mjs';

const FETCH_MS = 10 * 60_000;

/** The version of Electron that Atelier is published with. */
export function pinnedElectron() {
  return readPackageJson(join(MODULES, 'electron')).version;
}

/** The version of an unpacked Electron. */
export function versionOf(dist) {
  const file = join(dist, 'version');
  // The folder of the Electron for tests has no such file.
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : TEST_ELECTRON.electron;
}

/**
 * An unpacked Electron for the package.
 * @returns {Promise<{ dist: string, version: string, isPinned: boolean }>}
 * @throws SetupError if there is none for this system
 */
export async function electronInside(env = process.env) {
  const dist = await findElectron(env);
  const version = versionOf(dist);
  const pinned = pinnedElectron();
  const isPinned = version === pinned;
  say(
    isPinned
      ? `  Electron ${version} goes into the package: the pinned one.`
      : `  Electron ${version} goes into the package, NOT the pinned ${pinned}. The package is for tests: do not publish it.`,
  );
  return { dist, version, isPinned };
}

async function findElectron(env) {
  if (electronProgram(undefined, env) === null && env.ATELIER_PACKAGE_ELECTRON !== 'test') {
    await part(
      `Electron ${pinnedElectron()}`,
      () => run(process.execPath, [join(MODULES, 'electron', 'install.js')], { timeoutMs: FETCH_MS }),
      ({ code, output }) => (code === 0 ? 'fetched' : `could not be fetched (${lastLines(output, 1).trim()})`),
    );
  }
  const installed = electronProgram(undefined, env);
  if (installed !== null) return process.platform === 'darwin' ? join(MODULES, 'electron', 'dist') : dirname(installed);
  if (process.platform === 'linux' && process.arch === 'x64') return await testElectronFolder(env);
  throw new SetupError(
    `Electron ${pinnedElectron()} could not be fetched.`,
    'Check the connection, or name an unpacked Electron in ELECTRON_OVERRIDE_DIST_PATH.',
  );
}
