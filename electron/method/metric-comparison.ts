/**
 * @file Metrics of answers that can be partly right, as means with intervals, and the one rule for "did the metric get
 * better": the same questions, paired.
 */
import type { EvaluationItem } from '../contract/model/evaluations.ts';
import {
  MetricName,
  type MetricComparison,
  type MetricDifference,
  type MetricMean,
} from '../contract/model/metrics.ts';
import { questionKey, SIGNIFICANT } from './paired-comparison.ts';
import { meanInterval, meanIsZeroP } from './statistics.ts';

type Measured = Pick<EvaluationItem, 'sampleId' | 'variant' | 'question' | 'metrics'>;

/** With fewer changed answers, not even all of them in one direction would show that it is no chance (2 / 2⁶ = 3%). */
const LEAST_CHANGED = 6;
/** Smaller differences of one answer come from rounding. */
const SAME = 1e-9;

/** The metrics that these answers have, each as a mean. */
export function metricMeans(items: readonly Pick<EvaluationItem, 'metrics'>[]): Map<MetricName, MetricMean> {
  const means = new Map<MetricName, MetricMean>();
  for (const name of MetricName.options) {
    const values = items.flatMap(({ metrics }) => metrics?.[name] ?? []);
    if (values.length > 0) means.set(name, meanOf(values));
  }
  return means;
}

/** Judges the metrics of the second answers against the first, on the questions that both measured. */
export function compareMetrics(first: readonly Measured[], second: readonly Measured[]): MetricComparison[] {
  const before = new Map(first.map((item) => [questionKey(item), item.metrics]));
  return MetricName.options.flatMap((name) => {
    const pairs = second.flatMap((item): [number, number][] => {
      const [was, is] = [before.get(questionKey(item))?.[name], item.metrics?.[name]];
      return was === undefined || is === undefined ? [] : [[was, is]];
    });
    if (pairs.length === 0) return [];
    const [was, is] = [pairs.map(([value]) => value), pairs.map(([, value]) => value)];
    return [{ name, first: meanOf(was), second: meanOf(is), difference: differenceOf(was, is) }];
  });
}

/** How the second values differ from the first, pair by pair. */
export function differenceOf(first: readonly number[], second: readonly number[]): MetricDifference {
  const differences = second.map((value, at) => value - (first[at] ?? 0));
  const { mean, low, high, n } = meanInterval(differences);
  const changed = differences.filter((difference) => Math.abs(difference) > SAME).length;
  const p = meanIsZeroP(differences);
  const isDecided =
    p !== null && p < SIGNIFICANT && changed >= LEAST_CHANGED && low !== null && high !== null && (low > 0 || high < 0);
  const verdict = !isDecided ? 'undecided' : mean > 0 ? 'better' : 'worse';
  return { n, changed, value: mean, low, high, p, verdict };
}

/** A metric lies between 0 and 1, and so does its interval. */
function meanOf(values: readonly number[]): MetricMean {
  const { n, mean, low, high } = meanInterval(values);
  return {
    n,
    mean,
    low: low === null ? null : Math.max(0, low),
    high: high === null ? null : Math.min(1, high),
  };
}
