/** @file Eq. 3 of the paper at its corner cases, and the guarantees of the other schedules. */
import { describe, expect, it } from 'vitest';
import {
  betaAt,
  betaBand,
  betaCurve,
  canBeZero,
  explorationSteps,
  initialKlState,
  klAfterUpdate,
  klBeforeUpdate,
  needsReference,
} from './kl-curve.ts';
import type { KlSchedule } from '../contract/model/recipe.ts';

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

  it('reversed has the same weights in the opposite order, and so the same mean', () => {
    for (const schedule of [counting, geometry]) {
      const reversed: KlSchedule = { ...schedule, kind: 'eq3-reversed' };
      expect(betas(reversed, 50)).toEqual(betas(schedule, 50).reverse());
      expect(betaAt(reversed, 1, 50)).toBe(schedule.kind === 'paper-eq3' ? schedule.betaMax : NaN);
      expect([needsReference(reversed), canBeZero(reversed, 50)]).toEqual([true, canBeZero(schedule, 50)]);
    }
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

describe('schedules that answer to measurements', () => {
  const target: KlSchedule = {
    kind: 'target-kl',
    betaStart: 0.04,
    betaMin: 0.01,
    betaMax: 0.2,
    targetKl: 0.1,
    gain: 0.5,
  };
  const accuracy: KlSchedule = { kind: 'accuracy-conditioned', betaMin: 0.02, betaMax: 0.1, smoothing: 0.75 };
  const progress = { step: 1, steps: 50 };

  it('target-kl raises β in proportion to the error, on the scale of log β, and holds it within bounds', () => {
    const start = initialKlState(target);
    expect(klBeforeUpdate(target, progress, start, { accuracy: null }).beta).toBe(0.04);
    // 15% above the target: e = 0.15; far above or below: e = ±0.2.
    expect(klAfterUpdate(target, start, 0.115).beta).toBeCloseTo(0.04 * Math.exp(0.5 * 0.15), 12);
    expect(klAfterUpdate(target, start, 5).beta).toBeCloseTo(0.04 * Math.exp(0.1), 12);
    expect(klAfterUpdate(target, start, 0).beta).toBeCloseTo(0.04 * Math.exp(-0.1), 12);
    expect(klAfterUpdate(target, start, 0.1)).toEqual(start);
    expect(klAfterUpdate(target, { beta: 0.199, accuracy: null }, 5).beta).toBe(0.2);
    expect(klAfterUpdate(target, { beta: 0.0101, accuracy: null }, 0).beta).toBe(0.01);
  });

  it('target-kl brings a run whose KL falls with β to its target', () => {
    let state = initialKlState(target);
    for (let step = 0; step < 200; step += 1) state = klAfterUpdate(target, state, 0.008 / state.beta);
    expect(state.beta).toBeCloseTo(0.08, 6);
  });

  it('a KL that is not a number changes nothing', () => {
    const state = initialKlState(target);
    for (const kl of [null, NaN, Infinity]) expect(klAfterUpdate(target, state, kl)).toEqual(state);
  });

  it('accuracy-conditioned explores while little is right and relies on experience when much is', () => {
    const start = initialKlState(accuracy);
    expect(klBeforeUpdate(accuracy, progress, start, { accuracy: 0 }).beta).toBe(0.02);
    expect(klBeforeUpdate(accuracy, progress, start, { accuracy: 1 }).beta).toBe(0.1);
    const first = klBeforeUpdate(accuracy, progress, start, { accuracy: 0.2 });
    expect(first.beta).toBeCloseTo(0.02 + 0.08 * 0.2, 12);
    const second = klBeforeUpdate(accuracy, progress, first.state, { accuracy: 1 });
    expect(second.state.accuracy).toBeCloseTo(0.75 * 0.2 + 0.25, 12);
    expect(second.beta).toBeCloseTo(0.02 + 0.08 * 0.4, 12);
    // A step in which nothing was judged keeps the previous value.
    expect(klBeforeUpdate(accuracy, progress, second.state, { accuracy: null }).beta).toBeCloseTo(second.beta, 12);
    expect(klAfterUpdate(accuracy, second.state, 3)).toEqual(second.state);
  });

  it('never leave the band that is drawn before the start', () => {
    const low = betaBand(target, 40).low;
    const high = betaBand(target, 40).high;
    let [up, down] = [initialKlState(target), initialKlState(target)];
    for (let step = 0; step < 40; step += 1) {
      expect(up.beta).toBeCloseTo(high[step]!, 10);
      expect(down.beta).toBeCloseTo(low[step]!, 10);
      up = klAfterUpdate(target, up, 10);
      down = klAfterUpdate(target, down, 0);
    }
    expect(betaBand(accuracy, 3)).toEqual({
      low: Float64Array.of(0.02, 0.02, 0.02),
      high: Float64Array.of(0.1, 0.1, 0.1),
    });
    expect(betaBand(counting, 5).low).toEqual(betaCurve(counting, 5));
  });

  it('need a reference unless they are 0 all along, and never skip it half-way', () => {
    expect(needsReference(target)).toBe(true);
    expect(needsReference(accuracy)).toBe(true);
    expect(needsReference({ ...accuracy, betaMin: 0, betaMax: 0 })).toBe(false);
    expect([canBeZero(target, 10), canBeZero({ ...accuracy, betaMin: 0 }, 10), canBeZero(geometry, 100)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('the other kinds depend on the step alone', () => {
    const state = initialKlState(counting);
    const applied = klBeforeUpdate(counting, { step: 30, steps: 100 }, state, { accuracy: 0.1 });
    expect(applied).toEqual({ beta: betaAt(counting, 30, 100), state });
    expect(klAfterUpdate(counting, state, 9)).toEqual(state);
  });
});
