/** @file The metrics of an evaluation, and what always the same answer would score. */
import { expect, it } from 'vitest';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import { SampleId } from '../../contract/model/primitives.ts';
import type { AccuracyParams } from '../../contract/model/rewards.ts';
import { metricGuessText } from '../../reporting/metric-text.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import { metricFigures } from './metrics.ts';

/** Answers of a model to these references, graded. */
function figuresOf(accuracy: AccuracyParams, pairs: readonly (readonly [answer: string, given: string])[]) {
  const questions = pairs.map(([answer]) => ({ asked: { answer, task: 'other' as const } }));
  const items = pairs.map(([answer, given], at): EvaluationItem => {
    const text = `<answer>${given}</answer>`;
    const { verdict, metrics } = gradeAnswer({ ...accuracy, completion: text, answer, task: 'other' });
    return {
      sampleId: SampleId.parse(`s-${String(at)}`),
      text,
      verdict,
      formatOk: true,
      tokens: 1,
      ...(metrics === undefined ? {} : { metrics }),
    };
  });
  return metricFigures(items, questions, { accuracy });
}

it('finds the set of common tags that scores best without looking', () => {
  const answers = ['bird, sea', 'bird, sea, dog', 'bird, tree', 'bird, sea, sky'];
  const { metrics } = figuresOf(
    { kind: 'tags' },
    answers.map((answer) => [answer, 'bird, sea'] as const),
  );
  expect(metrics).toHaveLength(1);
  const [figure] = metrics ?? [];
  expect(figure).toMatchObject({ name: 'tag-f1', n: 4, noLook: { answer: 'bird, sea' } });
  expect(figure?.noLook?.mean).toBeCloseTo((1 + 0.8 + 0.5 + 0.8) / 4, 12);
  expect(figure?.noLook?.difference).toMatchObject({ value: 0, changed: 0, verdict: 'undecided' });
  expect(metricGuessText(figure!)).toContain(
    'always answering “bird, sea” gets 77.5%; the model is not clearly better.',
  );
});

it('tries the mean box, and says that a model which looks does better', () => {
  const answers = Array.from({ length: 12 }, (_, at) => `[${String(10 * at)}, 0, ${String(10 * at + 40)}, 40]`);
  const { metrics = [] } = figuresOf(
    { kind: 'box' },
    answers.map((answer) => [answer, answer] as const),
  );
  expect(metrics.map(({ name, mean }) => [name, mean])).toEqual([
    ['box-overlap', 1],
    ['box-f1', 1],
  ]);
  for (const { noLook } of metrics) expect(noLook?.difference.verdict).toBe('better');
});

it('has none for answers that are right or wrong, and none where answers are sampled', () => {
  expect(figuresOf({ kind: 'count' }, [['7', '7']])).toEqual({});
  expect(metricFigures([], [], { accuracy: { kind: 'tags' }, mode: 'samples' })).toEqual({});
});
