/** @file A picture of 8 megapixels goes through a vision tower under a memory limit that its whole attention scores would exceed. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadRuntime } from '../runtime/backend.ts';

const { native } = await loadRuntime();
const script = fileURLToPath(new URL('large-picture.ts', import.meta.url));
const GIB = 1024 ** 3;
/** Data that the process may allocate, in KiB: exceeding it is an error rather than a machine that swaps. */
const LIMIT_KIB = 3 * 1024 ** 2;

describe.skipIf(native === null || process.platform !== 'linux')('a picture of 8 megapixels', () => {
  it(
    'is encoded within 1 GiB, although the scores of one head would take more than 6 GiB',
    { timeout: 300_000 },
    async () => {
      const run = `ulimit -d ${String(LIMIT_KIB)} && exec "$0" --import tsx "$@"`;
      const { stdout } = await promisify(execFile)('sh', ['-c', run, process.execPath, script, '3264', '2464']);
      const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
        patches: number;
        finite: boolean;
        peakBytes: number;
      };
      expect(4 * result.patches ** 2).toBeGreaterThan(6 * GIB);
      expect(result.finite).toBe(true);
      expect(result.peakBytes).toBeLessThan(GIB);
    },
  );
});
