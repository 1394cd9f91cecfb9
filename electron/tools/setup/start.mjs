#!/usr/bin/env node
/** @file `npm start`: the desktop app if Electron's program is installed, else the studio in the browser. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureReady } from './ensure.mjs';
import { MODULES, ROOT } from './places.mjs';
import { explain, say, SetupError } from './say.mjs';

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

/**
 * Chromium's sandbox does not work for root on Linux, and Atelier does not turn it off by itself.
 * @param {string[]} args
 */
export function refuseRoot(args, { platform = process.platform, uid = process.getuid?.() } = {}) {
  if (platform !== 'linux' || uid !== 0 || args.includes('--no-sandbox')) return;
  throw new SetupError(
    "You are root, and Chromium's sandbox does not work for root.",
    'Start Atelier as an ordinary user. In a container that you throw away: npm start -- --no-sandbox',
  );
}

/** Runs the desktop app, or `atelier serve`, which opens itself in the browser. */
function start() {
  const program = electronProgram();
  const more = process.argv.slice(2);
  if (program !== null) {
    refuseRoot(more);
    // The app runs the engine under this Node.
    return spawn(program, [ROOT, ...more], {
      stdio: 'inherit',
      env: { ...process.env, ATELIER_NODE: process.execPath },
    });
  }
  say(
    "Electron's program is not here, so the studio opens in your browser (for a window of its own: npx install-electron).",
  );
  const cli = join(ROOT, 'out', 'main', 'cli.js');
  return spawn(process.execPath, [cli, 'serve', '--open', ...more], { stdio: 'inherit' });
}

function startOrExplain() {
  try {
    return start();
  } catch (error) {
    process.exit(explain(error));
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureReady();
  } catch (error) {
    process.exit(explain(error));
  }
  const child = startOrExplain();
  // The terminal sends Ctrl-C to both processes; this one waits until the studio has closed.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => process.exit(explain(error)));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}
