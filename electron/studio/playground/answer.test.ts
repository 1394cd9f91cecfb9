/** @file The playground through the contract: which weights answer, how answers score, which pictures are refused. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelId, Progress, RunId, SampleId } from '../../contract/model/primitives.ts';
import { prepareStudio, untilEnded, type TestStudio } from '../fixtures/test-studio.ts';
import { resultOf } from '../../contract/model/result-events.ts';

describe('playground.answer', () => {
  let on: TestStudio;
  let sampleId: SampleId;

  beforeEach(async () => {
    on = await prepareStudio();
    const { samples } = await on.client.datasets.samples({ datasetId: on.datasetId });
    sampleId = samples[0]?.id ?? ('' as SampleId);
  });
  afterEach(() => on.studio.close());

  it('asks the base model with its own template and tells every token', async () => {
    const [model] = await on.client.models.list();
    const answer = await resultOf(
      on.client.playground.answer({
        modelId: on.modelId,
        images: [{ kind: 'sample', sampleId }],
        question: 'How many? $&',
      }),
    );
    expect(answer.text).toBe(`tiny: ${model?.promptTemplate.split('{question}').join('How many? $&') ?? ''}`);
    expect(answer).toMatchObject({ step: null, verdict: null, finish: 'stop', promptTokens: 2 });
    expect(answer.tokens.map(({ special }) => special)).toEqual([false, false, true]);
    // Without a correct answer, only the rewards that check the form apply.
    expect(answer.rewards.map(({ key }) => key)).toEqual(['format']);
  });

  it('asks with a system prompt, and says so', async () => {
    const asked = { modelId: on.modelId, question: 'How many?', promptTemplate: '{question}' };
    const answer = await resultOf(on.client.playground.answer({ ...asked, systemPrompt: 'Count.' }));
    expect(answer).toMatchObject({ text: 'tiny: [Count.] How many?', systemPrompt: 'Count.' });
    expect((await resultOf(on.client.playground.answer({ ...asked, systemPrompt: '' }))).systemPrompt).toBeNull();
  });

  it('tells how much of the model is loaded, and ends with the answer', async () => {
    const request = { modelId: on.modelId, question: 'How many?' };
    const told: Progress[] = [];
    const answer = await resultOf(on.client.playground.answer(request), (progress) => told.push(progress));
    const total = 2 ** 31;
    expect(told).toEqual([0, total].map((done) => ({ phase: 'load', done, total, unit: 'bytes' })));
    expect(answer.finish).toBe('stop');
  });

  it('grades the answer where the right one is given', async () => {
    const answer = await resultOf(
      on.client.playground.answer({
        modelId: on.modelId,
        question: 'Say it: <answer>4</answer>',
        promptTemplate: '{question}',
        reference: { answer: '4', task: 'counting' },
      }),
    );
    expect(answer.verdict).toBe('correct');
    expect(answer.rewards).toEqual([
      { key: 'accuracy', weight: 1, score: 1 },
      { key: 'format', weight: 1, score: 0 },
    ]);
  });

  it('takes a dropped picture and keeps nothing of it', async () => {
    const base64 = readFileSync(join(on.home, 'images', 'image-0.png')).toString('base64');
    await resultOf(
      on.client.playground.answer({
        modelId: on.modelId,
        images: [{ kind: 'upload', name: 'mine.png', base64 }],
        question: 'How many?',
      }),
    );
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith('atelier-playground-'));
    expect(left.filter((name) => existsSync(join(tmpdir(), name, 'picture-0')))).toEqual([]);
  });

  it.each([
    [{ images: [{ kind: 'upload' as const, name: 'mine.png', base64: 'bm8gcGljdHVyZQ==' }] }, 'BAD_INPUT', 'mine.png'],
    [{ runId: 'run-none' as RunId }, 'NOT_FOUND', 'run-none'],
    [{ modelId: 'model-none' as ModelId }, 'NOT_FOUND', 'model-none'],
    [{ images: [{ kind: 'sample' as const, sampleId: 'nothing' as SampleId }] }, 'NOT_FOUND', 'nothing'],
  ] satisfies [object, string, string][])('refuses %j in a sentence', async (change, code, words) => {
    const asked = resultOf(on.client.playground.answer({ modelId: on.modelId, question: 'How many?', ...change }));
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(words) as string });
  });
});

describe('several pictures and checkpoints', () => {
  let on: TestStudio;

  beforeEach(async () => {
    on = await prepareStudio();
  });
  afterEach(() => on.studio.close());

  it('shows them in their order, those of a dataset and your own', async () => {
    const { samples } = await on.client.datasets.samples({ datasetId: on.datasetId });
    const base64 = readFileSync(join(on.home, 'images', 'image-1.png')).toString('base64');
    const kept = await on.client.playground.keep({ name: 'mine.png', base64 });
    const told = await resultOf(
      on.client.playground.attention({
        modelId: on.modelId,
        images: [
          { kind: 'sample', sampleId: samples[0]!.id },
          { kind: 'kept', ...kept },
          { kind: 'upload', name: 'mine.png', base64 },
        ],
        question: 'Which is larger?',
        answer: { tokenIds: [1, 2, 3] },
      }),
    );
    expect(told.pictures).toHaveLength(3);
    expect(told.bands[0]?.tokens[0]?.pictures).toHaveLength(3);
  });

  it('asks the checkpoint of any step, and names those there are', async () => {
    const { client, modelId, datasetId } = on;
    const run = await client.runs.start({ modelId, datasetId, method: 'grpo', steps: 4, checkpointEvery: 2 });
    await untilEnded(client, run);
    expect(await client.runs.checkpoints({ runId: run.id })).toEqual({ steps: [2, 4] });
    const asked = { modelId, runId: run.id, question: 'How many?', promptTemplate: '{question}' };
    const at = async (step?: number) =>
      (await resultOf(client.playground.answer({ ...asked, ...(step === undefined ? {} : { step }) }))).step;
    expect([await at(2), await at()]).toEqual([2, 4]);
    await expect(at(3)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('no checkpoint of step 3') as string,
    });
  });

  it('refuses pictures that would be turned beside pictures that would not', async () => {
    const { samples } = await on.client.datasets.samples({ datasetId: on.datasetId });
    let stored: SampleId | undefined;
    for await (const event of await on.client.datasets.import({
      path: join(on.home, 'images'),
      name: 'As stored',
      orientation: 'as-stored',
    })) {
      if (event.type === 'done')
        stored = (await on.client.datasets.samples({ datasetId: event.dataset.id })).samples[0]?.id;
    }
    const images = [samples[0]!.id, stored!].map((sampleId) => ({ kind: 'sample' as const, sampleId }));
    const asked = resultOf(on.client.playground.answer({ modelId: on.modelId, images, question: 'How many?' }));
    await expect(asked).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('upright') as string,
    });
  });
});

describe('the history', () => {
  let on: TestStudio;

  beforeEach(async () => {
    on = await prepareStudio();
  });
  afterEach(() => on.studio.close());

  it('keeps questions with their pictures and both answers, and forgets what it is told to', async () => {
    const { client, modelId } = on;
    const base64 = readFileSync(join(on.home, 'images', 'image-0.png')).toString('base64');
    const kept = await client.playground.keep({ name: 'mine.png', base64 });
    const ids = [randomUUID(), randomUUID()];
    for (const id of ids) {
      const asked = { modelId, images: [{ kind: 'kept' as const, ...kept }], question: `What is ${id}?` };
      await Promise.all([0, 1].map((side) => resultOf(client.playground.answer({ ...asked, remember: { id, side } }))));
    }
    const { total, entries } = await client.playground.history({});
    expect(total).toBe(2);
    expect(entries.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(entries[0]?.answers.map(({ side }) => side).sort()).toEqual([0, 1]);
    expect(entries[0]?.images).toEqual([{ kind: 'kept', ...kept }]);
    const shown = await on.studio.picture(kept.sha256 as SampleId, 'playground');
    expect(readFileSync(shown.path).toString('base64')).toBe(base64);

    // A picture that another question shows stays.
    expect(await client.playground.forget({ id: ids[0]! })).toEqual({ forgotten: 1 });
    expect(existsSync(shown.path)).toBe(true);
    expect(await client.playground.forget({})).toEqual({ forgotten: 1 });
    expect(existsSync(shown.path)).toBe(false);
    expect(await client.playground.history({})).toEqual({ total: 0, entries: [] });
    await expect(on.studio.picture(kept.sha256 as SampleId, 'playground')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(on.studio.picture('../../keys' as SampleId, 'playground')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
