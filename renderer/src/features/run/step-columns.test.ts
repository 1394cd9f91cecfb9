/** @file Columns grow, keep gaps, and follow a run that goes back to a checkpoint. */
import { describe, expect, it } from 'vitest';
import { StepColumns } from './step-columns.ts';
import { stepOf } from './testing.ts';

describe('StepColumns', () => {
  it('keeps every value of 2,000 steps beyond its first capacity', () => {
    const columns = new StepColumns();
    for (let step = 1; step <= 2000; step += 1) columns.append(stepOf(step));
    expect(columns.length).toBe(2000);
    expect(columns.column('reward')[0]).toBeCloseTo(0.1, 12);
    expect(columns.column('reward')[1999]).toBe(200);
    expect(columns.rewards()[0]?.mean).toHaveLength(2000);
    expect(columns.rewards()[0]?.mean[1999]).toBe(200);
  });

  it('marks what a method does not measure as missing, not as zero', () => {
    const columns = new StepColumns();
    columns.append(stepOf(1, { kl: null, rewards: [] }));
    columns.append(stepOf(2));
    expect(columns.column('kl')[0]).toBeNaN();
    expect([...(columns.rewards()[0]?.mean ?? [])]).toEqual([Number.NaN, 0.2]);
  });

  it('keeps a step that a reward did not score as a gap', () => {
    const columns = new StepColumns();
    columns.append(stepOf(1, { rewards: [{ name: 'accuracy', weight: 1, mean: null, std: null }] }));
    columns.append(stepOf(2));
    expect([...(columns.rewards()[0]?.mean ?? [])]).toEqual([Number.NaN, 0.2]);
  });

  it('replaces the steps after a checkpoint when the run takes them again', () => {
    const columns = new StepColumns();
    for (let step = 1; step <= 7; step += 1) columns.append(stepOf(step));
    columns.append(stepOf(5, { reward: 9 }));
    expect([...columns.column('step')]).toEqual([1, 2, 3, 4, 5]);
    expect(columns.last('reward')).toBe(9);
  });
});
