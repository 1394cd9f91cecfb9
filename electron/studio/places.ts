/** @file Where things are located, both for the built program and when running from source. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Places {
  root: string;
  version: string;
  resourcesDir: string;
  rendererDir: string;
  /** The engine's entry point: built if the caller is built, source if the caller runs from source. */
  engineEntry: string;
  /** The entry point of the picture process, likewise. */
  picturesEntry: string;
  /** The rewards as one file, for job folders; made by the build. */
  judgeBundle: string;
}

/** @param from `import.meta.url` of any file of the program */
export function findPlaces(from: string): Places {
  const here = fileURLToPath(from);
  const root = findRoot(dirname(here));
  const isSource = here.endsWith('.ts');
  const built = unpacked(join(root, 'out', 'main'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return {
    root,
    version,
    // The engine reads the starter model and the starter pictures.
    resourcesDir: unpacked(join(root, 'resources')),
    rendererDir: join(root, 'out', 'renderer'),
    engineEntry: isSource ? join(root, 'electron', 'engine', 'service', 'main.ts') : join(built, 'engine.js'),
    picturesEntry: isSource ? join(root, 'electron', 'pictures', 'main.ts') : join(built, 'pictures.js'),
    judgeBundle: join(built, 'judge.mjs'),
  };
}

/** Where a packaged file really lies: plain Node cannot look into Electron's archive. */
export function unpacked(path: string): string {
  return path.replace(/([\\/])app\.asar(?=[\\/]|$)/, '$1app.asar.unpacked');
}

/** The data folder: `--home`, else `ATELIER_HOME`, else `fallback`, else the system's location for application data. */
export function homeFolder(options: {
  home?: string | undefined;
  env: NodeJS.ProcessEnv;
  cwd: string;
  fallback?: string | undefined;
}): string {
  const named = options.home ?? options.env['ATELIER_HOME'];
  if (named !== undefined && named !== '') return resolve(options.cwd, named);
  if (options.fallback !== undefined) return options.fallback;
  const { env } = options;
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Atelier');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Atelier');
  const dataHome = env['XDG_DATA_HOME'];
  return join(dataHome !== undefined && dataHome !== '' ? dataHome : join(homedir(), '.local', 'share'), 'atelier');
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'atelier')
      return folder;
    if (dirname(folder) === folder) throw new Error(`No Atelier lies around ${start}.`);
  }
}
