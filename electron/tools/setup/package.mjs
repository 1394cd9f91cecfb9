#!/usr/bin/env node
/**
 * @file `npm run package`: builds the desktop program's installers with electron-builder. The builder is fetched on
 * demand rather than with every checkout: only those who publish a version need its hundreds of packages.
 */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { run } from './command.mjs';
import { ensureReady } from './ensure.mjs';
import { ROOT } from './places.mjs';
import { explain, say } from './say.mjs';
import { electronProgram } from './start.mjs';

/** Pinned, so that the same checkout always packages the same way. */
export const BUILDER = 'electron-builder@26.17.0';

/**
 * The packaging command, as arguments for npm.
 * @param {readonly string[]} args for electron-builder: `--linux`, `--win`, `--mac`, `--dir`
 */
export function packageCommand(args) {
  const config = join('electron', 'tools', 'setup', 'electron-builder.config.mjs');
  return [
    'exec',
    '--yes',
    `--package=${BUILDER}`,
    '--',
    'electron-builder',
    '--config',
    config,
    '--publish',
    'never',
    ...args,
  ];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureReady();
    if (electronProgram() === null) {
      say("Electron's program is not here; electron-builder fetches it (or set ELECTRON_OVERRIDE_DIST_PATH).");
    }
    const { code } = await run('npm', packageCommand(process.argv.slice(2)), { cwd: ROOT, inherit: true });
    process.exitCode = code ?? 1;
  } catch (error) {
    process.exitCode = explain(error);
  }
}
