/** @file `npm run test:gpu-ops`: the golden tests and whole jobs op by op on a GPU, and all of Qwen3.5 compiled. Too long for `npm test`. */
import { defineConfig } from 'vitest/config';

const slowMs = 600_000;

export default defineConfig({
  test: {
    include: ['electron/**/*.gpu-ops.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: 'electron/tools/setup/test-folder.mjs',
    testTimeout: slowMs,
    hookTimeout: slowMs,
  },
});
