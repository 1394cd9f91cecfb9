/** @file The beta curve against the paper's numbers, computed by hand. */
import { describe, expect, it } from 'vitest';
import { betaAt, betaCurve, needsReference } from './kl-curve.ts';
import type { KlSchedule } from '../contract/model/recipe.ts';

const counting: KlSchedule = { kind: 'paper-eq3', betaMin: 0.04, betaMax: 0.1, explorationRatio: 0.3 };

describe('betaAt', () => {
  it('falls from the middle to betaMin while exploring, then rises to betaMax (Eq. 3)', () => {
    expect(betaAt(counting, 15, 100)).toBeCloseTo(0.055, 12);
    expect(betaAt(counting, 30, 100)).toBeCloseTo(0.04, 12);
    expect(betaAt(counting, 65, 100)).toBeCloseTo(0.07, 12);
    expect(betaAt(counting, 100, 100)).toBeCloseTo(0.1, 12);
  });

  it('gives the mean-matched control the average of the curve it stands in for', () => {
    const curve = betaCurve(counting, 100);
    const mean = curve.reduce((sum, beta) => sum + beta, 0) / curve.length;
    expect(betaAt({ ...counting, kind: 'mean-matched' }, 42, 100)).toBeCloseTo(mean, 12);
    expect(mean).toBeCloseTo(0.06565, 10);
  });

  it('starts and ends the monotone kinds exactly at their two values', () => {
    const linear: KlSchedule = { kind: 'linear', betaStart: 0.2, betaEnd: 0.1 };
    const cosine: KlSchedule = { kind: 'cosine', betaStart: 0, betaEnd: 0.08 };
    const text: KlSchedule = { kind: 'paper-text', betaMin: 0.04, betaMax: 0.1 };
    expect([betaAt(linear, 1, 11), betaAt(linear, 6, 11), betaAt(linear, 11, 11)]).toEqual([
      0.2,
      expect.closeTo(0.15, 12),
      0.1,
    ]);
    expect(betaAt(cosine, 6, 11)).toBeCloseTo(0.04, 12);
    expect([betaAt(text, 1, 50), betaAt(text, 50, 50)]).toEqual([0.04, 0.1]);
  });

  it('stays finite for a run of one step and refuses a step outside the run', () => {
    expect(betaAt(counting, 1, 1)).toBeCloseTo(0.1, 12);
    expect(betaAt({ kind: 'linear', betaStart: 0.2, betaEnd: 0.1 }, 1, 1)).toBe(0.1);
    expect(() => betaAt(counting, 0, 10)).toThrow(RangeError);
    expect(() => betaAt(counting, 11, 10)).toThrow(RangeError);
  });
});

describe('needsReference', () => {
  it('keeps the reference for a schedule that only passes through zero', () => {
    expect(needsReference({ ...counting, betaMin: 0, betaMax: 0.02 })).toBe(true);
    expect(needsReference({ kind: 'constant', beta: 0 })).toBe(false);
  });
});
