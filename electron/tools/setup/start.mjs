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

/** Opens an address in the user's browser; if that fails, the printed address is enough. */
function openInBrowser(url) {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  const opener = spawn(command, args, { stdio: 'ignore', detached: true });
  opener.on('error', () => undefined);
  opener.unref();
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

/** Runs the desktop app, or `atelier serve` with its address opened in the browser. */
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
  const child = spawn(process.execPath, [cli, 'serve', ...more], { stdio: ['inherit', 'pipe', 'inherit'] });
  let opened = false;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text);
    const url = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(text)?.[0];
    if (url === undefined || opened) return;
    opened = true;
    openInBrowser(url);
  });
  return child;
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
