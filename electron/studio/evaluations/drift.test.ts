/** @file Drift through the contract: a run against its base, at any of its checkpoints, on any dataset. */
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { EvaluationRequest, EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import { prepareStudio, type TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

async function trained(): Promise<TestStudio & { runId: RunId }> {
  const on = await prepareStudio();
  open.push(on.studio);
  const { modelId, datasetId, client } = on;
  const { id: runId } = await client.runs.start({ modelId, datasetId, method: 'sft', steps: 3, checkpointEvery: 1 });
  for await (const event of await client.runs.watch({ runId }))
    if (event.type === 'status' && !['queued', 'running'].includes(event.summary.status)) break;
  return { ...on, runId };
}

async function drifted(
  { client, modelId, datasetId }: TestStudio,
  more: Partial<EvaluationRequest>,
): Promise<EvaluationSummary> {
  const request = { modelId, datasetId, mode: 'drift' as const, ...more };
  for await (const event of await client.evaluations.start(request)) if (event.type === 'done') return event.evaluation;
  throw new Error('The evaluation did not end.');
}

const refusal = async (promise: Promise<unknown>): Promise<unknown> =>
  decodeError(await promise.then(() => null).catch((error: unknown) => error));

describe('drift', () => {
  it('says how far a run moved its base, both ways, per answer and per token, also where training measured no KL', async () => {
    const on = await trained();
    const { drift, accuracy, step, samples } = await drifted(on, { runId: on.runId });
    expect([step, samples]).toEqual([3, null]);
    expect(drift).toMatchObject({ perQuestion: 4, reverse: { perToken: 0.1 }, forward: { perToken: 0.05 } });
    expect(drift?.reverse.perAnswer).toEqual({ mean: 1, low: 1, high: 1 });
    expect(drift?.forward.perAnswer.mean).toBe(0.5);
    expect([drift?.tuned.value, drift?.base.value, accuracy.value]).toEqual([1, 0, 1]);
    // The tuned model's answers can be read.
    const [evaluation] = await on.client.evaluations.list({ mode: 'drift' });
    const items = await on.client.evaluations.items({ evaluationId: evaluation!.id });
    expect(items).toHaveLength(4 * drift!.questions);
  });

  it('is measured at the checkpoint of any step', async () => {
    const on = await trained();
    const early = await drifted(on, { runId: on.runId, step: 1 });
    expect(early.step).toBe(1);
    const lines = [{ name: 'one', runIds: [on.runId] }];
    const { base, others, lines: drawn, missing, klPredicts } = await on.client.evaluations.tradeOff({ lines });
    expect(base).toMatchObject({ accuracy: 0, retention: null, forward: 0, reverse: 0 });
    expect(drawn[0]?.points).toMatchObject([
      { step: 1, runIds: [on.runId], accuracy: 1, retention: null, forward: 0.5, reverse: 1, onFrontier: true },
    ]);
    // Every other checkpoint could be measured; one point tells nothing about forgetting.
    expect(missing.map(({ step, datasetId }) => [step, datasetId])).toEqual([2, 3].map((step) => [step, on.datasetId]));
    expect([others, klPredicts]).toEqual([[], null]);
    expect(await refusal(drifted(on, { runId: on.runId, step: 7 }))).toMatchObject({
      code: 'NOT_FOUND',
      place: { field: 'step' },
      remedy: 'It has checkpoints of the steps 1, 2, 3.',
    });
  });

  it('needs a run', async () => {
    const on = await trained();
    expect(await refusal(drifted(on, {}))).toMatchObject({ code: 'BAD_INPUT', place: { field: 'runId' } });
    expect(await refusal(drifted(on, { mode: 'reasoning', step: 2 }))).toMatchObject({ place: { field: 'step' } });
  });
});
