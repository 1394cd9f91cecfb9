/** @file The sample job: several sampled answers to each sample, drawn exactly as training draws them, without learning. */
import type { SampleEvent, SampleJob } from '../../contract/engine/engine.ts';
import { samplingUniform } from '../training/random.ts';
import { answerInBatches, openAnswerer } from './answer-batches.ts';
import { progressEvents, reporting } from './reporting.ts';

/** Answers in one batch, a multiple of every common group size. */
const BATCH_COMPLETIONS = 128;

/**
 * Groups of `numGenerations` answers. A draw depends on the seed, the sample's place in the job, the answer's place in
 * its group and the token's position, but not on how samples are batched. Stops between batches when `signal` fires.
 */
export async function* sample(job: SampleJob, signal?: AbortSignal): AsyncGenerator<SampleEvent, void, undefined> {
  yield { type: 'progress', progress: { phase: 'load', done: 0 } };
  const { temperature, topP, minP = 0, seed } = job;
  const options = {
    ...job,
    groupSize: job.numGenerations,
    batchCompletions: BATCH_COMPLETIONS,
    sampling: { temperature, topP, minP },
    checksContext: true,
  };
  const opening = reporting(
    (tell) => openAnswerer(options, tell),
    ({ policy }) => policy.dispose(),
  );
  const answerer = yield* progressEvents(opening);
  yield { type: 'progress', progress: { phase: 'answer', done: 0, total: job.samples.length } };
  const draw = (place: number, index: number, position: number): number =>
    samplingUniform(seed, place + 1, index, position);
  try {
    for await (const { answered, progress } of answerInBatches(
      answerer,
      'answer',
      job.greedy === true ? undefined : draw,
      signal,
    )) {
      const groups = answered.map(({ sample: { id }, answers }) => ({
        sampleId: id,
        completions: answers.map(({ text, tokens, truncated }) => ({ text, tokens: tokens.length, truncated })),
      }));
      yield { type: 'groups', groups };
      yield { type: 'progress', progress };
    }
  } finally {
    answerer.policy.dispose();
  }
}
