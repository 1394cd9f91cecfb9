/** @file The evaluate job: greedy answers to many samples, graded. */
import type { EvaluateEvent, EvaluateJob } from '../../contract/engine/engine.ts';
import { answerInBatches, gradedItem, openAnswerer } from './answer-batches.ts';
import { progressEvents, reporting } from './reporting.ts';

/** Answers in one batch: more would not be faster. */
const BATCH_COMPLETIONS = 64;

/** Reports items and progress batch by batch, and stops between batches when `signal` fires. */
export async function* evaluate(
  job: EvaluateJob,
  signal?: AbortSignal,
): AsyncGenerator<EvaluateEvent, void, undefined> {
  yield { type: 'progress', progress: { phase: 'load', done: 0 } };
  const options = {
    ...job,
    groupSize: 1,
    batchCompletions: BATCH_COMPLETIONS,
    sampling: { temperature: 1, topP: 1 },
    checksContext: false,
  };
  const opening = reporting(
    (tell) => openAnswerer(options, tell),
    ({ policy }) => policy.dispose(),
  );
  const answerer = yield* progressEvents(opening);
  yield { type: 'progress', progress: { phase: 'evaluate', done: 0, total: job.samples.length } };
  try {
    for await (const { answered, progress } of answerInBatches(answerer, 'evaluate', undefined, signal)) {
      yield { type: 'items', items: answered.map((each) => gradedItem(each, job.accuracy)) };
      yield { type: 'progress', progress };
    }
  } finally {
    answerer.policy.dispose();
  }
}
