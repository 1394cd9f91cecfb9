/** @file How the three parts are built: Node side (desktop app, engine, command line), preload, page. */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { judgeBundle } from './electron/tools/setup/judge-bundle.mjs';

function at(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

export default defineConfig({
  main: {
    plugins: [judgeBundle(at('out/main/judge.mjs'))],
    build: {
      outDir: at('out/main'),
      // The same files run in Electron and under plain Node 20 (command line, web host, engine).
      target: 'node20',
      sourcemap: true,
      rollupOptions: {
        // Comes with tfjs-node and is loaded as it is: inlined, its paths without extension find nothing under Node.
        external: ['@tensorflow/tfjs'],
        input: {
          index: at('electron/main/index.ts'),
          engine: at('electron/engine/service/main.ts'),
          pictures: at('electron/pictures/main.ts'),
          cli: at('electron/cli/cli.ts'),
          tables: at('electron/formats/rows/table-thread.ts'),
          texts: at('electron/formats/model-text-thread.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      // A sandboxed preload cannot load packages, so everything goes into one CommonJS file.
      externalizeDeps: false,
      rollupOptions: {
        input: { index: at('electron/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [svelte()],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      // Fonts and icons stay files: the content security policy admits only our own origin.
      assetsInlineLimit: 0,
      rollupOptions: {
        input: at('renderer/index.html'),
        // One chunk with the setting that keeps zod from making code out of text: whatever other chunk makes a schema
        // loads this one first. Else the first schema could come before the setting, which the policy would report.
        output: { codeSplitting: { groups: [{ name: 'zod', test: /node_modules\/zod\/|no-eval\.ts$/ }] } },
      },
    },
  },
});
