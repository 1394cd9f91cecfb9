/** @file A custom reward: what it can do, what it cannot reach, and how its failures are reported. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { AtelierError } from '../../contract/errors/errors.ts';
import type { CustomParams, JudgeItem, RewardSpec } from '../../contract/model/rewards.ts';
import { openJudge } from './judge.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

const open: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});

function reward(source: string, file = 'mine.ts'): CustomParams {
  return { label: 'mine', file, source, sha256: createHash('sha256').update(source, 'utf8').digest('hex') };
}

async function started(source: string, file?: string, limits?: { callMs: number; memoryMb: number }): Promise<Sandbox> {
  const sandbox = await openSandbox(reward(source, file), limits);
  open.push(sandbox);
  return sandbox;
}

const items: JudgeItem[] = [
  { completion: '<answer>7</answer>', answer: '7', task: 'counting' },
  { completion: 'nothing', answer: '7', task: 'counting' },
];

async function failure(
  source: string,
  file?: string,
  limits?: { callMs: number; memoryMb: number },
): Promise<AtelierError> {
  try {
    (await started(source, file, limits)).score(items);
  } catch (error) {
    if (error instanceof AtelierError) return error;
    throw error;
  }
  throw new Error('This reward was not refused.');
}

describe('a custom reward', () => {
  it('is TypeScript or JavaScript that exports score', async () => {
    const typed = `
      type Sample = { answer: string; task: string };
      export function score(completion: string, sample: Sample): number {
        return completion.includes(sample.answer) && sample.task === 'counting' ? 1 : 0;
      }`;
    expect((await started(typed)).score(items)).toEqual([1, 0]);
    expect((await started('exports.score = (completion) => completion.length / 100', 'mine.js')).score(items)).toEqual([
      0.18, 0.07,
    ]);
    expect(
      (await started('export default (completion) => (completion === "nothing" ? null : 0.5)', 'mine.mjs')).score(
        items,
      ),
    ).toEqual([0.5, null]);
  });

  it('answers many times, in order, with the same context', async () => {
    const sandbox = await started('export const score = (completion: string) => Number(completion) / 1000;');
    const many = Array.from({ length: 300 }, (_, i): JudgeItem => ({
      completion: String(i),
      answer: '',
      task: 'other',
    }));
    expect(sandbox.score(many)).toEqual(many.map((_, i) => i / 1000));
    expect(sandbox.score(many.slice(7, 8))).toEqual([0.007]);
    expect(sandbox.score([])).toEqual([]);
  });

  it('stands beside the built-in ones in the order of the recipe', async () => {
    const specs: RewardSpec[] = [
      { name: 'custom', weight: 1, params: reward('export const score = () => 0.25;') },
      { name: 'accuracy', weight: 1 },
    ];
    const judge = await openJudge(specs);
    try {
      expect(judge.score(items)).toEqual([
        [0.25, 1],
        [0.25, 0],
      ]);
    } finally {
      judge.close();
    }
  });
});

describe('what a module remembers', () => {
  it('is gone at the next call, so that a resumed run scores as an uninterrupted one', async () => {
    const sandbox = await started(
      'let asked = 0; const seen = []; export const score = (c) => { seen.push(c); return (asked++ + seen.length) / 100; };',
      'mine.js',
    );
    expect(sandbox.score(items)).toEqual([0.01, 0.03]);
    expect(sandbox.score(items)).toEqual([0.01, 0.03]);
  });
});

describe('failures name the file, and the line where there is one', () => {
  it.each<[what: string, source: string, message: RegExp, row: number | undefined]>([
    ['a throw', 'export function score() {\n  throw new Error("boom");\n}', /mine\.ts, line 2: boom/, 2],
    ['a name that is not there', '\n\nexport const score = () => nowhere.x;', /line 3: 'nowhere' is not defined/, 3],
    [
      'a throw in a helper, with types above it',
      'type A = {\n  a: 1;\n};\nfunction help(): never {\n  throw new RangeError("deep");\n}\nexport const score = () => help();',
      /line 5: deep/,
      5,
    ],
    ['a failure before any call', 'const x = null;\nx.y;\nexport const score = () => 1;', /line 2/, 2],
    ['a slip of the pen', 'export const a = 1;\nexport const score = (;\n', /line 2/, 2],
    [
      'code nested too deeply',
      `export const score = () => ${'['.repeat(3000)}${']'.repeat(3000)};`,
      /nested too deeply/,
      undefined,
    ],
    [
      'an error without words',
      'export const score = () => { throw {}; };',
      /threw something that is not an error/,
      undefined,
    ],
    ['no function', 'export const scores = () => 1;', /exports no function named score/, undefined],
    ['a text for a number', 'export const score = () => "1";', /gave string/, undefined],
    ['a number above 1', 'export const score = () => 1.5;', /gave 1\.5 where a number from 0 to 1/, undefined],
    ['a number below 0', 'export const score = () => -1e-9;', /gave -1e-9 where a number from 0 to 1/, undefined],
    ['not a number', 'export const score = () => 0 / 0;', /no finite number/, undefined],
    ['a throw of nothing', 'export const score = () => { throw null; };', /threw null/, undefined],
    ['a wish to import', 'export const score = () => 1;\n// import x\n', /line 2: a reward cannot import/, 2],
    ['a hidden wish to import', 'export const score = () => import("node:fs");', /cannot import/, 1],
  ])('%s', async (_what, source, message, row) => {
    const error = await failure(source);
    expect(error.code).toBe('BAD_INPUT');
    expect(error.message).toMatch(message);
    expect(error.place.file).toBe('mine.ts');
    expect(error.place.row).toBe(row);
    expect(error.remedy).toMatch(/function score/);
  });

  it('tells which completion it was', async () => {
    expect((await failure('export const score = (c: string) => (c === "nothing" ? c.x.y : 1);')).message).toContain(
      '(for the completion "nothing")',
    );
  });

  it('refuses a text that its hash does not name', async () => {
    const forged = { ...reward('export const score = () => 1;'), source: 'export const score = () => 0;' };
    await expect(openSandbox(forged)).rejects.toThrow(/SHA-256/);
  });

  it('is closed after a failure', async () => {
    const sandbox = await started('export const score = () => nowhere;');
    expect(() => sandbox.score(items)).toThrow(AtelierError);
    expect(() => sandbox.score(items)).toThrow(/closed/);
  });
});

describe('limits', () => {
  it.each([
    ['a loop without end', 'export const score = () => { for (;;); };'],
    ['a loop while loading', 'for (;;);'],
    ['a regular expression that runs away', 'export const score = () => /^(a+)+$/.test("a".repeat(60) + "b") ? 1 : 0;'],
    // The interpreter does not come back from this by itself: its thread has to be ended.
    ['a search that compares for ever', 'export const score = () => "a".repeat(2e7).indexOf("a".repeat(1e7) + "b");'],
  ])('%s is ended', async (_what, source) => {
    expect((await failure(source, 'mine.ts', { callMs: 150, memoryMb: 64 })).message).toMatch(
      /takes longer than 150 ms/,
    );
  });

  it.each([
    ['many small things', 'const all = []; for (;;) all.push({ x: [1, 2, 3] });'],
    ['large arrays', 'const all = []; for (;;) all.push(new Array(100000).fill(1.5));'],
    ['one array beyond all bounds', 'return new Array(1e9).fill(0).length;'],
    ['a long text taken apart', 'return "x".repeat(5e8).split("").length;'],
    ['a map', 'const all = new Map(); for (let i = 0; ; i++) all.set(i, { i });'],
  ])('memory without end is ended, and this process lives: %s', async (_what, code) => {
    const greedy = `export const score = () => { ${code} };`;
    const error = await failure(greedy, 'mine.ts', { callMs: 60_000, memoryMb: 8 });
    expect(error.message).toMatch(/needs more than 8 MB of memory/);
  });

  it('a failure of one leaves the others as they were', async () => {
    const good = await started('export const score = () => 0.5;');
    await failure('export const score = () => { const dive = () => dive() + 1; return dive(); };');
    await failure('export const score = () => new Array(1e9).fill(0).length;');
    expect(good.score(items)).toEqual([0.5, 0.5]);
  });
});

describe('nothing outside can be reached', () => {
  it('knows no process, modules, network, clock, chance or timers', async () => {
    const names = [
      'process',
      'require',
      'fetch',
      'XMLHttpRequest',
      'WebSocket',
      'Date',
      'setTimeout',
      'queueMicrotask',
      'Buffer',
      'global',
      'console',
      'WebAssembly',
      'SharedArrayBuffer',
      'ArrayBuffer',
      'Promise',
      'eval',
      'Function',
      'performance',
      'structuredClone',
    ];
    const source = `export const score = () => { const there = ${JSON.stringify(names)}.filter((name) => typeof globalThis[name] !== 'undefined'); if (there.length || typeof Math.random !== 'undefined') throw new Error(there.join()); return 1; };`;
    expect((await started(source)).score(items)).toEqual([1, 1]);
  });

  it.each([
    ['the constructor of a function', '(() => {}).constructor("return process")()'],
    ['the constructor of the sample', 'sample.constructor.constructor("return process")()'],
    ["a generator's constructor", '(function* () {}).constructor("return process")().next()'],
    ["an async function's constructor", '(async () => {}).constructor("return process")()'],
    ['the caller', 'score.caller.constructor("return process")()'],
    ['this', '(function () { return this; })().process.pid'],
    [
      'stack frames',
      '(() => { Error.prepareStackTrace = (_, frames) => frames; const s = new Error("x").stack; return s[0].getFunction() })()',
    ],
  ])('not through %s', async (_what, expression) => {
    const source = `export function score(completion, sample) {
      let got;
      try { got = ${expression}; } catch { return 0; }
      return typeof got === 'number' || typeof got === 'function' || (typeof got === 'object' && got !== null && 'pid' in got) ? 1 : 0;
    }`;
    expect((await started(source)).score(items)).toEqual([0, 0]);
  });

  it('cannot be changed by the stack overflowing or by a poisoned prototype', async () => {
    const poison = 'Object.prototype.polluted = 1; export const score = () => 1;';
    expect((await failure(poison)).message).toMatch(/not extensible|Cannot add|read only/);
    const deep =
      'const dive = () => dive(); export const score = () => { try { dive(); } catch (e) { return e.constructor.constructor === Error.constructor ? 1 : 0; } return 0; };';
    expect((await started(deep)).score(items)).toEqual([1, 1]);
  });

  it('cannot replace what calls it', async () => {
    const forge = 'globalThis.__call = () => "1"; export const score = () => 0.5;';
    // Either the attempt fails, or it has no effect.
    try {
      expect((await started(forge)).score(items)).toEqual([0.5, 0.5]);
    } catch (error) {
      expect(error).toBeInstanceOf(AtelierError);
    }
  });
});
