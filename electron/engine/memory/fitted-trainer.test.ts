/** @file A run stays within the available memory: estimated before it starts, and reduced if memory runs out all the same. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainEvent, TrainJob } from '../../contract/engine/engine.ts';
import { workloads } from './memory-plan.ts';
import { loadRuntime } from '../runtime/backend.ts';
import { createEngineService } from '../service/service.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { plan as planJob } from '../jobs/plan.ts';
import { train } from '../jobs/train.ts';
import { openTrainer, type Trainer } from '../trainer/trainer.ts';

const { native } = await loadRuntime();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-memory-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function jobOf(root: string, more: { memoryLimitBytes?: number } = {}): TrainJob {
  return tinyJob(join(folder, root), { steps: 3, checkpointEvery: 10, grpo: { promptsPerStep: 4 } }, more);
}

async function collect(events: AsyncIterable<TrainEvent>): Promise<TrainEvent[]> {
  const all: TrainEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const lossesOf = (events: TrainEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'step' ? [event.metrics.loss] : []));
const codesOf = (events: TrainEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'warning' ? [event.warning.code] : []));

describe('ways of working', () => {
  it('go from the whole batch to single prompts, then layer by layer, and never above what is asked for', () => {
    expect(workloads(6, { microBatchPrompts: 6, byLayer: false })).toEqual([
      { microBatchPrompts: 6, byLayer: false },
      { microBatchPrompts: 3, byLayer: false },
      { microBatchPrompts: 2, byLayer: false },
      { microBatchPrompts: 1, byLayer: false },
      { microBatchPrompts: 6, byLayer: true },
      { microBatchPrompts: 3, byLayer: true },
      { microBatchPrompts: 2, byLayer: true },
      { microBatchPrompts: 1, byLayer: true },
    ]);
    expect(workloads(4, { microBatchPrompts: 2, byLayer: false })[0]).toEqual({ microBatchPrompts: 2, byLayer: false });
  });
});

describe.skipIf(native === null)('memory of a run', () => {
  it('is estimated component by component before it starts', async () => {
    const plan = await planJob(jobOf('told'));
    if (plan === null) throw new Error('There is no plan.');
    expect(plan.fits).toBe(true);
    expect(plan).toMatchObject({ microBatchPrompts: 4, byLayer: false, precision: 'float32' });
    expect(plan.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(plan.predictedBytes);
    expect(plan.parts.every(({ bytes }) => bytes > 0)).toBe(true);
    // The update keeps what its backward pass needs; a decoding step does not.
    expect(plan.calls['update']).toBeGreaterThan(plan.calls['decode'] ?? Infinity);
  });

  it('decides how updates are divided, and the run says so and gives the same losses', async () => {
    const machine = { residentBytes: 400_000_000, limitBytes: 10 ** 12 };
    const whole = await planJob(jobOf('whole'), machine);
    const single = await planJob({ ...jobOf('single'), microBatchPrompts: 1 }, machine);
    if (whole === null || single === null) throw new Error('There is no plan.');
    expect(single.calls['accumulate']).toBeLessThan(0.5 * (whole.calls['update'] ?? 0));
    const limitBytes = whole.predictedBytes - 1;
    const plan = await planJob(jobOf('limited'), { ...machine, limitBytes });
    expect(plan?.fits).toBe(true);
    expect(plan?.byLayer === true || (plan?.microBatchPrompts ?? 4) < 4).toBe(true);

    const free = await collect(createEngineService().train(jobOf('free')));
    const limited = await collect(createEngineService().train({ ...jobOf('limited'), microBatchPrompts: 2 }));
    lossesOf(limited).forEach((loss, index) => expect(loss).toBeCloseTo(lossesOf(free)[index] ?? NaN, 4));
  });

  it('is refused before anything is loaded when nothing would fit', async () => {
    const job = jobOf('refused', { memoryLimitBytes: 1_000_000 });
    await expect(collect(createEngineService().train(job))).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('This run needs about') as string,
    });
  });

  it('running out once makes the step again in smaller parts, with the same result; running out twice ends the run', async () => {
    const undisturbed = await collect(train(jobOf('undisturbed'), { stopping: () => false }));
    const failing = (failures: number): typeof openTrainer => {
      let left = failures;
      return async (setup, workload, judge) => {
        const trainer = await openTrainer(setup, workload, judge);
        const step: Trainer['step'] = (number, kl) => {
          if (number === 2 && left > 0) {
            left--;
            throw new Error('OOM when allocating tensor with shape[64,1024] and type float on CPU');
          }
          return trainer.step(number, kl);
        };
        return { ...trainer, step };
      };
    };
    const once = await collect(train(jobOf('once'), { stopping: () => false }, failing(1)));
    expect(codesOf(once)).toContain('MEMORY_BACKED_OFF');
    expect(lossesOf(once)).toHaveLength(3);
    lossesOf(once).forEach((loss, index) => expect(loss).toBeCloseTo(lossesOf(undisturbed)[index] ?? NaN, 4));
    await expect(collect(train(jobOf('twice'), { stopping: () => false }, failing(2)))).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: 'Memory ran out again in step 2.',
    });
  });
});
