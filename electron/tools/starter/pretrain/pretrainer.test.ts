/** @file Pre-training: it is deterministic, resumes bit for bit, and learns; the card quotes the measured figures. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProcessor, type Processor } from '../../../engine/policy/processor.ts';
import { shapeFor } from '../../../engine/training/batch.ts';
import { createPretrainStream, type PretrainStream } from '../../../starter/pretrain-stream.ts';
import { modelCard } from './card.ts';
import type { Figures } from './figures.ts';
import { NANO_PLAN, pretrainLearningRate, stageAt, type PretrainPlan } from './plan.ts';
import { createPromptMaker, type PromptMaker } from './prepare.ts';
import { createPretrainer, type Pretrainer, type PretrainRow } from './pretrainer.ts';

const nano = new URL('../../../../resources/models/nano', import.meta.url).pathname;
const plan: PretrainPlan = {
  ...NANO_PLAN,
  batch: 2,
  perceiveSteps: 6,
  habitSteps: 2,
  optimiser: { ...NANO_PLAN.optimiser, warmupSteps: 1 },
};
let folder: string;
let processor: Processor;
let stream: PretrainStream;
let maker: PromptMaker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-pretrain-'));
  processor = await createProcessor(nano);
  stream = await createPretrainStream();
  maker = createPromptMaker(processor);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function rows(step: number): Promise<PretrainRow[]> {
  const made = Array.from({ length: plan.batch }, async (_, row) => {
    const { stage, difficulty } = stageAt(plan, step);
    const example = stream.example(plan.seed, step * plan.batch + row, stage, difficulty);
    const prompt = await maker.prepare(example.question, example.rgb);
    return { prompt, completion: await maker.completion(example.completion) };
  });
  return Promise.all(made);
}

async function trainer(): Promise<Pretrainer> {
  const steps = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((step) => rows(step)));
  const prompts = steps.flat().map(({ prompt }) => prompt);
  return await createPretrainer(processor, plan, {
    ...shapeFor(prompts, plan.batch),
    groupSize: 1,
    completionLength: 40,
  });
}

describe('the pre-training of the starter model', () => {
  it('goes on after a stop as if it had not stopped, and its loss falls', async () => {
    const whole = await trainer();
    const losses: number[] = [];
    for (const step of [1, 2, 3, 4, 5, 6]) losses.push((await whole.step(step, await rows(step))).loss);
    expect(losses[5]).toBeLessThan(losses[0] ?? 0);

    const first = await trainer();
    for (const step of [1, 2, 3]) await first.step(step, await rows(step));
    await first.save(join(folder, 'checkpoint'), 3);
    const second = await trainer();
    expect(await second.restore(join(folder, 'nowhere'))).toBe(0);
    expect(await second.restore(join(folder, 'checkpoint'))).toBe(3);
    const rest: number[] = [];
    for (const step of [4, 5, 6]) rest.push((await second.step(step, await rows(step))).loss);
    expect(rest).toEqual(losses.slice(3));
  });

  it('gives perception and habits a cosine each', () => {
    expect(pretrainLearningRate(NANO_PLAN, NANO_PLAN.perceiveSteps)).toBeLessThan(1e-6);
    const start = NANO_PLAN.perceiveSteps + NANO_PLAN.optimiser.warmupSteps + 1;
    expect(pretrainLearningRate(NANO_PLAN, start)).toBeCloseTo(NANO_PLAN.habitLearningRate, 6);
  });

  it('ships the card that its measured figures give', async () => {
    const figures = JSON.parse(await readFile(join(nano, 'figures.json'), 'utf8')) as Figures & {
      parameters: number;
      plan: PretrainPlan;
    };
    const card = await readFile(join(nano, 'README.md'), 'utf8');
    const kinds = /counts icons \(([^)]*)\)/.exec(card)?.[1]?.split(', ') ?? [];
    expect(card.replaceAll(/\s+/g, ' ')).toBe(modelCard({ ...figures, figures, kinds }).replaceAll(/\s+/g, ' '));
    const share = (part: { right: number; of: number } | undefined): number => (part?.right ?? 0) / (part?.of ?? 1);
    for (const key of ['all', 'counting', 'geometry']) {
      expect(share(figures.accuracy[key])).toBeGreaterThanOrEqual(0.35);
      expect(share(figures.accuracy[key])).toBeLessThanOrEqual(0.55);
      expect(share(figures.passAt8[key])).toBeGreaterThanOrEqual(0.8);
    }
  });
});
