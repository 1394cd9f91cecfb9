/** @file The interpreter for custom rewards, beside the reward code of a job folder: QuickJS, as in the studio. */
import { cp, mkdir, readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const PACKAGES = ['quickjs-emscripten-core', '@jitl/quickjs-wasmfile-release-sync', '@jitl/quickjs-ffi-types'];
/** What Node loads; types, source maps and builds for browsers stay away. */
const LOADED = /(^package\.json|^LICENSE.*|\.c?js|\.mjs|\.wasm)$/;
const ELSEWHERE = /browser|cloudflare/;

/** Copies the packages to `folder/node_modules`, where the reward code looks for them. */
export async function writeInterpreter(folder: string): Promise<void> {
  let require = createRequire(import.meta.url);
  for (const name of PACKAGES) {
    const root = await packageRoot(require.resolve(name), name);
    // The types package is found only from the one that needs it.
    require = createRequire(join(root, 'package.json'));
    for (const part of ['', 'dist']) {
      const target = join(folder, 'node_modules', name, part);
      await mkdir(target, { recursive: true });
      for (const entry of await readdir(join(root, part), { withFileTypes: true })) {
        if (!entry.isFile() || !LOADED.test(entry.name) || ELSEWHERE.test(entry.name)) continue;
        await cp(join(root, part, entry.name), join(target, entry.name));
      }
    }
  }
}

async function packageRoot(file: string, name: string): Promise<string> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const found = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null);
    if (found !== null && (JSON.parse(found) as { name?: string }).name === name) return folder;
    if (dirname(folder) === folder) throw new Error(`The package ${name} is not installed.`);
  }
}
