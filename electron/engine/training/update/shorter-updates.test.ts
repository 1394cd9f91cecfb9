/** @file Steps whose answers are short: which length they take, and that it changes nothing but rounding. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TrainEvent, TrainJob } from '../../../contract/engine/engine.ts';
import type { StepMetrics } from '../../../contract/model/runs.ts';
import { DEFAULT_OPTIMISER } from '../../../method/defaults.ts';
import { train } from '../../jobs/train.ts';
import { loadRuntime } from '../../runtime/backend.ts';
import { tinyJob } from '../../testing/tiny-job.ts';
import { openTrainer } from '../../trainer/trainer.ts';
import type { PolicyShape } from '../policy-program.ts';
import { completionLengths, laterGraphs, shorterUpdates, type SizedUpdates } from './shorter-updates.ts';

const { native } = await loadRuntime();

it('there are at most four lengths, in whole steps of 16', () => {
  expect(completionLengths(8)).toEqual([8]);
  expect(completionLengths(16)).toEqual([16]);
  expect(completionLengths(32)).toEqual([16, 32]);
  expect(completionLengths(48)).toEqual([16, 32, 48]);
  expect(completionLengths(50)).toEqual([16, 32, 48, 50]);
  expect(completionLengths(100)).toEqual([32, 64, 96, 100]);
  expect(completionLengths(512)).toEqual([128, 256, 384, 512]);
});

describe('the updates of a step', () => {
  const shape: PolicyShape = {
    batch: 2,
    promptLength: 8,
    images: 2,
    patches: 16,
    groupSize: 2,
    completionLength: 48,
  };
  const entry = { inputs: {}, run: () => ({ outputs: {} }) };
  const whole: SizedUpdates = {
    shape,
    calls: { entries: { update: [entry] }, whole: [], split: null, reference: null },
  };
  const make = (): SizedUpdates['calls'] => ({ ...whole.calls, entries: { update: [{ ...entry }] } });
  const long = { method: 'grpo', steps: 100 } as const;

  it('are made once for each length, when answers of that length come', () => {
    const extend = vi.fn();
    const upTo = shorterUpdates({ extend }, long, whole, make);
    expect(upTo?.(33)).toBe(whole);
    expect(extend).not.toHaveBeenCalled();
    const short = upTo?.(17);
    expect(short?.shape).toEqual({ ...shape, completionLength: 32 });
    expect(upTo?.(32)).toBe(short);
    expect(extend.mock.calls).toEqual([[{ 'update-32': [expect.anything()] }]]);
  });

  it('are whole where programs cannot grow, states lie in variables, answers are given, or steps are few', () => {
    const extend = vi.fn();
    expect(shorterUpdates({}, long, whole, make)).toBeNull();
    const blocks = { shape, calls: { ...whole.calls, entries: { block: [entry] } } };
    expect(shorterUpdates({ extend }, long, blocks, make)).toBeNull();
    expect(shorterUpdates({ extend }, { ...long, method: 'sft' }, whole, make)).toBeNull();
    expect(shorterUpdates({ extend }, { ...long, steps: 19 }, whole, make)).toBeNull();
  });

  it('count as graphs that may come', () => {
    expect(laterGraphs(long, whole)).toEqual({ update: 2 });
    expect(laterGraphs({ ...long, steps: 19 }, whole)).toEqual({});
    expect(laterGraphs(long, { ...whole, shape: { ...shape, completionLength: 16 } })).toEqual({});
  });
});

describe.skipIf(native?.sessions === undefined)('a run with short answers', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'atelier-short-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function jobOf(root: string, steps: number, parts: number, extra: Partial<TrainJob> = {}): TrainJob {
    const changes = {
      method: 'grpo' as const,
      rewards: [{ name: 'repetition' as const, weight: 1, params: { ngram: 1 } }],
      klSchedule: { kind: 'constant' as const, beta: 0.5 },
      optimiser: { ...DEFAULT_OPTIMISER, learningRate: 5e-3, warmupSteps: 0, lrScheduler: 'constant' as const },
      steps,
      klShareEvery: 2,
      attribution: 'estimate' as const,
      grpo: { maxCompletionLength: 40, gradientAccumulationSteps: parts },
    };
    return tinyJob(join(folder, root), changes, extra);
  }

  /** Random weights hardly ever end an answer, so every fifth token does. Stops after four steps. */
  async function run(job: TrainJob): Promise<StepMetrics[]> {
    const metrics: StepMetrics[] = [];
    const open: typeof openTrainer = async (setup, ...rest) => {
      const { model } = setup;
      const eosIds = Array.from({ length: model.processor.config.vocabSize / 5 }, (_, index) => 5 * index);
      const processor = Object.assign(Object.create(model.processor) as typeof model.processor, { eosIds });
      return await openTrainer({ ...setup, model: { ...model, processor } }, ...rest);
    };
    const stopping = (): boolean => (metrics.at(-1)?.step ?? 0) >= 4;
    const events: AsyncIterable<TrainEvent> = train(job, { stopping }, open);
    for await (const event of events) if (event.type === 'step') metrics.push(event.metrics);
    return metrics;
  }

  const figures = (metrics: StepMetrics): object =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => !/^seconds|residentBytes/.test(name)));
  const adapterOf = (root: string): Promise<Buffer> =>
    readFile(join(folder, root, 'step-000004', 'adapter_model.safetensors'));

  it.each([1, 2])('learns the same up to rounding, and resumes bit for bit (micro-batches: %d)', async (parts) => {
    const [whole, short, on] = ['whole', 'short', 'on'].map((name) => `${name}-${String(parts)}`) as [
      string,
      string,
      string,
    ];
    // A run of fewer steps takes the whole length.
    const expected = await run(jobOf(whole, 19, parts));
    const found = await run(jobOf(short, 20, parts));
    expect(found.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(found.some(({ completionLengthMax }) => (completionLengthMax ?? 40) <= 32)).toBe(true);
    expect(found[0]?.kl).toBe(0);
    found.forEach((metrics, index) => {
      for (const name of ['loss', 'kl', 'gradNorm', 'entropy', 'klGradientShare'] as const)
        expect(metrics[name] ?? -1, name).toBeCloseTo(expected[index]?.[name] ?? -1, 4);
    });
    const rest = await run(jobOf(on, 20, parts, { resumeFrom: join(folder, short, 'step-000002') }));
    expect(rest.map(figures)).toEqual(found.slice(2).map(figures));
    expect((await adapterOf(on)).equals(await adapterOf(short))).toBe(true);
  });
});
