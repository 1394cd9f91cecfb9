#!/usr/bin/env node
/** @file `npm start`: the desktop app where Electron's program is there, else the studio in the browser. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureReady } from './ensure.mjs';
import { MODULES, ROOT } from './places.mjs';
import { explain, say } from './say.mjs';

/**
 * Electron's program, or null. Does not load the `electron` package: that would start a download.
 * @param {string} [folder] the package's folder
 */
export function electronProgram(folder = join(MODULES, 'electron'), env = process.env) {
  const pathFile = join(folder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : 'electron';
  const program = join(env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
  return existsSync(program) ? program : null;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureReady();
  } catch (error) {
    process.exit(explain(error));
  }
  const program = electronProgram();
  const more = process.argv.slice(2);
  if (program === null) {
    say(
      "Electron's program is not here, so the studio opens in your browser (for the desktop app: npx install-electron).",
    );
  }
  const [command, args] =
    program === null
      ? [process.execPath, [join(ROOT, 'electron', 'setup', 'atelier.mjs'), 'serve', '--open', ...more]]
      : [program, [ROOT, ...more]];
  const child = spawn(command, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => process.exit(explain(error)));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
