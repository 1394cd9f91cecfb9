import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EvaluationSummary } from '../../contract/model/evaluations.ts';
import type { DatasetId, ModelId, SampleId } from '../../contract/model/primitives.ts';
import { EvaluationItemsRequest } from '../../contract/model/evaluations.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { addDataset, addModel, temporaryFolder } from '../../store/testing/fixture.ts';
import { compareEvaluations } from './compare.ts';
import { mcnemarChiSquared, wilson } from '../../method/statistics.ts';

const QUESTIONS = 60;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: Store;
let modelId: ModelId;
let datasetId: DatasetId;
let samples: SampleId[];

beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openStore(folder.path);
  modelId = (await addModel(store)).id;
  datasetId = (await addDataset(store, QUESTIONS)).id;
  samples = (await store.datasets.allSamples(datasetId)).map(({ id }) => id);
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

/** An evaluation that answers the samples `from`…`to` (exclusive) correctly and the others incorrectly. */
async function evaluation(from: number, to: number, asked = samples): Promise<EvaluationSummary> {
  const items = asked.map((sampleId, index) => ({
    sampleId,
    text: `answer ${index}`,
    verdict: index >= from && index < to ? ('correct' as const) : ('wrong' as const),
    formatOk: true,
    tokens: 5,
  }));
  const accuracy = wilson(to - from, asked.length);
  return store.evaluations.insert(
    {
      modelId,
      datasetId,
      runId: null,
      step: null,
      split: 'test',
      accuracy,
      format: accuracy,
      unparsed: 0,
      thinkRate: 1,
      meanTokens: 5,
      byTask: [],
    },
    items,
  );
}

describe('two evaluations of the same questions', () => {
  it('are ranked where the paired test and the interval agree, with the items gained and lost', async () => {
    // Correct in the first: 0…27; in the second: 2…37. Lost two (0, 1), gained ten (28…37): 2 of 12 changes are losses.
    const [a, b] = [await evaluation(0, 28), await evaluation(2, 38)];
    const result = await compareEvaluations({ store }, { a: a.id, b: b.id });
    expect(result).toMatchObject({ n: 60, both: 26, lost: 2, gained: 10, neither: 22, verdict: 'better' });
    // Two-sided binomial: 2 × (1 + 12 + 66) / 2¹².
    expect(result.mcnemar.method).toBe('exact');
    expect(result.mcnemar.p).toBeCloseTo((2 * (1 + 12 + 66)) / 2 ** 12, 10);
    expect(result.difference.value).toBeCloseTo(8 / 60, 12);
    expect(result.difference.low).toBeGreaterThan(0);
    expect(result.lostItems).toEqual(samples.slice(0, 2));
    expect(result.gainedItems).toEqual(samples.slice(28, 38));
    expect(result.sentence).toContain('is better');
    const reverse = await compareEvaluations({ store }, { a: b.id, b: a.id });
    expect(reverse).toMatchObject({ verdict: 'worse', gained: 2, lost: 10 });
  });

  it('are not ranked inside the interval, however the percentages look', async () => {
    // Gained 8, lost 2: p = 2 × (1 + 10 + 45) / 2¹⁰ = 0.109.
    const [a, b] = [await evaluation(0, 28), await evaluation(2, 36)];
    const result = await compareEvaluations({ store }, { a: a.id, b: b.id });
    expect(result.mcnemar.p).toBeCloseTo(112 / 1024, 10);
    expect(result.verdict).toBe('undecided');
    expect(result.sentence).toContain('cannot tell');
  });

  it('take the chi-squared test where many answers changed', async () => {
    // Lost 10 (0…9), gained 25 (25…49): (|10 − 25| − 1)² / 35 = 5.6, p = 0.01796 (χ² table, one degree of freedom).
    const [a, b] = [await evaluation(0, 25), await evaluation(10, 50)];
    const result = await compareEvaluations({ store }, { a: a.id, b: b.id });
    expect(result).toMatchObject({ lost: 10, gained: 25, verdict: 'better', mcnemar: { method: 'chi-squared' } });
    expect(result.mcnemar.p).toBeCloseTo(0.01796, 4);
  });

  it('leave out questions that only one was asked, and refuse to compare none', async () => {
    const [a, b] = [await evaluation(0, 10), await evaluation(0, 5, samples.slice(50))];
    expect(await compareEvaluations({ store }, { a: a.id, b: b.id })).toMatchObject({ n: 10, gained: 5, lost: 0 });
    const c = await evaluation(0, 5, samples.slice(0, 5));
    await expect(compareEvaluations({ store }, { a: b.id, b: c.id })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});

it('knows the chi-squared tail at its tabulated points', () => {
  // (37 − 20 − 1)² / 57 = 4.491.
  expect(mcnemarChiSquared({ onlyFirst: 20, onlySecond: 37 })).toBeCloseTo(0.03407, 4);
  expect(mcnemarChiSquared({ onlyFirst: 30, onlySecond: 31 })).toBe(1);
  expect(mcnemarChiSquared({ onlyFirst: 0, onlySecond: 0 })).toBe(1);
  expect(mcnemarChiSquared({ onlyFirst: 100, onlySecond: 0 })).toBeLessThan(1e-20);
});

describe('items page by page', () => {
  const page = (request: Record<string, unknown>) => store.evaluations.page(EvaluationItemsRequest.parse(request));

  it('come with question and reference, filtered by verdict and by words', async () => {
    const { id } = await evaluation(0, 28);
    const first = await page({ evaluationId: id, limit: 10 });
    expect(first.total).toBe(60);
    expect(first.items).toHaveLength(10);
    expect(first.items[3]).toMatchObject({ ordinal: 3, question: 'How many? (3)', answer: '3', other: null });
    const second = await page({ evaluationId: id, offset: 50, limit: 20 });
    expect(second.items.map(({ ordinal }) => ordinal)).toEqual([50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
    expect((await page({ evaluationId: id, verdict: 'wrong' })).total).toBe(32);
    expect((await page({ evaluationId: id, search: 'MANY? (12' })).items.map(({ ordinal }) => ordinal)).toEqual([12]);
    expect((await page({ evaluationId: id, search: 'answer 59' })).total).toBe(1);
  });

  it('show what was gained and lost against another evaluation', async () => {
    const [a, b] = [await evaluation(0, 28), await evaluation(2, 38)];
    const of = async (change: string) => (await page({ evaluationId: b.id, against: a.id, change })).items;
    expect((await of('gained')).map(({ ordinal }) => ordinal)).toEqual([28, 29, 30, 31, 32, 33, 34, 35, 36, 37]);
    expect((await of('lost')).map(({ other }) => other?.verdict)).toEqual(['correct', 'correct']);
    expect(await of('kept')).toHaveLength(26);
    expect(await of('missed')).toHaveLength(22);
    await expect(page({ evaluationId: b.id, change: 'gained' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
