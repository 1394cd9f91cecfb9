/** @file What an evaluation's items amount to: shares with their counts and intervals. */
import type { EvaluationItem } from '../../contract/evaluations.ts';
import type { SampleId, Task } from '../../contract/primitives.ts';
import { Task as TaskSchema } from '../../contract/primitives.ts';
import { hasThought } from '../../rewards/thinking.ts';
import type { NewEvaluation } from '../../store/evaluations.ts';
import { wilson } from './statistics.ts';

export type EvaluationFigures = Pick<
  NewEvaluation,
  'accuracy' | 'format' | 'unparsed' | 'thinkRate' | 'meanTokens' | 'byTask'
>;

/** @param taskOf the task of every sample that was asked */
export function summariseItems(
  items: readonly EvaluationItem[],
  taskOf: ReadonlyMap<SampleId, Task>,
): EvaluationFigures {
  const count = (test: (item: EvaluationItem) => boolean, among = items): number => among.filter(test).length;
  const isCorrect = (item: EvaluationItem): boolean => item.verdict === 'correct';
  const byTask = TaskSchema.options.flatMap((task) => {
    const ofTask = items.filter((item) => taskOf.get(item.sampleId) === task);
    return ofTask.length === 0 ? [] : [{ task, accuracy: wilson(count(isCorrect, ofTask), ofTask.length) }];
  });
  const n = items.length;
  return {
    accuracy: wilson(count(isCorrect), n),
    format: wilson(
      count((item) => item.formatOk),
      n,
    ),
    unparsed: count((item) => item.verdict === 'unparsed'),
    thinkRate: n === 0 ? 0 : count((item) => hasThought(item.text)) / n,
    meanTokens: n === 0 ? 0 : items.reduce((sum, item) => sum + item.tokens, 0) / n,
    byTask,
  };
}
