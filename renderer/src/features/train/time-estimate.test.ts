/** @file An estimate is based on a measured run and grows with the request. */
import { describe, expect, it } from 'vitest';
import { estimateSeconds, isComparable, measuredRun } from './time-estimate.ts';
import { summaryOf } from '../run/testing.ts';

describe('measuredRun', () => {
  it('takes the newest timed run of the same model and way of learning', () => {
    const runs = [
      summaryOf({ step: 10, name: 'old', secondsPerStep: 2 }),
      summaryOf({ step: 10, name: 'new', secondsPerStep: 1, createdAt: '2026-02-01T00:00:00.000Z' }),
      summaryOf({ step: 2, name: 'a trial', secondsPerStep: 2.1, createdAt: '2026-04-01T00:00:00.000Z' }),
      summaryOf({ step: 10, name: 'untimed', createdAt: '2026-03-01T00:00:00.000Z' }),
      summaryOf({
        step: 10,
        name: 'copying',
        method: 'sft',
        secondsPerStep: 0.1,
        createdAt: '2026-03-01T00:00:00.000Z',
      }),
    ];
    expect(measuredRun(runs, 'model-1', true)?.name).toBe('new');
    expect(measuredRun(runs, 'model-1', false)?.name).toBe('copying');
    expect(measuredRun(runs, 'model-2', true)).toBeUndefined();
  });
});

describe('estimateSeconds', () => {
  it('scales with answers per step, steps and runs', () => {
    const measured = { runName: 'new', secondsPerStep: 2, answersPerStep: 32 };
    expect(estimateSeconds(measured, { steps: 100, answersPerStep: 64, runs: 3 })).toBe(1200);
  });
});

describe('isComparable', () => {
  it('takes steps of about the same size only', () => {
    const measured = { answersPerStep: 4, answerTokens: 16 };
    expect(isComparable(measured, { answersPerStep: 8, answerTokens: 32 })).toBe(true);
    expect(isComparable(measured, { answersPerStep: 64, answerTokens: 16 })).toBe(false);
    expect(isComparable(measured, { answersPerStep: 4, answerTokens: 64 })).toBe(false);
  });
});
