/** @file Which KL weights are proposed, on runs whose law is known. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proposeKlRange, type KlPoint } from './kl-range.ts';

/** The share grows with β and the KL shrinks with it, around a weight at which both terms pull alike. */
const law = (betas: readonly number[], half: number): KlPoint[] =>
  betas.map((beta) => ({ beta, share: beta / (beta + half), kl: 0.2 / (1 + beta / half) }));
const DECADES = [0.001, 0.01, 0.1, 1, 10];

describe('the proposed range of KL weights', () => {
  it('runs from where the KL term does nothing to where the policy hardly moves', () => {
    const range = proposeKlRange(law(DECADES, 0.3));
    // β / (β + 0.3) is 1% at 0.003, and the KL is a tenth of its free value at 2.7.
    expect(range?.noEffect).toBeCloseTo(0.003, 3);
    expect(range?.hardlyMoves).toBeGreaterThan(2);
    expect(range?.hardlyMoves).toBeLessThan(4);
    expect(range?.reached).toEqual({ low: true, high: true });
    expect(range?.betaMin).toBeCloseTo(0.016, 2);
    expect(range?.betaMax).toBeCloseTo(0.15, 1);
    expect(range?.values[0]).toBe(0);
    const ratios = (range?.values ?? []).slice(2).map((value, index) => value / (range?.values[index + 1] ?? NaN));
    for (const ratio of ratios) expect(ratio / (ratios[0] ?? NaN)).toBeCloseTo(1, 0);
  });

  it('says at which end the runs did not reach far enough', () => {
    expect(proposeKlRange(law([0.1, 1, 10], 0.3))?.reached).toEqual({ low: false, high: true });
    expect(proposeKlRange(law([0.001, 0.01, 0.1], 0.3))?.reached).toEqual({ low: true, high: false });
  });

  it('is not proposed from fewer than three weights, or from weights of 0', () => {
    expect(proposeKlRange(law([0.01, 1], 0.3))).toBeNull();
    expect(proposeKlRange([{ beta: 0, share: 0, kl: 0.2 }, ...law([0.01, 1], 0.3)])).toBeNull();
  });

  it('puts a share that even the smallest weight exceeds at the lower end', () => {
    const range = proposeKlRange(law([0.1, 1, 10], 0.3));
    expect(range?.betaMin).toBe(0.1);
    expect(range?.betaMax).toBeCloseTo(0.15, 1);
    expect(proposeKlRange(law([1, 10, 100], 0.3))).toMatchObject({ betaMin: 1, betaMax: 1 });
  });

  it('ignores runs whose rewards made no gradient, because every weight has all of it there', () => {
    const dead = law(DECADES, 0.3).map((point) => ({ ...point, share: 1 }));
    expect(proposeKlRange(dead)).toBeNull();
    const [first, ...others] = law(DECADES, 0.3);
    expect(proposeKlRange([...dead.slice(0, 1), ...others])).toEqual(proposeKlRange(others));
    expect(proposeKlRange([first!, ...others])).not.toEqual(proposeKlRange(others));
  });

  it('lies within what was measured, in ascending order, whatever was measured', () => {
    const point = fc.record({
      beta: fc.double({ min: 1e-4, max: 10, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      kl: fc.double({ min: 0, max: 5, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 8 }), (points) => {
        const range = proposeKlRange(points);
        if (range === null) return;
        const betas = points.map(({ beta }) => beta);
        // Values are rounded to two digits.
        expect(range.noEffect).toBeGreaterThanOrEqual(0.94 * Math.min(...betas));
        expect(range.hardlyMoves).toBeLessThanOrEqual(1.06 * Math.max(...betas));
        expect([...range.values].sort((a, b) => a - b)).toEqual(range.values);
        expect(range.betaMax).toBeLessThanOrEqual(range.hardlyMoves);
        expect(range.betaMin).toBeLessThanOrEqual(range.betaMax);
      }),
    );
  });
});
