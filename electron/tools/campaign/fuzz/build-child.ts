/**
 * @file Builds the child that tries inputs, because a thread that starts from source takes twenty times as long, and a
 * reader ends its thread after every damaged file.
 */
import { join } from 'node:path';
import { build } from 'vite';
import { findPlaces } from '../../../studio/places.ts';

const { root } = findPlaces(import.meta.url);
/** Inside the clone, where the packages are found, but not in `out/`, which ships. */
const OUT = join(root, '.cache', 'fuzz-child');

let built: Promise<string> | undefined;

/** @returns the path of the built child; built once for each process */
export function buildChild(): Promise<string> {
  built ??= buildNow();
  return built;
}

async function buildNow(): Promise<string> {
  const at = (path: string): string => join(root, 'electron', path);
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: true,
      target: 'node20',
      outDir: OUT,
      // Another campaign may be running from it.
      emptyOutDir: false,
      sourcemap: true,
      rolldownOptions: {
        external: ['@tensorflow/tfjs'],
        input: {
          child: at('tools/campaign/fuzz/child.ts'),
          // The threads, under the names by which the readers look for them.
          tables: at('formats/rows/table-thread.ts'),
          texts: at('formats/model-text-thread.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  });
  return join(OUT, 'child.js');
}
