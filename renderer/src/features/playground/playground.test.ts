/** @file Both models get the same question and seed, and edits after the answer are detected. */
import { describe, expect, it } from 'vitest';
import {
  PlaygroundRequest,
  type DatasetId,
  type ModelSummary,
  type PlaygroundAnswer,
  type ResultEvent,
  type RunSummary,
  type Sample,
} from '../../../../electron/contract/api/index.ts';
import { messages } from '../../messages/index.ts';
import { base64Of } from '../../api/base64.ts';
import { readDraft, writeDraft } from './draft.ts';
import { imageOf, nameOf, Playground, refusalOf, type AnswerCall } from './playground.svelte.ts';
import { summaryOf } from '../run/testing.ts';

const model = { id: summaryOf().modelId, name: 'Nano' } as ModelSummary;
const sample = { id: 'sample-1', prompt: 'How many?', answer: '4', task: 'counting' } as Sample;
const answer = { text: 'four', tokens: [], rewards: [] } as unknown as PlaygroundAnswer;

/** The events of a question that is answered at once. */
async function* answered(): AsyncGenerator<ResultEvent<PlaygroundAnswer>> {
  yield { type: 'done', result: answer };
}

function opened(call: AnswerCall, run?: RunSummary): Playground {
  const playground = new Playground(call);
  playground.first = { modelId: model.id };
  playground.chooseRun(run);
  playground.chooseSample(sample);
  return playground;
}

describe('Playground', () => {
  it('asks model and run the same, and the contract takes it', async () => {
    const asked: PlaygroundRequest[] = [];
    const playground = opened(async (request) => {
      asked.push(request);
      return answered();
    }, summaryOf());
    await playground.ask();
    const [base, tuned] = asked;
    const id = base?.remember?.id;
    const { wordsOf, ...same } = base ?? {};
    expect(tuned).toEqual({ ...same, runId: 'run-1', remember: { id, side: 1 } });
    expect(wordsOf).toEqual({ runId: 'run-1' });
    expect(playground.entryId).toBe(id);
    expect(PlaygroundRequest.parse(base)).toMatchObject({
      images: [{ kind: 'sample', sampleId: 'sample-1' }],
      remember: { side: 0 },
      reference: { answer: '4', task: 'counting' },
      seed: 7,
    });
    expect([playground.base.answer, playground.tuned.answer, playground.busy]).toEqual([answer, answer, false]);
  });

  it('asks the model as the dataset of which the run beside it is asked, and alone in its own words', async () => {
    const asked: PlaygroundRequest[] = [];
    const playground = opened(async (request) => {
      asked.push(request);
      return answered();
    }, summaryOf());
    playground.choose('second', { modelId: model.id, runId: summaryOf().id, datasetId: 'tags' as DatasetId });
    await playground.ask();
    playground.choose('second', undefined);
    await playground.ask();
    const [base, tuned, alone] = asked.map((request) => PlaygroundRequest.parse(request));
    expect(base?.wordsOf).toEqual({ runId: 'run-1', datasetId: tuned?.datasetId });
    expect(alone).not.toHaveProperty('wordsOf');
  });

  it('says that the answers belong to an earlier question', async () => {
    const playground = opened(async () => answered());
    await playground.ask();
    expect(playground.stale).toBe(false);
    playground.question = 'And now?';
    expect(playground.stale).toBe(true);
    playground.question = 'How many?';
    playground.temperature = 2; // has no effect while the likeliest token is always taken
    expect(playground.stale).toBe(false);
  });

  it('forgets the right answer of a sample when an own picture takes its place, and keeps pictures in order', () => {
    const playground = opened(async () => answered());
    const own = (name: string) => ({ kind: 'kept' as const, sha256: name.repeat(64), name });
    playground.add(own('a'));
    expect([playground.rightAnswer, playground.pictures]).toEqual(['', [own('a')]]);
    playground.rightAnswer = '9';
    playground.add(own('b'));
    playground.add({ kind: 'sample', sample });
    expect(playground.rightAnswer).toBe('9');
    expect(playground.pictures.map(imageOf)).toEqual([own('a'), own('b'), { kind: 'sample', sampleId: 'sample-1' }]);
    for (let index = 0; index < 9; index += 1) playground.add(own('c'));
    expect([playground.pictures.length, playground.full]).toEqual([8, true]);
    playground.without(0);
    expect([playground.pictures[0], playground.full]).toEqual([own('b'), false]);
  });

  it('compares any two speakers, and drops the answer of one that is replaced', async () => {
    const asked: PlaygroundRequest[] = [];
    const playground = opened(async (request) => {
      asked.push(request);
      return answered();
    }, summaryOf());
    const run = summaryOf();
    playground.choose('first', { modelId: run.modelId, runId: run.id, step: 2 });
    await playground.ask();
    expect(asked.map(({ runId, step }) => [runId, step])).toEqual([
      ['run-1', 2],
      ['run-1', undefined],
    ]);
    playground.choose('first', { modelId: run.modelId });
    expect([playground.base.answer, playground.tuned.answer, playground.stale]).toEqual([undefined, answer, true]);
    const models = [model];
    expect(nameOf({ modelId: run.modelId }, models, [run])).toEqual({ name: 'Nano' });
    expect(nameOf({ modelId: run.modelId, runId: run.id, step: 2 }, models, [run])).toEqual({
      name: run.name,
      step: 2,
    });
  });

  it('opens a question of the history with its answers, which then belong to it', () => {
    const playground = opened(async () => answered());
    const run = summaryOf();
    playground.restore(
      {
        id: '3c3f9a3e-6a4f-4c0e-9d5e-2f5d1f8f1c11',
        askedAt: '2026-11-30T08:00:00.000Z',
        question: 'How many?',
        images: [],
        greedy: false,
        temperature: 0.5,
        seed: 3,
        maxNewTokens: 32,
        reference: { answer: '4', task: 'counting' },
        answers: [
          { side: 0, modelId: run.modelId, answer },
          { side: 1, modelId: run.modelId, runId: run.id, step: 2, answer },
        ],
      },
      [],
    );
    expect([playground.question, playground.rightAnswer, playground.seed]).toEqual(['How many?', '4', 3]);
    expect(playground.second).toEqual({ modelId: run.modelId, runId: run.id, step: 2 });
    expect(playground.tuned.asked).toMatchObject({ step: 2, temperature: 0.5 });
    expect([playground.base.answer, playground.stale]).toEqual([answer, false]);
  });

  it('shows what went wrong on the side where it did, and nothing after a stop', async () => {
    const playground = opened(async (request) => {
      if (request.runId !== undefined) throw new Error('gone');
      return answered();
    }, summaryOf());
    await playground.ask();
    expect([playground.base.trouble, playground.tuned.trouble?.code]).toEqual([undefined, 'CONNECTION']);

    let release = (): void => undefined;
    const waiting = opened(() => new Promise((resolve) => (release = () => resolve(answered()))));
    const asking = waiting.ask();
    waiting.stop();
    release();
    await asking;
    expect([waiting.base.answer, waiting.base.busy]).toEqual([undefined, false]);
  });

  it('says how much of the model is loaded until the answer is there', async () => {
    const said: (string | undefined)[] = [];
    async function* loading(): AsyncGenerator<ResultEvent<PlaygroundAnswer>> {
      for (const done of [0, 2 ** 30, 2 ** 31]) {
        yield { type: 'progress', progress: { phase: 'load', done, total: 2 ** 31, unit: 'bytes' } };
        said.push(messages.run.progress(playground.base.progress));
      }
      yield { type: 'progress', progress: { phase: 'answer', done: 0 } };
      said.push(messages.run.progress(playground.base.progress));
      yield* answered();
    }
    const playground = opened(async () => loading());
    await playground.ask();
    expect(said).toEqual([
      'Loading the model: 0 B of 2.0 GiB',
      'Loading the model: 1.0 of 2.0 GiB',
      'Loading the model: 2.0 of 2.0 GiB',
      'Answering…',
    ]);
    expect([playground.base.answer, playground.busy]).toEqual([answer, false]);
  });

  it('asks both at the detail that is chosen, and leaves it to the studio if none is', async () => {
    const asked: PlaygroundRequest[] = [];
    const playground = opened(async (request) => {
      asked.push(request);
      return answered();
    }, summaryOf());
    await playground.ask();
    playground.detail = 'low';
    expect(playground.stale).toBe(true);
    await playground.ask();
    expect(asked.map((request) => PlaygroundRequest.parse(request).detail)).toEqual([
      undefined,
      undefined,
      'low',
      'low',
    ]);
  });

  it('names what is missing', () => {
    const playground = new Playground(async () => answered());
    expect(playground.missing).toBe('model');
    playground.first = { modelId: model.id };
    expect(playground.missing).toBe('question');
    playground.question = 'How many?';
    expect(playground.missing).toBeUndefined();
    playground.maxNewTokens = 0;
    expect(playground.missing).toBe('settings');
  });
});

describe('a dropped file', () => {
  it('is refused if it is not a picture or too large', () => {
    expect(refusalOf({ type: 'application/pdf', size: 10 })).toBe('noPicture');
    expect(refusalOf({ type: 'image/png', size: 11 * 1024 * 1024 })).toBe('tooLarge');
    expect(refusalOf({ type: 'image/png', size: 10 })).toBeUndefined();
  });

  it('crosses as base64, however long', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const back = Uint8Array.from(atob(await base64Of(new Blob([bytes]))), (character) => character.charCodeAt(0));
    expect(back).toEqual(bytes);
  });
});

describe('what stands in the form', () => {
  it('is there again after a reload, and nothing is if it cannot be read', () => {
    const stored = new Map<string, string>();
    const storage = {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    };
    expect(readDraft(storage)).toBeNull();
    const draft = {
      question: 'How many?',
      rightAnswer: '',
      task: 'other' as const,
      images: [{ kind: 'sample' as const, sampleId: sample.id }],
      first: { modelId: model.id },
    };
    writeDraft(draft, storage);
    expect(readDraft(storage)).toEqual(draft);
    stored.forEach((_, key) => stored.set(key, '{"question":1}'));
    expect(readDraft(storage)).toBeNull();
  });
});
