/** @file The bench uses the chosen settings, leaves no trace when stopped, and keeps its report until the next. */
import { describe, expect, it } from 'vitest';
import {
  type DatasetSummary,
  type ModelSummary,
  type RewardBenchEvent,
  type RewardBenchReport,
  type RewardBenchRequest,
} from '../../../../electron/contract/api/index.ts';
import { DEFAULT_REWARDS } from '../../../../electron/method/defaults.ts';
import { RewardBench } from './reward-bench.svelte.ts';

const report = { samples: 2, findings: [] } as unknown as RewardBenchReport;

function benchWith(events: (signal: AbortSignal) => AsyncIterable<RewardBenchEvent>) {
  const asked: RewardBenchRequest[] = [];
  const bench = new RewardBench(async (request, { signal }) => {
    asked.push(request);
    return events(signal);
  });
  bench.model = { id: 'm1' } as ModelSummary;
  bench.dataset = { id: 'd1' } as DatasetSummary;
  return { bench, asked };
}

describe('RewardBench', () => {
  it('asks with the chosen rewards and keeps the report', async () => {
    const { bench, asked } = benchWith(async function* () {
      yield { type: 'progress', progress: { phase: 'sample', done: 1, total: 2 } };
      yield { type: 'done', report };
    });
    bench.numbers.samples = 2;
    await bench.run(DEFAULT_REWARDS);
    expect(asked[0]).toMatchObject({ modelId: 'm1', datasetId: 'd1', split: 'train', samples: 2 });
    expect(asked[0]?.rewards).toEqual(DEFAULT_REWARDS);
    expect(bench.report).toBe(report);
    expect([bench.running, bench.trouble]).toEqual([false, undefined]);
  });

  it('is not asked without rewards, model or dataset, nor with numbers that the contract refuses', async () => {
    const { bench, asked } = benchWith(async function* () {});
    await bench.run([]);
    bench.model = undefined;
    await bench.run(DEFAULT_REWARDS);
    expect(asked).toEqual([]);
    bench.numbers.numGenerations = 1;
    expect([...bench.problems.keys()]).toEqual(['numGenerations']);
  });

  it('drops what was found when it is stopped, and keeps the report before', async () => {
    const { bench } = benchWith(async function* (signal) {
      yield { type: 'progress', progress: { phase: 'sample', done: 1, total: 2 } };
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    });
    bench.report = report;
    const running = bench.run(DEFAULT_REWARDS);
    await Promise.resolve();
    bench.cancel();
    await running;
    expect([bench.running, bench.stopped, bench.trouble]).toEqual([false, true, undefined]);
    expect(bench.report).toBe(report);
  });

  it('says what went wrong', async () => {
    const { bench } = benchWith(() => {
      throw new Error('gone');
    });
    await bench.run(DEFAULT_REWARDS);
    expect(bench.trouble?.connection).toBe(true);
  });
});
