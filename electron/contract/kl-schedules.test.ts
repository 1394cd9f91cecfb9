/** @file Eq. 3 of the paper at its corners, and what the other schedules promise. */
import { describe, expect, it } from 'vitest';
import { betaAt, betaCurve, explorationSteps, needsReference } from './kl-curve.ts';
import type { KlSchedule } from './recipe.ts';

const counting: KlSchedule = { kind: 'paper-eq3', betaMin: 0.04, betaMax: 0.1, explorationRatio: 0.3 };
const geometry: KlSchedule = { kind: 'paper-eq3', betaMin: 0, betaMax: 0.02, explorationRatio: 0.3 };
const betas = (schedule: KlSchedule, steps: number): number[] => [...betaCurve(schedule, steps)];
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('paper-eq3', () => {
  it('falls from the middle to betaMin during exploration and then rises to betaMax', () => {
    expect(betaAt(counting, 1, 100)).toBeCloseTo(0.07 - 0.03 / 30, 12);
    expect(betaAt(counting, 15, 100)).toBeCloseTo(0.055, 12);
    expect(betaAt(counting, 30, 100)).toBe(0.04);
    expect(betaAt(counting, 65, 100)).toBeCloseTo(0.07, 12);
    expect(betaAt(counting, 100, 100)).toBe(0.1);
  });

  it('is a V: strictly down to step w, strictly up after it', () => {
    const curve = betas(counting, 200);
    for (let i = 1; i < curve.length; i += 1) {
      if (i < 60) expect(curve[i]).toBeLessThan(curve[i - 1]!);
      else expect(curve[i]).toBeGreaterThan(curve[i - 1]!);
    }
  });

  it('is continuous at w: no jump is larger than the slope of its leg', () => {
    const curve = betas(counting, 1000);
    const jumps = curve.slice(1).map((beta, i) => Math.abs(beta - curve[i]!));
    expect(Math.max(...jumps)).toBeLessThanOrEqual(0.03 / 300 + 1e-12);
  });

  it('ends at betaMax however short the run and however long the exploration', () => {
    for (const [ratio, steps] of [
      [0.99, 10],
      [0.3, 2],
      [0.01, 3],
      [0.5, 3],
    ] as const) {
      expect(betaAt({ ...counting, explorationRatio: ratio }, steps, steps)).toBe(0.1);
    }
    expect(betaAt(counting, 1, 1)).toBe(0.1);
    expect(explorationSteps(0.01, 10)).toBe(1);
  });

  it("has the time-means that the paper's numbers imply", () => {
    expect(mean(betas(counting, 100_000))).toBeCloseTo(0.0655, 4);
    expect(mean(betas(geometry, 100_000))).toBeCloseTo(0.0085, 4);
  });
});

describe('the other schedules', () => {
  it('paper-text rises from betaMin at the first step to betaMax at the last', () => {
    const curve = betas({ kind: 'paper-text', betaMin: 0.04, betaMax: 0.1 }, 7);
    expect(curve[0]).toBe(0.04);
    expect(curve[3]).toBeCloseTo(0.07, 12);
    expect(curve[6]).toBe(0.1);
  });

  it.each([1, 2, 3, 7, 10, 100, 333])('mean-matched is the exact mean of paper-eq3 over %i steps', (steps) => {
    const matched = betas({ ...counting, kind: 'mean-matched' }, steps);
    expect(new Set(matched).size).toBe(1);
    expect(matched[0]).toBeCloseTo(mean(betas(counting, steps)), 14);
  });

  it('linear and cosine share their ends and their middle, cosine is flatter at the ends', () => {
    const linear = betas({ kind: 'linear', betaStart: 0.2, betaEnd: 0 }, 101);
    const cosine = betas({ kind: 'cosine', betaStart: 0.2, betaEnd: 0 }, 101);
    for (const curve of [linear, cosine]) {
      expect(curve[0]).toBe(0.2);
      expect(curve[50]).toBeCloseTo(0.1, 12);
      expect(curve[100]).toBe(0);
    }
    expect(cosine[10]).toBeGreaterThan(linear[10]!);
  });

  it('refuses a step outside of the run', () => {
    expect(() => betaAt(counting, 0, 10)).toThrow(RangeError);
    expect(() => betaAt(counting, 11, 10)).toThrow(RangeError);
    expect(() => betaAt(counting, 1.5, 10)).toThrow(RangeError);
  });
});

describe('what the whole schedule decides', () => {
  it('a schedule that touches 0 at the end of exploration still needs the reference', () => {
    expect(betaAt(geometry, 30, 100)).toBe(0);
    expect(needsReference(geometry)).toBe(true);
  });

  it('only a schedule that is 0 everywhere does without', () => {
    expect(needsReference({ kind: 'constant', beta: 0 })).toBe(false);
    expect(needsReference({ kind: 'linear', betaStart: 0, betaEnd: 0.1 })).toBe(true);
    expect(needsReference({ kind: 'linear', betaStart: 0, betaEnd: 0 })).toBe(false);
  });
});
