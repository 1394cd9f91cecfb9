/** @file Builds out/ when a source is newer than the last build. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, run } from './command.mjs';
import { readNote, writeNote } from './packages/notes.mjs';
import { MODULES, ROOT } from './places.mjs';
import { part, SetupError } from './say.mjs';

const BUILD_MS = 10 * 60_000;
const SOURCES = ['electron', 'renderer', 'package-lock.json', 'electron.vite.config.ts', 'svelte.config.js'];
const RESULTS = [
  'out/main/cli.js',
  'out/main/engine.js',
  'out/main/index.js',
  'out/main/tables.js',
  'out/main/texts.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
];
/** Files that never end up in the build. */
const ASIDE = /(\.test\.(ts|mjs)|[\\/]fixtures([\\/]|$)|^electron[\\/]setup([\\/]|$))/;

/**
 * Names, sizes and times of the sources, as one string, which changes whenever a source is changed, added or removed.
 * @param {string} [root]
 */
export function sourceMark(root = ROOT) {
  let newestMs = 0;
  let count = 0;
  let sizeBytes = 0;
  const look = (path) => {
    if (ASIDE.test(path) || !existsSync(join(root, path))) return;
    const stats = statSync(join(root, path));
    if (stats.isDirectory()) {
      for (const name of readdirSync(join(root, path))) look(join(path, name));
      return;
    }
    newestMs = Math.max(newestMs, stats.mtimeMs);
    sizeBytes += stats.size;
    count++;
  };
  for (const path of SOURCES) look(path);
  return `${count} files, ${sizeBytes} bytes, newest ${Math.round(newestMs)}`;
}

/** Ensures that out/ is built from the current sources. */
export async function ensureBuild() {
  const mark = sourceMark();
  if (readNote('build')?.mark === mark && RESULTS.every((file) => existsSync(join(ROOT, file)))) return;
  await part('Studio: building', async () => {
    const result = await run(process.execPath, [join(MODULES, 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
      cwd: ROOT,
      timeoutMs: BUILD_MS,
    });
    const lost = RESULTS.find((file) => !existsSync(join(ROOT, file)));
    if (result.code !== 0 || lost) {
      throw new SetupError(
        `The studio could not be built${lost ? ` (${lost} is missing)` : ''}:\n${lastLines(result.output, 15)}`,
        'If you changed the sources, correct the place named above. Otherwise run git status, then npm run build.',
      );
    }
  });
  writeNote('build', { mark });
}
