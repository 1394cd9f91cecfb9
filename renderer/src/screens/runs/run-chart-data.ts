/** @file The columns of a run as the series of each chart, in the order in which a run is read. */
import type { StepColumns } from '../../state/step-columns.ts';
import { messages } from '../../messages/en.ts';
import { terms } from '../../messages/terms.ts';
import type { ChartData } from '../../ui/chart-data.ts';
import { smoothed } from '../../ui/chart-points.ts';

const smoothing = 0.9;
/** Below this many points a smoothed line would only repeat the raw one. */
const fewPoints = 12;

export function rewardChart(columns: StepColumns): ChartData {
  const reward = columns.column('reward');
  const raw = {
    label: messages.run.mean,
    values: reward,
    colour: 'chart-1' as const,
    spread: columns.column('rewardStd'),
  };
  if (reward.length < fewPoints) return { x: columns.column('step'), series: [raw] };
  return {
    x: columns.column('step'),
    series: [
      { ...raw, quiet: true },
      { label: messages.run.smoothed, values: smoothed(reward, smoothing), colour: 'chart-1' },
    ],
  };
}

export function rewardPartChart(columns: StepColumns, name: string): ChartData {
  const reward = columns.rewards().find((entry) => entry.name === name);
  const mean = reward?.mean ?? new Float64Array(0);
  return {
    x: columns.column('step').subarray(0, mean.length),
    series: [
      {
        label: messages.run.mean,
        values: mean,
        colour: 'chart-1',
        ...(reward === undefined ? {} : { spread: reward.std }),
      },
    ],
  };
}

export function klChart(columns: StepColumns): ChartData {
  return {
    x: columns.column('step'),
    series: [
      { label: 'KL', values: columns.column('kl'), colour: 'chart-1' },
      { label: 'β', values: columns.column('beta'), colour: 'chart-2', dash: [6, 4], right: true },
    ],
  };
}

export function lengthChart(columns: StepColumns): ChartData {
  return {
    x: columns.column('step'),
    series: [
      { label: messages.run.mean, values: columns.column('completionLengthMean'), colour: 'chart-1' },
      {
        label: messages.run.longest,
        values: columns.column('completionLengthMax'),
        colour: 'chart-3',
        dash: [2, 3],
        quiet: true,
      },
      {
        label: messages.run.shortest,
        values: columns.column('completionLengthMin'),
        colour: 'chart-3',
        dash: [8, 3],
        quiet: true,
      },
      {
        label: terms.truncated.label,
        values: columns.column('truncatedRatio'),
        colour: 'chart-2',
        dash: [6, 4],
        right: true,
      },
    ],
  };
}

export function clipChart(columns: StepColumns): ChartData {
  return {
    x: columns.column('step'),
    series: [
      { label: messages.run.clippedLow, values: columns.column('clipRatioLow'), colour: 'chart-1' },
      { label: messages.run.clippedHigh, values: columns.column('clipRatioHigh'), colour: 'chart-2', dash: [6, 4] },
    ],
  };
}

/** A chart of one measurement alone. */
export function singleChart(
  columns: StepColumns,
  key: 'fracRewardZeroStd' | 'entropy' | 'gradNorm' | 'learningRate' | 'loss',
  label: string,
): ChartData {
  return { x: columns.column('step'), series: [{ label, values: columns.column(key), colour: 'chart-1' }] };
}
