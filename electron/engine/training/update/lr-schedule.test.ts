/** @file Learning rates against the factors that transformers gave (golden/adamw.json). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { learningRateAt } from './lr-schedule.ts';

type Golden = {
  lr: number;
  steps: { lr: number }[];
  warmup_steps: number;
  total_steps: number;
  schedules_lr_1: Record<'linear' | 'cosine' | 'constant_with_warmup', number[]>;
};
const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/qwen2vl-tiny/golden/adamw.json', import.meta.url), 'utf8'),
) as Golden;

describe('learningRateAt', () => {
  it.each([
    ['linear', 'linear'],
    ['cosine', 'cosine'],
    ['constant', 'constant_with_warmup'],
  ] as const)("%s equals transformers' factors", (lrScheduler, name) => {
    const factors = golden.schedules_lr_1[name];
    expect(factors).toHaveLength(13);
    factors.forEach((factor, done) => {
      expect(learningRateAt({ learningRate: 1, lrScheduler, warmupSteps: 3 }, done + 1, 12)).toBeCloseTo(factor, 12);
    });
  });

  it('gives the rates of the golden AdamW trajectory', () => {
    const config = { learningRate: golden.lr, lrScheduler: 'linear', warmupSteps: golden.warmup_steps } as const;
    const rates = golden.steps.map((_, index) => learningRateAt(config, index + 1, golden.total_steps));
    golden.steps.forEach((step, index) => expect(rates[index]).toBeCloseTo(step.lr, 12));
  });

  it('without warm-up starts at the full rate', () => {
    expect(learningRateAt({ learningRate: 0.5, lrScheduler: 'cosine', warmupSteps: 0 }, 1, 10)).toBe(0.5);
  });

  it('refuses a step before the first', () => {
    expect(() => learningRateAt({ learningRate: 1, lrScheduler: 'linear', warmupSteps: 0 }, 0, 10)).toThrow(RangeError);
  });
});
