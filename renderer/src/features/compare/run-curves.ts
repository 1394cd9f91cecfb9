/** @file The curves of several runs on one axis, which can be told apart without colour. */
import type { RunSummary, StepMetrics } from '../../../../electron/contract/api/index.ts';
import { dashes, type ChartColour, type ChartData, type ChartSeries } from '../../ui/chart/chart-data.ts';
import { smoothed } from '../../ui/chart/chart-points.ts';

export type CurveStyle = { colour: ChartColour; dash?: readonly number[] };

/** One style per run, in the order chosen; no two share a dash pattern. */
export const curveStyles: readonly CurveStyle[] = [
  { colour: 'chart-1' },
  { colour: 'chart-2', dash: dashes.dashed },
  { colour: 'chart-3', dash: dashes.dotted },
  { colour: 'chart-1', dash: dashes.dashDot },
  { colour: 'chart-2', dash: dashes.sparse },
  { colour: 'chart-3', dash: dashes.long },
];

export type RunSteps = { run: RunSummary; steps: readonly StepMetrics[] };
export type Measure = (step: StepMetrics) => number | null | undefined;

const smoothing = 0.9;
/** With fewer points than this, a smoothed line would only repeat the raw one. */
const fewPoints = 12;

/**
 * One line per run over the union of their steps. Values are interpolated between the steps that a run has;
 * before its first step and after its last, it has none.
 */
export function overlaid(runs: readonly RunSteps[], measure: Measure, smooth: boolean): ChartData {
  const x = Float64Array.from(new Set(runs.flatMap(({ steps }) => steps.map(({ step }) => step)))).sort();
  const series = runs.flatMap(({ run, steps }, index): ChartSeries[] => {
    // A run without this quantity needs no line, and the others keep their styles.
    if (!steps.some((step) => typeof measure(step) === 'number')) return [];
    const raw = Float64Array.from(steps, (step) => measure(step) ?? Number.NaN);
    const values = smooth && raw.length >= fewPoints ? smoothed(raw, smoothing) : raw;
    const style = curveStyles[index % curveStyles.length] ?? { colour: 'chart-1' };
    return [{ label: run.name, values: spread(steps, values, x), ...style }];
  });
  return { x, series };
}

/** True if at least one run measured it. */
export function anyMeasured(runs: readonly RunSteps[], measure: Measure): boolean {
  return runs.some(({ steps }) => steps.some((step) => typeof measure(step) === 'number'));
}

function spread(steps: readonly StepMetrics[], values: Float64Array, x: Float64Array): Float64Array {
  let at = 0;
  return x.map((wanted) => {
    while (at + 1 < steps.length && (steps[at + 1]?.step ?? Infinity) <= wanted) at += 1;
    const left = steps[at];
    const right = steps[at + 1];
    if (left === undefined || wanted < left.step) return Number.NaN;
    const value = values[at] ?? Number.NaN;
    if (wanted === left.step) return value;
    if (right === undefined) return Number.NaN;
    const share = (wanted - left.step) / (right.step - left.step);
    return value + share * ((values[at + 1] ?? Number.NaN) - value);
  });
}
