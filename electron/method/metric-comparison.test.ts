/** @file Metrics of partly right answers: means, paired differences as scipy tests them, and what counts as better. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EvaluationItem } from '../contract/model/evaluations.ts';
import { SampleId } from '../contract/model/primitives.ts';
import { compareMetrics, differenceOf, metricMeans } from './metric-comparison.ts';

const { paired } = JSON.parse(
  readFileSync(new URL('../rewards/fixtures/golden-metrics.json', import.meta.url), 'utf8'),
) as { paired: { first: number[]; second: number[]; p: number; low: number; high: number }[] };

const items = (values: readonly (number | undefined)[]): Pick<EvaluationItem, 'sampleId' | 'metrics'>[] =>
  values.map((value, at) => ({
    sampleId: SampleId.parse(`s-${String(at)}`),
    ...(value === undefined ? {} : { metrics: { 'tag-f1': value } }),
  }));

it.each(paired)('the difference of %j has the interval and p of scipy', ({ first, second, p, low, high }) => {
  const found = differenceOf(first, second);
  expect(found.p).toBeCloseTo(p, 9);
  expect(found.low).toBeCloseTo(low, 9);
  expect(found.high).toBeCloseTo(high, 9);
});

describe('a metric got better', () => {
  const rise = (n: number): ReturnType<typeof differenceOf> =>
    differenceOf(
      Array.from({ length: n }, (_, at) => 0.1 + 0.01 * at),
      Array.from({ length: n }, (_, at) => 0.5 + 0.02 * at),
    );

  it('when chance does not explain it', () => {
    expect(rise(6)).toMatchObject({ verdict: 'better', changed: 6, n: 6 });
    expect(differenceOf([0.5, 0.5, 0.6, 0.6, 0.7, 0.8], [0, 0.1, 0.1, 0.2, 0.2, 0.3]).verdict).toBe('worse');
  });

  it('not when fewer than six answers changed, or when it went both ways', () => {
    expect(rise(5).verdict).toBe('undecided');
    expect(differenceOf([0, 1, 0, 1, 0, 1, 0, 1], [1, 0, 1, 0, 1, 0, 1, 0]).verdict).toBe('undecided');
    expect(differenceOf([0.5], [0.9])).toMatchObject({ low: null, p: null, verdict: 'undecided' });
  });
});

it('pairs the questions that both measured, and measures those that have the metric', () => {
  const [comparison] = compareMetrics(items([0.5, undefined, 1]), items([1, 1, 1, 0]));
  expect(comparison).toMatchObject({
    name: 'tag-f1',
    first: { n: 2, mean: 0.75 },
    second: { n: 2, mean: 1, high: 1 },
    difference: { n: 2, changed: 1, value: 0.25 },
  });
  expect(compareMetrics(items([undefined]), items([1]))).toEqual([]);
  expect(metricMeans(items([0, 1, undefined])).get('tag-f1')).toMatchObject({ n: 2, mean: 0.5, low: 0, high: 1 });
});
