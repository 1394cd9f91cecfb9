/**
 * @file electron-builder, installed beside the clone's own packages: only those who package need its hundreds of packages.
 * `builder/package-lock.json` names each of them with its hash.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, npmCommand, run } from '../command.mjs';
import { ROOT } from '../places.mjs';
import { part, SetupError } from '../say.mjs';

const FOLDER = join(ROOT, '.cache', 'builder');
const INSTALL_MS = 15 * 60_000;
const LISTS = ['package.json', 'package-lock.json'];

const listFile = (name) => fileURLToPath(new URL(`builder/${name}`, import.meta.url));

/** True if the installed lists are the ones in the clone; npm writes its own list last. */
async function isInstalled() {
  try {
    const same = await Promise.all(
      LISTS.map(
        async (name) => (await readFile(listFile(name), 'utf8')) === (await readFile(join(FOLDER, name), 'utf8')),
      ),
    );
    await readFile(join(FOLDER, 'node_modules', '.package-lock.json'));
    return same.every(Boolean);
  } catch {
    return false;
  }
}

/**
 * electron-builder's module.
 * @returns {Promise<{ build: Function, Platform: object, Arch: object }>}
 * @throws SetupError if it cannot be installed
 */
export async function loadBuilder() {
  await ensureBuilder();
  return createRequire(join(FOLDER, 'package.json'))('electron-builder');
}

/** The JSON schema that electron-builder checks its configuration with. */
export async function builderSchema() {
  await ensureBuilder();
  return createRequire(join(FOLDER, 'package.json'))('app-builder-lib/scheme.json');
}

async function ensureBuilder() {
  if (await isInstalled()) return;
  await mkdir(FOLDER, { recursive: true });
  for (const name of LISTS) await copyFile(listFile(name), join(FOLDER, name));
  await part('electron-builder (about 90 MB)', async () => {
    const [command, first] = npmCommand();
    const { code, output } = await run(command, [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: FOLDER,
      timeoutMs: INSTALL_MS,
      env: { npm_config_loglevel: 'error', npm_command: undefined, npm_lifecycle_event: undefined },
    });
    if (code !== 0) {
      throw new SetupError(
        `npm could not install electron-builder:\n${lastLines(output)}`,
        'Check that the package registry can be reached, then give the command again.',
      );
    }
  });
}
