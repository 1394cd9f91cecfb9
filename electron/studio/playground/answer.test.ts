/** @file The playground through the contract: which weights answer, how answers score, which pictures are refused. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelId, Progress, RunId, SampleId } from '../../contract/model/primitives.ts';
import { prepareStudio, type TestStudio } from '../fixtures/test-studio.ts';
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
        image: { kind: 'sample', sampleId },
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
    const asked = { modelId: on.modelId, image: null, question: 'How many?', promptTemplate: '{question}' };
    const answer = await resultOf(on.client.playground.answer({ ...asked, systemPrompt: 'Count.' }));
    expect(answer).toMatchObject({ text: 'tiny: [Count.] How many?', systemPrompt: 'Count.' });
    expect((await resultOf(on.client.playground.answer({ ...asked, systemPrompt: '' }))).systemPrompt).toBeNull();
  });

  it('tells how much of the model is loaded, and ends with the answer', async () => {
    const request = { modelId: on.modelId, image: null, question: 'How many?' };
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
        image: null,
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
        image: { kind: 'upload', name: 'mine.png', base64 },
        question: 'How many?',
      }),
    );
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith('atelier-playground-'));
    expect(left.filter((name) => existsSync(join(tmpdir(), name, 'picture')))).toEqual([]);
  });

  it.each([
    [{ image: { kind: 'upload', name: 'mine.png', base64: 'bm8gcGljdHVyZQ==' } }, 'BAD_INPUT', 'mine.png'],
    [{ image: null, runId: 'run-none' as RunId }, 'NOT_FOUND', 'run-none'],
    [{ image: null, modelId: 'model-none' as ModelId }, 'NOT_FOUND', 'model-none'],
    [{ image: { kind: 'sample', sampleId: 'nothing' as SampleId } }, 'NOT_FOUND', 'nothing'],
  ] as const)('refuses %j in a sentence', async (change, code, words) => {
    const asked = resultOf(on.client.playground.answer({ modelId: on.modelId, question: 'How many?', ...change }));
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(words) as string });
  });
});
