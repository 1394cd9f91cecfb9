/** @file Runs of different lengths share one axis, each with its own line style. */
import { describe, expect, it } from 'vitest';
import { anyMeasured, curveStyles, overlaid } from './run-curves.ts';
import { stepOf, summaryOf } from '../run/testing.ts';

const short = { run: summaryOf({ name: 'Short' }), steps: [stepOf(1), stepOf(2)] };
const thinned = { run: summaryOf({ name: 'Thinned' }), steps: [stepOf(1), stepOf(5)] };

describe('overlaid', () => {
  it('interpolates what thinning left out, and invents nothing beyond the ends', () => {
    const { x, series } = overlaid([short, thinned], ({ reward }) => reward, false);
    expect([...x]).toEqual([1, 2, 5]);
    const [first, second] = series.map(({ values }) => [...values]);
    expect(first).toEqual([0.1, 0.2, Number.NaN]);
    [0.1, 0.2, 0.5].forEach((value, index) => expect(second?.[index]).toBeCloseTo(value, 12));
  });

  it('tells six runs apart without colour', () => {
    expect(new Set(curveStyles.map(({ dash }) => JSON.stringify(dash))).size).toBe(6);
  });

  it('knows what nobody measured', () => {
    const sft = { run: summaryOf(), steps: [stepOf(1, { kl: null })] };
    expect([anyMeasured([sft], ({ kl }) => kl), anyMeasured([sft, short], ({ kl }) => kl)]).toEqual([false, true]);
  });
});
