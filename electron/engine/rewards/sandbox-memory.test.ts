/** @file The documented 64 MB of a custom reward, measured from outside: by how much its process grows at the peak. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CustomParams } from '../../contract/model/rewards.ts';
import { SANDBOX_LIMITS } from './sandbox.ts';

const MIB = 1024 * 1024;
/** The thread around the interpreter, with its own copy of QuickJS's code, and what V8 has not yet returned. */
const THREAD_BYTES = 64 * MIB;

const LONGEST_SOURCE = 65_536;

/** Each takes memory in another way: inside the interpreter, in what it hands back, or before it starts. */
const GREEDY: Record<string, string> = {
  objects: inScore('const all = []; for (;;) all.push({ x: [1, 2, 3] });'),
  texts: inScore('const all = []; for (;;) all.push("x".repeat(1e6) + all.length);'),
  'a text that doubles': inScore('let text = "xy"; for (;;) text += text;'),
  'a text taken apart': inScore('"x".repeat(5e7).split("");'),
  'a replacement': inScore('"x".repeat(1e6).replace(/x/g, "y".repeat(1e4));'),
  'JSON made': inScore('JSON.stringify(new Array(1e7).fill("xxxxxxxxxx"));'),
  'JSON read': inScore('JSON.parse("[" + "1,".repeat(1e7) + "1]");'),
  'regular expressions': inScore(
    'const all = []; for (let i = 0; ; i++) all.push(new RegExp(`a{${i}}(b|c){1,30000}`));',
  ),
  'a search that goes back': inScore('/^(?:a|a|a|a|(a)|b)*$/.test("a".repeat(1e6) + "c");'),
  'a large number': inScore('let n = 3n; for (;;) n *= n;'),
  'a sparse array': inScore('const all = []; all[4294967290] = 1; all.fill(0);'),
  'many arguments': inScore('Math.max(...new Array(1e7).fill(1));'),
  'typed arrays': inScore('const all = []; for (;;) all.push(new Float64Array(1e6));'),
  'a long answer': inScore('return "x".repeat(2e7);'),
  'a long error': inScore('throw new Error("x".repeat(2e7));'),
  'an error that takes more when read': inScore('throw { get message() { const all = []; for (;;) all.push([1]); } };'),
  'what it throws stands for more': inScore('let all = [1]; for (let i = 0; i < 22; i++) all = [all, all]; throw all;'),
  'gaps between texts': inScore(
    'let all = []; for (let size = 1000; size < 3e7; size *= 1.1) { all = all.slice(-1); all.push("x".repeat(size) + "y"); }',
  ),
  'memory taken while loading': 'const all = []; for (;;) all.push({ all });',
  'the longest source': `${'(()=>1);'.repeat(LONGEST_SOURCE / 8 - 5)}export const score=()=>0.5`,
};

function inScore(code: string): string {
  return `export const score = () => { ${code} return 0.5; };`;
}

describe.skipIf(process.platform !== 'linux')('the memory of a custom reward', () => {
  it('stays within the limit and its thread, whatever it tries', { timeout: 240_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'atelier-peaks-'));
    try {
      const sources = join(folder, 'sources.json');
      await writeFile(sources, JSON.stringify(GREEDY));
      const child = join(import.meta.dirname, 'fixtures', 'measure-peaks.ts');
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--expose-gc',
        '--import',
        'tsx',
        child,
        sources,
      ]);
      const measured = JSON.parse(stdout) as Record<string, { said: string; grownBytes: number }>;
      expect(Object.keys(measured)).toEqual(Object.keys(GREEDY));
      const limitBytes = SANDBOX_LIMITS.memoryMb * MIB + THREAD_BYTES;
      expect(Object.entries(measured).filter(([, { grownBytes }]) => grownBytes > limitBytes)).toEqual([]);
      // The measure sees memory: some of them reach the limit.
      const most = Math.max(...Object.values(measured).map(({ grownBytes }) => grownBytes));
      expect(most).toBeGreaterThan(SANDBOX_LIMITS.memoryMb * MIB * 0.75);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is not taken by its source before it starts: a longer one is not accepted', () => {
    const params = { label: 'long', file: 'long.js', sha256: '0'.repeat(64) };
    expect(CustomParams.safeParse({ ...params, source: ' '.repeat(LONGEST_SOURCE) }).success).toBe(true);
    expect(CustomParams.safeParse({ ...params, source: ' '.repeat(LONGEST_SOURCE + 1) }).success).toBe(false);
  });
});
