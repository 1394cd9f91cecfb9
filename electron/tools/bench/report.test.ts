/** @file The page generated from results with known figures. */
import { describe, expect, it } from 'vitest';
import type { MemoryPlan } from '../../contract/engine/memory.ts';
import type { StepTiming } from './engine-process.ts';
import { goalTable } from './goals.ts';
import { performancePage } from './report.ts';
import { RESULTS_VERSION, type Comparison, type Results } from './results.ts';
import { WORKLOADS } from './works.ts';

const GIB = 1024 ** 3;

function step(seconds: number): StepTiming {
  return {
    seconds,
    generate: seconds / 2,
    score: seconds / 8,
    update: seconds / 4,
    tokensGenerated: 2048,
    longest: 32,
    residentBytes: GIB,
    entries: {
      encode: { calls: 1, seconds: seconds / 16 },
      prefill: { calls: 1, seconds: seconds / 16 },
      decode: { calls: 31, seconds: seconds / 3 },
      reference: { calls: 1, seconds: seconds / 10 },
      update: { calls: 1, seconds: seconds / 4 },
    },
  };
}

function comparison(peerSeconds: number): Comparison {
  return {
    kind: 'comparison',
    method: 'grpo',
    work: WORKLOADS.nano,
    ours: {
      plan: null,
      startup: { phases: { load: 1, 'read images': 2, compile: 3, train: 5 }, ready: 5 },
      firstStepSeconds: 3,
      turns: [step(0.5), step(0.4), step(0.6)],
      cached: [step(0.35)],
      peakResidentBytes: GIB,
    },
    peers: {
      trl: {
        attention: 'sdpa',
        tried: { eager: 3 },
        turns: [{ seconds: peerSeconds }, { seconds: 9 }],
        peakResidentBytes: 2 * GIB,
      },
      hf: { attention: 'eager', tried: {}, turns: [{ seconds: 0.9 }], peakResidentBytes: GIB },
    },
  };
}

const part = { finishedAt: '2026-01-01T00:00:00Z', seconds: 1, loadBefore: 0.5 };

function results(peerSeconds: number): Results {
  return {
    version: RESULTS_VERSION,
    startedAt: '2026-01-01T00:00:00Z',
    command: 'npm run bench -- --publish',
    machine: { cpu: 'A processor', cores: 2, memoryBytes: 24 * GIB, system: 'Linux 6', node: '20', loadBefore: 0.1 },
    engine: { backend: 'tensorflow', version: '2.21.0', device: 'CPU', threads: 2 },
    peers: { torch: '2.13.0' },
    parts: {
      products: { ...part, result: { kind: 'products', rates: [], peak: { F32: 400, BF16: 800 } } },
      'grpo:nano': { ...part, result: comparison(peerSeconds) },
      'endings:nano': {
        ...part,
        result: {
          kind: 'endings',
          work: 'nano',
          limit: 128,
          steps: 8,
          points: [{ meanTokens: 16.02, longestTokens: 560, decode: 1.6, wholeBatch: 2.4 }],
        },
      },
      'grpo:full2b': { ...part, error: 'The engine ended.\nlast words' },
    },
  };
}

describe('goals', () => {
  it.each([
    [2.9, true],
    [2.7, false],
  ])('compare the best turns of both sides: TRL at %f s', (seconds, met) => {
    const [whole] = goalTable(results(seconds));
    expect(whole).toMatchObject({
      met,
      measured: expect.stringContaining(`${(seconds / 0.4).toFixed(2)} ×`) as string,
    });
  });

  it('are neither met nor missed where nothing was measured, and missed where it failed', () => {
    const goals = goalTable(results(2));
    expect(goals.find(({ goal }) => goal.includes('wide2 (bfloat16)'))).toMatchObject({
      met: null,
      measured: 'not measured',
    });
    expect(goals.find(({ goal }) => goal.includes('full2b runs'))).toMatchObject({ met: false });
  });
});

describe('the page', () => {
  const page = performancePage(results(2.4), new Set(['step-nano']));

  it('says what was measured, on what, and what could not be', () => {
    for (const said of [
      'A processor',
      '**6.00 ×**',
      '2.4 / 2.4',
      'sdpa (eager: 3)',
      'npm run bench -- --publish',
      '| 16.0              | 70.0           | 0.2         | 0.3               | 1.50 ×   |',
      '`grpo:full2b`: last words',
    ])
      expect(page).toContain(said);
  });

  it('sets photos beside transformers, with what was predicted', () => {
    expect(page).toContain('## Photos\n\nNot measured.');
    const known = results(2.4);
    const side = { wall: 9, promptTokens: 2495 };
    const ours = { ...side, processorSeconds: 7, seconds: 2, peakResidentBytes: GIB, predictedBytes: 1.05 * GIB };
    const peer = { ...side, seconds: 4, peakResidentBytes: 0.8 * GIB };
    known.parts['photos'] = {
      finishedAt: '2026-01-01T00:00:00Z',
      seconds: 1,
      loadBefore: 0,
      result: { kind: 'photos', points: [{ width: 1600, height: 1200, ours, peer }] },
    };
    expect(performancePage(known, new Set())).toMatch(
      /\| 1600 × 1200 +\| 2495 +\| 1\.00 GiB +\| \+5% +\| 0\.80 GiB +\| 1\.25 × +\| 2 +\| 4 +\| 0\.50 × +\| 7 +\| – +\|/,
    );
    const goals = goalTable(known).filter(({ goal }) => goal.startsWith('A photo takes'));
    expect(goals.map(({ met, measured }) => [met, measured])).toEqual([
      [true, '1600 × 1200: 1.25 ×'],
      [true, '1600 × 1200: 0.50 ×'],
    ]);
  });

  it('calls nothing busy that ran before everything else', () => {
    const known = results(2.4);
    const part = { finishedAt: '2026-01-02T00:00:00Z', seconds: 1, loadBefore: 40 };
    const side = { promptTokens: 1, seconds: 1, wall: 1, processorSeconds: 1, peakResidentBytes: GIB };
    const point = { width: 8, height: 8, ours: { ...side, predictedBytes: GIB }, peer: side };
    const result = { kind: 'photos' as const, points: [point] };
    known.parts['photos'] = { ...part, result };
    expect(performancePage(known, new Set())).toContain('The machine was busy with other work');
    known.parts['photos'] = { ...part, result, realtime: true };
    const page = performancePage(known, new Set());
    expect(page).not.toContain('The machine was busy with other work');
    expect(page).toContain('`photos` (2026-01-02, at realtime priority)');
    expect(page).toContain('so that other work had to wait, whatever the load: `photos`.');
  });

  it('says how fast a large model is loaded and merged, and whether a photo fits', () => {
    expect(page).toContain('Loading was not measured.');
    const known = results(2.4);
    const part = { finishedAt: '2026-01-01T00:00:00Z', seconds: 1, loadBefore: 0 };
    const turn = { promptTokens: 435, processorSeconds: 40, entries: {} };
    const plan = { predictedBytes: 12 * GIB } as MemoryPlan;
    known.parts['loading:full2b'] = {
      ...part,
      result: {
        kind: 'loading',
        modelBytes: 4 * GIB,
        turns: [
          { ...turn, seconds: 12, wall: 20 },
          { ...turn, seconds: 9, wall: 14 },
        ],
        peakResidentBytes: 7 * GIB,
        training: { photo: { width: 2016, height: 1512 }, plan },
      },
    };
    known.parts['merge:full2b'] = {
      ...part,
      result: {
        kind: 'merge',
        seconds: 20,
        processorSeconds: 25,
        bytes: 4e9,
        cancelSeconds: 0.5,
        copy: { seconds: 8, bytes: 4e9 },
        peakResidentBytes: GIB,
      },
    };
    const shown = performancePage(known, new Set());
    expect(shown).toMatch(/\| 2 +\| 5 +\| 9 +\| 40 +\| 435 +\|/);
    expect(shown).toContain('200 MB/s');
    expect(shown).toMatch(/these alone take [\d.]+ s, \d+% of the best turn/);
    expect(shown).toContain('Copying the same files without any work: 500 MB/s');
    const met = new Map(goalTable(known).map((goal) => [goal.goal, goal.met]));
    expect(met.get('A cached model of 2B weights is loaded within 6 s')).toBe(true);
    expect(met.get('An adapter is merged into 2B weights at 300 MB/s')).toBe(false);
    expect(met.get('A GRPO step at 2B in bfloat16 with a photo of 2016 × 1512 fits 24 GiB (as planned)')).toBe(true);
  });

  it('shows the charts that there are and no others', () => {
    expect(page).toContain('performance/step-nano.svg');
    expect(page).not.toContain('performance/growth.svg');
  });

  it('shows the goals of other days beside its own', () => {
    expect(page).not.toContain('On other days');
    const before = { ...results(3.2), startedAt: '2025-11-01T00:00:00Z' };
    const both = performancePage(results(2.4), new Set(), [before]);
    expect(both).toMatch(/\| Now +\| 2025-11-01 +\|/);
    expect(both).toMatch(/TRL’s GRPOTrainer +\| 6\.00 ×[^|]*\| 8\.00 ×/);
  });

  it('names what was measured on a later day than the rest', () => {
    expect(page).not.toContain('Measured later');
    const known = results(2.4);
    const products = known.parts['products'];
    if (products !== undefined) products.finishedAt = '2026-02-03T00:00:00Z';
    expect(performancePage(known, new Set())).toContain(
      'Measured later, with the code of that day: `products` (2026-02-03, load 0.5).',
    );
  });

  it('says how near decoding comes to the rate at which weights come from memory', () => {
    const known = results(2.4);
    const compared = { ...comparison(2.4), work: WORKLOADS.wide2 };
    known.parts['grpo:wide2'] = { ...part, result: compared };
    const goal = (): unknown => goalTable(known).find(({ goal }) => goal.startsWith('Decoding at wide2'));
    expect(goal()).toMatchObject({ met: null });
    // 2 layers and an output projection of 327 million numbers, read 31 times: 20.3 GB.
    const { result } = known.parts['products'] as { result: object };
    Object.assign(result, { readPerSecond: 150e9 });
    expect(goal()).toMatchObject({ measured: expect.stringContaining('bound 0.14 s') as string, met: true });
    Object.assign(result, { readPerSecond: 1500e9 });
    expect(goal()).toMatchObject({ met: false });
    expect(performancePage(known, new Set())).toContain('All cores together read 1500.0 GB/s');
  });
});
