/** @file Metrics of answers that can be partly right, in words. */
import type {
  MetricComparison,
  MetricDifference,
  MetricFigure,
  MetricMean,
  MetricName,
} from '../contract/model/metrics.ts';
import { percent, points, pValue } from './figures.ts';

export const METRIC_NAMES: Readonly<Record<MetricName, string>> = {
  'tag-f1': 'F1 of tags',
  'character-match': 'Characters right (1 − CER)',
  'word-match': 'Words right (1 − WER)',
  'field-f1': 'F1 of fields',
  'order-agreement': 'Order (Kendall’s τ)',
  facts: 'Facts named',
  chrf: 'Resemblance (chrF)',
  'rouge-l': 'Resemblance (ROUGE-L)',
  'box-overlap': 'Overlap of boxes (IoU)',
  'box-f1': 'F1 of boxes',
  'point-hits': 'Points that hit',
};

/** `41.2% (35% to 47.4%)` */
export function meanText({ mean, low, high }: Pick<MetricMean, 'mean' | 'low' | 'high'>): string {
  return low === null || high === null ? percent(mean) : `${percent(mean)} (${percent(low)} to ${percent(high)})`;
}

/** `+4.5 points (95% interval +1.0 to +8.0; 20 of 31 answers changed; p = 0.011): better` */
export function metricDifferenceText({ value, low, high, n, changed, p, verdict }: MetricDifference): string {
  const facts = [
    ...(low === null || high === null ? [] : [`95% interval ${points(low)} to ${points(high)}`]),
    `${changed} of ${n} answers changed`,
    ...(p === null ? [] : [pValue(p)]),
  ];
  return `${points(value)} points (${facts.join('; ')}): ${VERDICTS[verdict]}`;
}

/** `F1 of tags: from 20% to 45%, +25.0 points (…): better.` */
export function metricChangeText({ name, first, second, difference }: MetricComparison): string {
  return `${METRIC_NAMES[name]}: from ${percent(first.mean)} to ${percent(second.mean)}, ${metricDifferenceText(difference)}.`;
}

/** Whether a metric beats the best constant answer, in a sentence; null where none was tried. */
export function metricGuessText({ noLook }: Pick<MetricFigure, 'noLook'>): string | null {
  if (noLook === null) return null;
  const { answer, mean, difference } = noLook;
  const short = answer.length > SHOWN ? `${answer.slice(0, SHOWN)}…` : answer;
  const beats = { better: 'does better', worse: 'does worse', undecided: 'is not clearly better' }[difference.verdict];
  return `Without looking, always answering “${short}” gets ${percent(mean)}; the model ${beats}.`;
}

const SHOWN = 60;
const VERDICTS: Record<MetricDifference['verdict'], string> = {
  better: 'better',
  worse: 'worse',
  undecided: 'may be chance',
};
