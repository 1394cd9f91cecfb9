/** @file The evaluate job: greedy answers to many samples, graded. */
import type { EvaluateEvent, EvaluateJob } from '../../contract/engine/engine.ts';
import { answerInBatches, gradedItem, openAnswerer } from './answer-batches.ts';

/** Answers in one batch: more would not be faster. */
const BATCH_COMPLETIONS = 64;

/** Reports items and progress batch by batch, and stops between batches when `signal` fires. */
export async function* evaluate(
  job: EvaluateJob,
  signal?: AbortSignal,
): AsyncGenerator<EvaluateEvent, void, undefined> {
  yield { type: 'progress', progress: { phase: 'load', done: 0, total: job.samples.length } };
  const answerer = await openAnswerer({
    ...job,
    groupSize: 1,
    batchCompletions: BATCH_COMPLETIONS,
    sampling: { temperature: 1, topP: 1 },
    checksContext: false,
  });
  try {
    for await (const { answered, progress } of answerInBatches(answerer, 'evaluate', undefined, signal)) {
      yield { type: 'items', items: answered.map((each) => gradedItem(each, job.accuracy)) };
      yield { type: 'progress', progress };
    }
  } finally {
    answerer.policy.dispose();
  }
}
