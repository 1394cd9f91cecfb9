/**
 * @file The measuring process as it would ship: bundled like the studio's own processes. A TypeScript loader would add
 * 80 MB and a thread to every figure.
 */
import { join } from 'node:path';
import { build } from 'vite';
import { ENGINE_BUILD, ENGINE_PROCESS, ROOT, TEXT_THREAD } from './places.ts';

let built: Promise<string> | undefined;

/** The path of the measuring process, bundled once for each bench. */
export function builtEngineProcess(): Promise<string> {
  return (built ??= bundle());
}

async function bundle(): Promise<string> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir: ENGINE_BUILD,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: {
        external: ['@tensorflow/tfjs'],
        // The names by which the processes find each other (electron.vite.config.ts).
        input: { 'engine-process': ENGINE_PROCESS, texts: TEXT_THREAD },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  });
  return join(ENGINE_BUILD, 'engine-process.js');
}
