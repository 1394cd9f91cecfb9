/** @file Explaining a gain: what the store knows decides how far; sampled answers tell selection from new. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EvaluationItem, EvaluationSummary } from '../../contract/model/evaluations.ts';
import { EvaluationRequest } from '../../contract/model/evaluations.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import type { ModelSummary } from '../../contract/model/models.ts';
import { countOf } from '../../method/what-changed.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { addDataset, addModel, temporaryFolder } from '../../store/testing/fixture.ts';
import { compareEvaluations } from './compare.ts';
import { evaluate, type EvaluationParts } from './evaluate.ts';
import { explainChange } from './explain.ts';
import { planEvaluation, type EvaluationPlan } from './plan.ts';
import { summariseItems } from './summarise.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: Store;
let model: ModelSummary;
let datasetId: DatasetId;

beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openStore(folder.path);
  model = await addModel(store);
  datasetId = (await addDataset(store, 6)).id;
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

/** An evaluation of the training split: its five questions have the answers 0 to 4. */
async function evaluation(texts: readonly string[], read = true): Promise<EvaluationSummary> {
  const samples = await store.datasets.allSamples(datasetId, 'train');
  const items = samples.map(({ id, answer }, at): EvaluationItem => {
    const text = texts[at] ?? '';
    const isRight = text === `<answer> ${answer} </answer>`;
    const lenient = isRight || text === `There are ${answer} .`;
    return {
      sampleId: id,
      text,
      verdict: isRight ? 'correct' : text.startsWith('<answer>') ? 'wrong' : 'unparsed',
      formatOk: text.startsWith('<answer>'),
      tokens: 3,
      ...(read ? { lenient } : {}),
    };
  });
  const { accuracy, format, unparsed, thinkRate, meanTokens, byTask } = summariseItems(items, []);
  const of = { modelId: model.id, runId: null, step: null, datasetId, split: 'train' as const };
  const figures = { accuracy, format, unparsed, thinkRate, meanTokens, byTask };
  return store.evaluations.insert({ ...of, ...figures, promptTemplate: model.promptTemplate }, items);
}

/** An engine that samples these answers to each question. */
function engineThat(samples: (answer: string) => readonly string[]): EvaluationParts['engine'] {
  const engine = {
    async *sample(job: { samples: { id: string; answer: string }[]; numGenerations: number }) {
      for (const { id, answer } of job.samples) {
        const texts = samples(answer);
        const completions = Array.from({ length: job.numGenerations }, (_, draw) => ({
          text: texts[draw % texts.length] ?? '',
          tokens: 3,
          truncated: false,
        }));
        yield { type: 'groups' as const, groups: [{ sampleId: id, completions }] };
      }
      await Promise.resolve();
    },
  };
  return engine as unknown as EvaluationParts['engine'];
}

const BASE = ['There are 0 .', '<answer> 9 </answer>', '<answer> 9 </answer>', '<answer> 3 </answer>', 'many'];
const TUNED = [0, 1, 2, 9, 4].map((answer) => `<answer> ${answer} </answer>`);

it('names form and losses, and says what to sample where selection and new cannot be told apart', async () => {
  const [a, b] = [await evaluation(BASE), await evaluation(TUNED)];
  const { change, passAtK, missing, sentences } = await explainChange({ store }, { a: a.id, b: b.id });
  expect(change.parts.map(({ part, share }) => [part, share.correct])).toEqual([
    ['form', 1],
    ['selection', 0],
    ['new', 0],
    ['untold', 3],
    ['lost', 1],
  ]);
  expect(change.lenient.first.correct).toBe(2);
  expect(change.strict.first.correct).toBe(1);
  expect(passAtK).toBeNull();
  expect(sentences.join(' ')).toContain('take samples of the first model to tell');
  expect(missing[0]).toMatchObject({ mode: 'samples', modelId: model.id, datasetId, split: 'train', limit: 5 });
});

it('reads answers that an earlier version stored without their lenient reading', async () => {
  const [a, b] = [await evaluation(BASE, false), await evaluation(TUNED, false)];
  const { change } = await explainChange({ store }, { a: a.id, b: b.id });
  expect([countOf(change, 'form'), change.lenient.first.correct]).toEqual([1, 2]);
});

it('tells selection from new answers once the first model was sampled', async () => {
  const [a, b] = [await evaluation(BASE), await evaluation(TUNED)];
  const plan: EvaluationPlan = {
    model,
    datasetId,
    split: 'train',
    limit: 0,
    promptTemplate: model.promptTemplate,
    maxNewTokens: 8,
    mode: 'samples',
    samples: 4,
  };
  // The base finds 1 in one of its samples, without tags, and never 2 or 4.
  const engine = engineThat((answer) => ['<answer> 8 </answer>', answer === '1' ? 'There are 1 .' : 'none']);
  const parts = { store, home: folder.path, resourcesDir: folder.path, version: '0', engine };
  const sampled = await evaluate(parts, plan, () => undefined);
  expect(sampled).toMatchObject({ mode: 'samples', samples: { perQuestion: 4, questions: 5 }, noLook: null });
  expect(sampled.accuracy).toMatchObject({ correct: 0, n: 20 });
  expect(sampled.lenient).toMatchObject({ correct: 2, n: 20 });
  expect(sampled.samples?.passAtK.at(-1)?.value).toBeCloseTo(1 / 5, 12);

  const { change, passAtK } = await explainChange({ store }, { a: a.id, b: b.id });
  expect([countOf(change, 'selection'), countOf(change, 'new'), countOf(change, 'untold')]).toEqual([1, 2, 0]);
  expect(change.samples).toMatchObject({ perQuestion: 4, questions: 5 });
  // Both evaluations are of the same weights here, so both are sampled.
  expect(passAtK?.verdict).toBe('undecided');
  // Sampled answers are not paired, and no other mode is explained.
  await expect(compareEvaluations({ store }, { a: sampled.id, b: b.id })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  await expect(explainChange({ store }, { a: sampled.id, b: b.id })).rejects.toMatchObject({ code: 'BAD_INPUT' });
});

it('refuses a number of samples where answers are greedy', async () => {
  const request = EvaluationRequest.parse({ modelId: model.id, datasetId, samples: 8 });
  await expect(planEvaluation({ store }, request)).rejects.toMatchObject({ place: { field: 'samples' } });
});
