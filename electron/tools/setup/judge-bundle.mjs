/**
 * @file Makes the rewards one JavaScript file that runs under plain Node without any package (`judge-lines.ts`). Only the
 * interpreter of custom rewards stays outside: its packages are copied beside the file when a job needs them.
 */
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ENTRY = fileURLToPath(new URL('../../engine/rewards/judge-lines.ts', import.meta.url));

/** @param {string} outFile path of the file to write */
export async function buildJudge(outFile) {
  await build({
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: ENTRY,
      outDir: dirname(outFile),
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { format: 'es', entryFileNames: basename(outFile), codeSplitting: false } },
    },
  });
}

/** For the build of the studio: writes the file when everything else is written. @param {string} outFile */
export function judgeBundle(outFile) {
  return {
    name: 'judge-bundle',
    apply: /** @type {const} */ ('build'),
    async closeBundle() {
      await buildJudge(outFile);
    },
  };
}
