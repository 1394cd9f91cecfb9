/** @file Turns the columns of a run into the series of each chart. */
import { type HeldOutPoint, type Recipe } from '../../../../electron/contract/api/index.ts';
import { betaAt, hasFeedback } from '../../../../electron/method/kl-curve.ts';
import type { StepColumns } from './step-columns.ts';
import { messages } from '../../messages/index.ts';
import { terms } from '../../messages/terms.ts';
import { dashes, type ChartData, type ChartSeries } from '../../ui/chart/chart-data.ts';
import { nearestIndex, smoothed } from '../../ui/chart/chart-points.ts';

/** With fewer points than this, a smoothed line would only repeat the raw one. */
const fewPoints = 12;
/** The `target-kl` controller responds at full strength to a KL this far off target (arXiv 1909.08593, §2.2). */
const targetTolerance = 0.2;

const text = messages.run;

type SingleKey = 'fracRewardZeroStd' | 'entropy' | 'gradNorm' | 'learningRate' | 'loss' | 'residentBytes';

/** The raw values and, if there are enough, their moving average. */
function withAverage(raw: ChartSeries, smoothing: number): ChartSeries[] {
  if (smoothing === 0 || raw.values.length < fewPoints) return [raw];
  const average: ChartSeries = { ...raw, label: text.smoothed, values: smoothed(raw.values, smoothing) };
  delete average.spread;
  return [{ ...raw, quiet: true }, average];
}

/** Mean reward with its spread within the groups, and accuracy on held-out samples. */
export function rewardChart(columns: StepColumns, smoothing: number, heldOut: readonly HeldOutPoint[]): ChartData {
  const x = columns.column('step');
  const raw: ChartSeries = {
    label: text.mean,
    values: columns.column('reward'),
    colour: 'chart-1',
    spread: columns.column('rewardStd'),
  };
  return { x, series: [...withAverage(raw, smoothing), ...heldOutSeries(x, heldOut)] };
}

function heldOutSeries(x: Float64Array, points: readonly HeldOutPoint[]): ChartSeries[] {
  if (points.length === 0 || x.length === 0) return [];
  const values = new Float64Array(x.length).fill(Number.NaN);
  for (const { step, accuracy } of points) values[nearestIndex(x, step)] = accuracy.value;
  return [{ label: text.heldOut, values, colour: 'chart-2', dash: dashes.dashed, right: true, points: true }];
}

export function rewardPartChart(columns: StepColumns, name: string, smoothing: number): ChartData {
  const reward = columns.rewards().find((entry) => entry.name === name);
  const mean = reward?.mean ?? new Float64Array(0);
  const raw: ChartSeries = { label: text.mean, values: mean, colour: 'chart-1' };
  if (reward !== undefined) raw.spread = reward.std;
  return { x: columns.column('step').subarray(0, mean.length), series: withAverage(raw, smoothing) };
}

/** KL with the applied weight; draws planned weights pale and a target as a band. */
export function klChart(columns: StepColumns, smoothing: number, { klSchedule, steps }: Recipe): ChartData {
  const x = columns.column('step');
  const series: ChartSeries[] = [
    ...withAverage({ label: 'KL', values: columns.column('kl'), colour: 'chart-1' }, smoothing),
    { label: 'β', values: columns.column('beta'), colour: 'chart-2', dash: dashes.dashed, right: true },
  ];
  if (!hasFeedback(klSchedule)) {
    // The schedule planned before the start, which the applied weight must follow.
    const planned = x.map((step) => (step <= steps ? betaAt(klSchedule, step, steps) : Number.NaN));
    series.push({
      label: text.plannedBeta,
      values: planned,
      colour: 'chart-3',
      dash: dashes.dotted,
      right: true,
      quiet: true,
    });
  }
  if (klSchedule.kind !== 'target-kl') return { x, series };
  const { targetKl } = klSchedule;
  return { x, series, target: [targetKl * (1 - targetTolerance), targetKl * (1 + targetTolerance)] };
}

/** The KL term's share of the gradient, in the steps that measured it. */
export function klShareChart(columns: StepColumns): ChartData {
  const values = columns.column('klGradientShare');
  return {
    x: columns.column('step'),
    series: [{ label: terms.klGradientShare.label, values, colour: 'chart-1', points: true }],
  };
}

export function lengthChart(columns: StepColumns): ChartData {
  return {
    x: columns.column('step'),
    series: [
      { label: text.mean, values: columns.column('completionLengthMean'), colour: 'chart-1' },
      {
        label: text.longest,
        values: columns.column('completionLengthMax'),
        colour: 'chart-3',
        dash: dashes.dotted,
        quiet: true,
      },
      {
        label: text.shortest,
        values: columns.column('completionLengthMin'),
        colour: 'chart-3',
        dash: dashes.long,
        quiet: true,
      },
      {
        label: terms.truncated.label,
        values: columns.column('truncatedRatio'),
        colour: 'chart-2',
        dash: dashes.dashed,
        right: true,
      },
    ],
  };
}

export function clipChart(columns: StepColumns): ChartData {
  return {
    x: columns.column('step'),
    series: [
      { label: text.clippedLow, values: columns.column('clipRatioLow'), colour: 'chart-1' },
      { label: text.clippedHigh, values: columns.column('clipRatioHigh'), colour: 'chart-2', dash: dashes.dashed },
    ],
  };
}

/** How the time of a step is spent. */
export function timeChart(columns: StepColumns): ChartData {
  return {
    x: columns.column('step'),
    series: [
      { label: text.time.generate, values: columns.column('secondsGenerate'), colour: 'chart-1' },
      { label: text.time.update, values: columns.column('secondsUpdate'), colour: 'chart-2', dash: dashes.dashed },
      { label: text.time.score, values: columns.column('secondsScore'), colour: 'chart-3', dash: dashes.dotted },
    ],
  };
}

/** A chart of a single measurement. */
export function singleChart(columns: StepColumns, key: SingleKey, label: string, smoothing: number): ChartData {
  const raw: ChartSeries = { label, values: columns.column(key), colour: 'chart-1' };
  return { x: columns.column('step'), series: withAverage(raw, smoothing) };
}
