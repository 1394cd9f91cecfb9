/** @file Means and trends over the steps of a run, skipping unmeasured values. Pure. */
import type { StepMetrics } from '../../../contract/model/runs.ts';

export type History = readonly StepMetrics[];
export type Quantity = (step: StepMetrics) => number | null | undefined;

/** Mean of the finite values; null if there are none. */
export function meanOf(steps: History, quantity: Quantity): number | null {
  const values = valuesOf(steps, quantity);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function medianOf(steps: History, quantity: Quantity): number | null {
  const values = valuesOf(steps, quantity).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? null;
}

export function valuesOf(steps: History, quantity: Quantity): number[] {
  return steps.map(quantity).filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[];
}

/** The mean score of one reward. */
export function rewardMean(name: string): Quantity {
  return (step) => step.rewards.find((reward) => reward.name === name)?.mean;
}

/** Pearson's correlation over the steps that have both quantities; null if one hardly moves (range below `least`). */
export function correlation(steps: History, a: Quantity, b: Quantity, least: number): number | null {
  const both = steps.filter((step) => Number.isFinite(a(step)) && Number.isFinite(b(step)));
  const [xs, ys] = [valuesOf(both, a), valuesOf(both, b)];
  if (both.length < 3 || range(xs) < least || range(ys) < least) return null;
  const [meanX, meanY] = [meanOf(both, a) ?? 0, meanOf(both, b) ?? 0];
  let [xx, yy, xy] = [0, 0, 0];
  xs.forEach((x, index) => {
    const [dx, dy] = [x - meanX, (ys[index] ?? 0) - meanY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  });
  return xy / Math.sqrt(xx * yy);
}

function range(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
