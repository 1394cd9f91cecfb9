/** @file Where a model looked while it wrote an answer: the same question as it was asked, and the answer read once more. */
import type { z } from 'zod';
import type { Attention } from '../../contract/model/attention.ts';
import type { AttentionRequest } from '../../contract/model/playground.ts';
import { progressThenResult, type ResultEvent } from '../../contract/model/result-events.ts';
import type { StudioCore } from '../context.ts';
import { withQuestion } from './pictures.ts';
import { speakerOf } from './speaker.ts';

/** Yields the progress, then where each token looked. @throws AtelierError as `answerQuestion` does */
export async function* attentionOf(
  studio: Pick<StudioCore, 'home' | 'store' | 'engine' | 'pictures'>,
  request: z.output<typeof AttentionRequest>,
  signal?: AbortSignal,
): AsyncGenerator<ResultEvent<Attention>, void, undefined> {
  const speaker = await speakerOf(studio, request);
  const result = yield* withQuestion(studio, speaker, request, async function* (job) {
    const { answer, alternatives } = request;
    return yield* progressThenResult(studio.engine.attention({ ...job, answer, alternatives }, signal));
  });
  yield { type: 'done', result };
}
