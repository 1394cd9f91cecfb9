/** @file Both models get the same question and seed, and edits after the answer are detected. */
import { describe, expect, it } from 'vitest';
import {
  PlaygroundRequest,
  type ModelSummary,
  type PlaygroundAnswer,
  type ResultEvent,
  type RunSummary,
  type Sample,
} from '../../../../electron/contract/api/index.ts';
import { messages } from '../../messages/index.ts';
import { base64Of } from '../../api/base64.ts';
import { Playground, refusalOf, type AnswerCall } from './playground.svelte.ts';
import { summaryOf } from '../run/testing.ts';

const model = { id: 'model-1', name: 'Nano' } as ModelSummary;
const sample = { id: 'sample-1', prompt: 'How many?', answer: '4', task: 'counting' } as Sample;
const answer = { text: 'four', tokens: [], rewards: [] } as unknown as PlaygroundAnswer;

/** The events of a question that is answered at once. */
async function* answered(): AsyncGenerator<ResultEvent<PlaygroundAnswer>> {
  yield { type: 'done', result: answer };
}

function opened(call: AnswerCall, run?: RunSummary): Playground {
  const playground = new Playground(call);
  playground.model = model;
  playground.chooseRun(run, [model]);
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
    expect(tuned).toEqual({ ...base, runId: 'run-1' });
    expect(PlaygroundRequest.parse(base)).toMatchObject({
      image: { kind: 'sample', sampleId: 'sample-1' },
      reference: { answer: '4', task: 'counting' },
      seed: 7,
    });
    expect([playground.base.answer, playground.tuned.answer, playground.busy]).toEqual([answer, answer, false]);
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

  it('forgets the right answer of a sample when an own picture takes its place', () => {
    const playground = opened(async () => answered());
    playground.choosePicture({ kind: 'upload', name: 'a.png', base64: '', previewUrl: 'blob:1' });
    expect(playground.rightAnswer).toBe('');
    playground.rightAnswer = '9';
    playground.choosePicture({ kind: 'upload', name: 'b.png', base64: '', previewUrl: 'blob:2' });
    expect(playground.rightAnswer).toBe('9');
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
    playground.model = model;
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
