/** @file Two projects: `unit` lies beside the code, `e2e` drives the built studio in a browser. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const slowMs = 300_000;
const globalSetup = 'electron/tools/setup/test-folder.mjs';

export default defineConfig({
  test: {
    // Golden tests load TensorFlow; two of them at once is all that a small machine can hold.
    maxWorkers: 2,
    projects: [
      {
        plugins: [svelte()],
        test: {
          name: 'unit',
          environment: 'node',
          include: ['electron/**/*.test.{ts,mjs}', 'renderer/**/*.test.ts', '*.test.ts'],
          // Those of `npm run test:gpu-ops` have a configuration of their own (electron/tools/setup/gpu-ops.vitest.mjs).
          exclude: ['**/node_modules/**', 'out/**', '**/*.gpu-ops.test.ts'],
          // The native addon belongs to a process: worker threads would share and break it.
          pool: 'forks',
          globalSetup,
          // No test asks a real hub; those of downloads name one of their own. On an NVIDIA card, golden data needs all bits of float32.
          env: { HF_HUB_OFFLINE: '1', NVIDIA_TF32_OVERRIDE: '0' },
          // The colours themselves are tested; other styles are left out.
          css: { include: /tokens\.css/ },
          testTimeout: slowMs,
          hookTimeout: slowMs,
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['e2e/**/*.e2e.ts'],
          pool: 'forks',
          globalSetup,
          // No test asks a real hub; those of downloads name one of their own.
          env: { HF_HUB_OFFLINE: '1' },
          fileParallelism: false,
          // A busy machine takes its time to show what a test waits for.
          expect: { poll: { timeout: slowMs / 10 } },
          testTimeout: slowMs / 2,
          hookTimeout: slowMs / 2,
          // One of some hundred screens may come late on a busy machine. `npm test` names each test that needed its
          // second try, with what went wrong at the first.
          retry: 1,
        },
      },
    ],
  },
});
