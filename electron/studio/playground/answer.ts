/** @file Answers one playground question: which weights answer, with which pictures, and how the answer scores. */
import type { z } from 'zod';
import type { PlaygroundAnswer, PlaygroundRequest } from '../../contract/model/playground.ts';
import { progressThenResult, type ResultEvent } from '../../contract/model/result-events.ts';
import { accuracyParamsOf, rewardKey, type RewardSpec } from '../../contract/model/rewards.ts';
import { gradeAnswer } from '../../rewards/accuracy.ts';
import type { StudioCore } from '../context.ts';
import { remember } from './history.ts';
import { withQuestion } from './pictures.ts';
import { speakerOf } from './speaker.ts';

type Request = z.output<typeof PlaygroundRequest>;
type Studio = Pick<StudioCore, 'home' | 'store' | 'engine' | 'pictures'>;

/** These compare with the correct answer, so they do not apply if none is given. */
const NEEDS_REFERENCE: ReadonlySet<RewardSpec['name']> = new Set(['accuracy', 'custom']);

/**
 * Answers one question and scores the answer: yields the progress, then the answer. Nothing is stored unless the request
 * says so; a dropped picture is deleted once the answer arrives.
 * @throws AtelierError NOT_FOUND for an unknown model, run, step or sample; CONFLICT for a run without a checkpoint;
 *   BAD_INPUT for a picture that cannot be read
 */
export async function* answerQuestion(
  studio: Studio,
  request: Request,
  signal?: AbortSignal,
): AsyncGenerator<ResultEvent<PlaygroundAnswer>, void, undefined> {
  const speaker = await speakerOf(studio, request);
  const { greedy, temperature, seed, maxNewTokens, alternatives, repetitionPenalty } = request;
  const drawing = { greedy, temperature, seed, maxNewTokens, ...(alternatives === 0 ? {} : { alternatives }) };
  const { result, asked } = yield* withQuestion(studio, speaker, request, async function* (job, promptTemplate) {
    const events = studio.engine.generate(
      { ...job, ...drawing, ...(repetitionPenalty === undefined ? {} : { repetitionPenalty }) },
      signal,
    );
    return { result: yield* progressThenResult(events), asked: { ...job, promptTemplate } };
  });
  const rewards = (request.rewards ?? speaker.rewards).filter(
    ({ name }) => request.reference !== undefined || !NEEDS_REFERENCE.has(name),
  );
  const item = { completion: result.text, ...(request.reference ?? { answer: '-', task: 'other' as const }) };
  const [scores] = rewards.length === 0 ? [[]] : await studio.engine.judge({ rewards, items: [item] }, signal);
  const answer: PlaygroundAnswer = {
    text: result.text,
    tokens: result.choices ?? [],
    tokenIds: result.tokenIds,
    promptTokens: result.promptIds.length,
    finish: result.finish,
    seconds: result.seconds,
    repetitionPenalty: result.repetitionPenalty,
    step: speaker.checkpoint?.step ?? null,
    promptTemplate: asked.promptTemplate,
    systemPrompt: asked.systemPrompt ?? null,
    maxPixels: asked.maxPixels ?? null,
    verdict: request.reference === undefined ? null : gradeAnswer({ ...accuracyParamsOf(rewards), ...item }).verdict,
    rewards: rewards.map((spec, index) => ({
      key: rewardKey(spec),
      weight: spec.weight,
      score: scores?.[index] ?? null,
    })),
  };
  await remember(studio.home, request, answer);
  yield { type: 'done', result: answer };
}
