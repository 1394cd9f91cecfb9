/**
 * @file The drift job: how far an adapter moved a model on some questions, whether they were trained on or not. Tuned
 * model and base answer each question several times at temperature 1, and every answer is scored by both. The mean of
 * log p(own) − log p(other) over a model's own answers estimates its KL divergence from the other without bias:
 * KL(tuned ‖ base) from the tuned model's answers, KL(base ‖ tuned) from the base's. It needs no KL term in training, so
 * it holds for SFT and for a KL weight of 0 too.
 */
import type { DriftEvent, DriftJob } from '../../contract/engine/engine.ts';
import { completionFeeds, type PreparedPrompt } from '../training/batch.ts';
import { scoreEntry, type PolicyShape, type PolicyState } from '../training/policy-program.ts';
import { samplingUniform } from '../training/random.ts';
import { callOf } from '../training/update/calls.ts';
import { completionLogprobs, type Scoring } from '../training/update/update-step.ts';
import { answerInBatches, openAnswerer, type Answerer, type Draw } from './answer-batches.ts';
import { progressEvents, reporting } from './reporting.ts';

/** Answers in one batch. */
const BATCH_COMPLETIONS = 64;

interface DriftCalls {
  entries: Record<string, ReturnType<typeof scoreEntry>>;
  tuned: Scoring;
  base: Scoring;
}

function driftCalls(state: PolicyState, shape: PolicyShape): DriftCalls {
  const [policy, reference] = [scoreEntry(state, shape, 1, 'policy'), scoreEntry(state, shape, 1, 'reference')];
  const scoring = (entry: typeof policy): Scoring => ({ size: shape.batch, logprobs: callOf(entry) });
  return { entries: { policy, reference }, tuned: scoring(policy), base: scoring(reference) };
}

/** Answers with their log-ratios, first of the tuned model, then of its base. Stops between batches when `signal` fires. */
export async function* drift(job: DriftJob, signal?: AbortSignal): AsyncGenerator<DriftEvent, void, undefined> {
  yield { type: 'progress', progress: { phase: 'load', done: 0 } };
  const { seed, samples } = job;
  const options = {
    ...job,
    groupSize: job.numGenerations,
    batchCompletions: BATCH_COMPLETIONS,
    sampling: { temperature: 1, topP: 1, minP: 0 },
    checksContext: true,
    calls: driftCalls,
  };
  const opening = reporting(
    (tell) => openAnswerer(options, tell),
    ({ policy }) => policy.dispose(),
  );
  const answerer = yield* progressEvents(opening);
  const { adapter, policy } = answerer;
  if (adapter === null) throw new Error('Only a model with an adapter can have drifted from its base.');
  const off = Object.fromEntries(
    Object.entries(adapter.values).map(([name, values]) => [name, new Float32Array(values.length)]),
  );
  const draw: Draw = (place, index, position) => samplingUniform(seed, place + 1, index, position);
  try {
    for (const of of ['tuned', 'base'] as const) {
      let start = 0;
      policy.program.set(of === 'base' ? off : adapter.values);
      for await (const { answered, progress } of answerInBatches(answerer, 'answer', draw, signal)) {
        const prompts = answerer.prompts.slice(start, start + answered.length);
        start += answered.length;
        policy.program.set(adapter.values);
        const rows = answered.flatMap(({ answers }) => answers.map(({ tokens }) => tokens));
        const ratios = await logRatios(answerer, prompts, rows, of);
        if (of === 'base') policy.program.set(off);
        const groups = answered.map(({ sample, answers }, group) => ({
          sampleId: sample.id,
          completions: answers.map(({ text, tokens, truncated }, index) => ({
            text,
            tokens: tokens.length,
            truncated,
            logRatio: ratios[group * job.numGenerations + index] ?? NaN,
          })),
        }));
        yield { type: 'groups', of, groups };
        const done = progress.done + (of === 'base' ? samples.length : 0);
        yield { type: 'progress', progress: { ...progress, done, total: 2 * samples.length } };
      }
    }
  } finally {
    policy.dispose();
  }
}

/** Σ log p(own) − log p(other) of each answer, own being the model that gave it. The adapter must be on. */
async function logRatios(
  { model, policy }: Answerer<DriftCalls>,
  prompts: readonly PreparedPrompt[],
  answers: readonly (readonly number[])[],
  own: 'tuned' | 'base',
): Promise<number[]> {
  const { shape, program, calls } = policy;
  const { config, padId, eosIds } = model.processor;
  const [first] = prompts;
  if (first === undefined) return [];
  // A last batch that is not full is filled up with answers that do not count.
  const filled = [...prompts, ...Array.from({ length: shape.batch - prompts.length }, () => first)];
  const filler = [eosIds[0] ?? padId];
  const tokens = Array.from({ length: shape.batch * shape.groupSize }, (_, row) => answers[row] ?? filler);
  const rows = completionFeeds(tokens, filled, shape.groupSize, shape.completionLength, config, padId);
  const step = { prompts: filled, feeds: await policy.feeds(filled), rows };
  const tools = { program, shape, config, padId };
  const tuned = await completionLogprobs(tools, calls.tuned, step);
  const base = await completionLogprobs(tools, calls.base, step);
  const [mine, other] = own === 'tuned' ? [tuned, base] : [base, tuned];
  return answers.map(({ length }, row) => {
    const from = row * shape.completionLength;
    let sum = 0;
    for (let at = from; at < from + length; at++) sum += (mine[at] ?? NaN) - (other[at] ?? NaN);
    return sum;
  });
}
