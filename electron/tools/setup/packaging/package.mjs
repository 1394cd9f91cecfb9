#!/usr/bin/env node
/**
 * @file `npm run package`: builds the desktop app for this system: the folder, and on Linux a Debian package, on Windows and
 * macOS an installer. Prints what is inside, by part.
 */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from '../command.mjs';
import { ensureReady } from '../ensure.mjs';
import { readNote } from '../packages/notes.mjs';
import { readPackageJson, ROOT } from '../places.mjs';
import { explain, say, SetupError } from '../say.mjs';

const SYSTEMS = { '--linux': 'linux', '--win': 'win32', '--mac': 'darwin' };
const OPTIONS = ['--dir', '--write-sizes', ...Object.keys(SYSTEMS)];

/**
 * What the command line asks for.
 * @param {readonly string[]} args
 * @returns {{ onlyFolder: boolean, writeSizes: boolean, targets: string[] }} `targets` of electron-builder, such as
 *   AppImage, beyond the usual ones
 * @throws SetupError for an unknown option or another system: native modules are this system's
 */
export function packageRequest(args, platform = process.platform) {
  for (const option of args.filter((arg) => arg.startsWith('-'))) {
    if (!OPTIONS.includes(option)) throw new SetupError(`There is no option ${option}.`, `Use ${OPTIONS.join(', ')}.`);
    const system = SYSTEMS[option];
    if (system !== undefined && system !== platform) {
      throw new SetupError(
        `${option} cannot be packaged on this system: the native modules here are for ${platform}.`,
        'Package on the system that you package for.',
      );
    }
  }
  return {
    onlyFolder: args.includes('--dir'),
    writeSizes: args.includes('--write-sizes'),
    targets: args.filter((arg) => !arg.startsWith('-')),
  };
}

/** The time of the newest commit, so that equal sources give equal packages; else the time of LICENSE. */
async function sourceDate() {
  const { code, output } = await run('git', ['log', '-1', '--format=%ct'], { cwd: ROOT });
  return code === 0 ? output.trim() : String(Math.round(statSync(join(ROOT, 'LICENSE')).mtimeMs / 1000));
}

/** The folder that electron-builder makes, inside `dist/`. */
function folderName(platform = process.platform, arch = process.arch) {
  const system = { linux: 'linux', win32: 'win', darwin: 'mac' }[platform];
  const suffix = arch === 'x64' ? '' : `-${arch}`;
  return platform === 'darwin' ? `mac${suffix}` : `${system}${suffix}-unpacked`;
}

/**
 * Builds the packages.
 * @param {ReturnType<typeof packageRequest>} request
 * @returns {Promise<{ folder: string, installer: string | null, electron: { version: string, isPinned: boolean } }>}
 */
export async function makePackages({ onlyFolder, targets }) {
  if (readNote('tensorflow')?.backend === 'wasm') {
    throw new SetupError(
      "TensorFlow's native part is not here, and an app without it would learn many times slower.",
      'See docs/first-run.md, "TensorFlow", then: npm run setup -- --retry',
    );
  }
  const { electronInside } = await import('./electron-inside.mjs');
  const { configuration } = await import('./configuration.mjs');
  const { ensureShippedNode } = await import('./shipped-node.mjs');
  const { loadBuilder } = await import('./builder.mjs');
  const electron = await electronInside();
  await ensureShippedNode();
  const { build, Platform } = await loadBuilder();
  const output = join(ROOT, configuration.directories.output);
  const usual = process.platform === 'linux' || onlyFolder ? ['dir'] : undefined;
  const artefacts = await build({
    projectDir: ROOT,
    publish: 'never',
    targets: Platform.current().createTarget(targets.length > 0 ? targets : usual),
    config: { ...configuration, electronDist: electron.dist, electronVersion: electron.version },
  });
  const folder = join(output, folderName());
  if (onlyFolder || process.platform !== 'linux' || targets.length > 0) {
    return { folder, installer: artefacts[0] ?? null, electron };
  }
  const { makeDebianPackage } = await import('./debian-package.mjs');
  const installer = await makeDebianPackage({
    folder,
    output,
    version: readPackageJson(ROOT).version,
    arch: process.arch,
    isPinned: electron.isPinned,
    configuration,
    copyright: `${await readFile(join(ROOT, 'NOTICE'), 'utf8')}\n${await readFile(join(ROOT, 'LICENSE'), 'utf8')}`,
    icon: join(ROOT, configuration.linux.icon),
    date: await sourceDate(),
  });
  return { folder, installer, electron };
}

async function main(args) {
  const request = packageRequest(args);
  await ensureReady();
  const { folder, installer, electron } = await makePackages(request);
  const { sizesByPart, sizeTable, writeSizes } = await import('./sizes.mjs');
  const made = installer === null ? null : { name: basename(installer), sizeBytes: statSync(installer).size };
  const table = sizeTable(sizesByPart(folder), made);
  if (request.writeSizes) {
    writeSizes(
      table,
      `Linux on ${process.arch}, with Electron ${electron.version}${electron.isPinned ? '' : ' (for tests)'}:`,
    );
  }
  say(`\n${table}\n\n${folder}${installer === null ? '' : `\n${installer}`}`);
  if (!electron.isPinned) say(`Electron ${electron.version} is inside, for tests only: do not publish this.`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.exitCode = explain(error);
  }
}
