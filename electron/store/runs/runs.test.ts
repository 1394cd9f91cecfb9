/** @file The journal of a run: complete, replayable, resumable, and written by only one process. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EvaluationId, RunId, SampleId } from '../../contract/model/primitives.ts';
import type { EvaluationItem } from '../../contract/model/evaluations.ts';
import { comparePaired, pairItems } from '../../method/paired-comparison.ts';
import { wilson } from '../../method/statistics.ts';
import type { RunEvent } from '../../contract/model/runs.ts';
import { canonicalJson, sha256Hex } from '../connection/canonical.ts';
import type { Database } from '../connection/connection.ts';
import { openStore, type Store } from '../connection/open.ts';
import { newOwner } from '../connection/owner.ts';
import { createRunStore } from './runs.ts';
import { addDataset, addModel, completion, recipeFor, stepMetrics, temporaryFolder } from '../testing/fixture.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: Store;
let database: Database;
let runId: RunId;
let samples: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openStore(folder.path, { onDatabase: (opened) => (database = opened) });
  const [model, dataset] = [await addModel(store), await addDataset(store)];
  samples = (await store.datasets.allSamples(dataset.id)).map((sample) => sample.id);
  runId = (await store.runs.create(recipeFor(model, dataset))).summary.id;
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

async function appendSteps(from: number, to: number, offset = 0): Promise<void> {
  for (let step = from; step <= to; step += 1) {
    await store.runs.appendStep(runId, stepMetrics(step, step / 100 + offset), [completion(step, samples[0] ?? '', 0)]);
  }
}

const seqs = (events: RunEvent[]): number[] => events.map((event) => event.seq);

describe('a run', () => {
  it('is queued with its whole recipe, whose hash is that of its canonical text', async () => {
    const detail = await store.runs.get(runId);
    expect(detail.summary).toMatchObject({
      status: 'queued',
      step: 0,
      steps: 100,
      modelName: 'nano',
      datasetName: 'Things',
    });
    const stored = await store.runs.recipeOf(runId);
    expect(sha256Hex(canonicalJson(detail.recipe))).toBe(stored.sha256);
    await expect(database.run('UPDATE recipe SET canonical_json = ?', ['{}'])).rejects.toThrow('cannot be changed');
  });

  it('gets a second id for the same recipe', async () => {
    const { recipe } = await store.runs.get(runId);
    expect((await store.runs.create(recipe)).summary.id).toBe(`${runId}-2`);
    expect((await store.runs.list()).length).toBe(2);
  });

  it('shows its pace, its last checkpoint and its curve', async () => {
    await store.runs.begin(runId, 'CPU');
    await appendSteps(1, 10);
    await store.runs.addCheckpoint(runId, { step: 10, path: '/c/step-000010', sha256: sha256Hex('c') });
    expect(await store.runs.summary(runId)).toMatchObject({
      status: 'running',
      step: 10,
      lastCheckpointStep: 10,
      secondsPerStep: 2,
      secondsLeft: 180,
      sparkline: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1],
    });
  });

  it('goes only the ways that there are', async () => {
    await expect(store.runs.resume(runId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.runs.begin(runId);
    await expect(store.runs.begin(runId)).rejects.toMatchObject({ code: 'CONFLICT' });
    const { summary } = await store.runs.end(runId, { status: 'completed' });
    expect(summary).toMatchObject({ status: 'completed', reason: null, secondsLeft: null });
    await expect(store.runs.resume(runId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(store.runs.get(RunId.parse('run-none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('keeps its dataset from being removed until it has ended', async () => {
    const { datasetId } = await store.runs.summary(runId);
    await expect(store.datasets.remove(datasetId)).rejects.toMatchObject({ code: 'CONFLICT' });
    await store.runs.end(runId, { status: 'failed', reason: 'No memory.' });
    expect(await store.datasets.remove(datasetId)).toBe(true);
    expect(await store.datasets.list()).toEqual([]);
    expect((await store.runs.summary(runId)).datasetName).toBe('Things');
    await store.datasets.restore(datasetId);
    expect(await store.datasets.list()).toHaveLength(1);
  });

  it('shows the evaluations named for it', async () => {
    const { modelId, datasetId } = await store.runs.summary(runId);
    const proportion = (correct: number) => ({ correct, n: 10, value: correct / 10, low: 0, high: 1 });
    const evaluation = {
      modelId,
      datasetId,
      runId: null,
      step: null,
      split: 'test' as const,
      accuracy: proportion(4),
      format: proportion(9),
      unparsed: 0,
      thinkRate: 1,
      meanTokens: 9,
      byTask: [],
    };
    const items = [
      { sampleId: SampleId.parse(samples[3]), text: '3', verdict: 'correct' as const, formatOk: true, tokens: 4 },
    ];
    const base = await store.evaluations.insert(evaluation, items);
    await store.evaluations.insert({ ...evaluation, accuracy: proportion(5) }, items);
    await store.runs.setEvaluation(runId, 'base', base.id);
    await store.evaluations.insert({ ...evaluation, runId, step: 5, accuracy: proportion(8) }, items);
    expect(await store.runs.summary(runId)).toMatchObject({
      base: { correct: 4 },
      tuned: { correct: 8 },
      comparison: { n: 1, both: 1, gained: 0, lost: 0, verdict: 'undecided' },
    });
    expect(await store.evaluations.items(base.id)).toEqual(items);
    expect(await store.evaluations.list({ runId })).toHaveLength(1);
    await expect(store.evaluations.items(EvaluationId.parse('eval-none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('is compared with its base question by question, by the same rule as any two evaluations', async () => {
  const { modelId, datasetId } = await store.runs.summary(runId);
  const answers = (verdicts: string): EvaluationItem[] =>
    verdicts.split('').map((letter, index) => ({
      sampleId: SampleId.parse(samples[index % 4]),
      text: '',
      verdict: letter === '+' ? 'correct' : letter === '-' ? 'wrong' : 'unparsed',
      formatOk: true,
      tokens: 1,
      // Four samples, asked in several wordings.
      variant: Math.floor(index / 4),
    }));
  const insert = async (run: RunId | null, items: EvaluationItem[]) =>
    await store.evaluations.insert(
      {
        modelId,
        datasetId,
        runId: run,
        step: run === null ? null : 5,
        split: 'test',
        accuracy: wilson(items.filter(({ verdict }) => verdict === 'correct').length, items.length),
        format: wilson(items.length, items.length),
        unparsed: 0,
        thinkRate: 1,
        meanTokens: 1,
        byTask: [],
      },
      items,
    );
  const [base, tuned] = [answers('+?--------------'), answers('-+?+++++++++++')];
  await insert(null, base);
  expect((await store.runs.summary(runId)).comparison).toBeNull();
  await insert(runId, tuned);
  const { comparison } = await store.runs.summary(runId);
  expect(comparison).toEqual(comparePaired(pairItems(base, tuned).counts));
  expect(comparison).toMatchObject({ n: 14, both: 0, lost: 1, gained: 12, neither: 1, verdict: 'better' });
  const { verdict } = (await store.runs.list())[0]?.comparison ?? {};
  expect(verdict).toBe('better');
});

describe('the journal', () => {
  beforeEach(() => store.runs.begin(runId));

  it('groups the completions of a step, also where a sample stands in two groups', async () => {
    const [a = '', b = ''] = samples;
    const given = [
      completion(1, a, 0),
      completion(1, a, 1),
      completion(1, a, 0),
      completion(1, a, 1),
      completion(1, b, 0),
    ];
    await store.runs.appendStep(runId, stepMetrics(1), given);
    const groups = await store.runs.completions(runId, 1);
    expect(groups.map((group) => [group.sampleId, group.completions.length])).toEqual([
      [a, 2],
      [a, 2],
      [b, 1],
    ]);
    expect(groups[0]).toMatchObject({ prompt: 'How many? (0)', answer: '0' });
    expect(groups.flatMap((group) => group.completions)).toEqual(given);
    expect(await store.runs.completionsOf(runId, SampleId.parse(b))).toEqual([given[4]]);
  });

  it('keeps a missing reward missing, and leaves it out of the mean of its group', async () => {
    const [a = '', b = ''] = samples;
    const silent = { rewards: [{ name: 'accuracy', value: null }], reward: null, advantage: 0 };
    const given = [
      completion(1, a, 0),
      { ...completion(1, a, 1), ...silent },
      ...[0, 1].map((index) => ({ ...completion(1, b, index), ...silent })),
    ];
    const metrics = { ...stepMetrics(1), rewards: [{ name: 'accuracy', weight: 1, mean: null, std: null }] };
    await store.runs.appendStep(runId, metrics, given);
    expect((await store.runs.completions(runId, 1)).flatMap((group) => group.completions)).toEqual(given);
    expect(await store.runs.steps(runId, 10)).toEqual([metrics]);
    expect((await store.contributions.groupsDrawn(runId, 1)).map(({ reward }) => reward)).toEqual([1, null]);
  });

  it('keeps measured numbers to their last bit', async () => {
    // SQLite parses the decimal text of these as a neighbouring number.
    const numbers = [0.164750486984774, -1.580138046421525, 1.347410021976854, 0.1 + 0.2];
    const given = numbers.map((advantage, index) => ({
      ...completion(1, samples[0] ?? '', index),
      advantage,
      reward: advantage,
    }));
    const metrics = { ...stepMetrics(1, numbers[0]), kl: numbers[1] ?? 0 };
    await store.runs.appendStep(runId, metrics, given);
    expect(await store.runs.steps(runId, 10)).toEqual([metrics]);
    expect((await store.runs.completions(runId, 1))[0]?.completions).toEqual(given);
    expect((await store.runs.summary(runId)).sparkline).toEqual([numbers[0]]);
  });

  it('records a step with all its completions or not at all', async () => {
    const before = await store.runs.lastSeq(runId);
    const wrong = [completion(1, samples[0] ?? '', 0), completion(1, 'no such sample', 0)];
    await expect(store.runs.appendStep(runId, stepMetrics(1), wrong)).rejects.toThrow('FOREIGN KEY');
    expect(await store.runs.steps(runId, 100)).toEqual([]);
    expect(await store.runs.lastSeq(runId)).toBe(before);
    await expect(store.runs.appendStep(runId, stepMetrics(2), [])).rejects.toThrow('does not follow');
  });

  it('numbers events by one and replays them from any point as they went live', async () => {
    const live: RunEvent[] = [];
    for (let step = 1; step <= 6; step += 1) {
      live.push(await store.runs.appendStep(runId, stepMetrics(step), []));
      if (step === 3) live.push(await store.runs.addCheckpoint(runId, { step: 3, path: '/c', sha256: sha256Hex('c') }));
      if (step === 5)
        live.push(
          await store.runs.addWarning(runId, { step: 5, code: 'no-signal', message: 'All rewards are equal.' }),
        );
    }
    expect(seqs(live)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    const stepsIn = (events: RunEvent[]): number[] =>
      events.flatMap((event) => (event.type === 'steps' ? event.steps.map((m) => m.step) : []));
    for (let after = 0; after <= 10; after += 1) {
      const replayed = await store.runs.eventsAfter(runId, after);
      expect(stepsIn(replayed)).toEqual(stepsIn(live.filter((event) => event.seq > after)));
      expect(replayed.filter((event) => event.type !== 'steps' && event.type !== 'status')).toEqual(
        live.filter((event) => event.type !== 'steps' && event.seq > after),
      );
      expect(seqs(replayed)).toEqual([...seqs(replayed)].sort((a, b) => a - b));
      expect(seqs(replayed).at(-1) ?? 10).toBe(10);
    }
    expect(await store.runs.warnings(runId)).toEqual([
      { step: 5, code: 'no-signal', message: 'All rewards are equal.' },
    ]);
  });

  it('thins evenly, exactly to the number asked for, ends kept', async () => {
    await store.transaction(() => appendSteps(1, 47));
    for (const points of [2, 3, 7, 20, 46, 47, 48, 1000]) {
      const steps = (await store.runs.steps(runId, points)).map((metrics) => metrics.step);
      expect(steps).toHaveLength(Math.min(points, 47));
      expect([steps[0], steps.at(-1)]).toEqual([1, 47]);
      const gaps = steps.slice(1).map((step, index) => step - (steps[index] ?? 0));
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
    }
  });

  it('goes on from the last checkpoint: later rows are taken back, written anew, and replayed once', async () => {
    await appendSteps(1, 5);
    await store.runs.addCheckpoint(runId, { step: 3, path: '/c/3', sha256: sha256Hex('3') });
    await store.runs.addWarning(runId, { step: 5, code: 'x', message: 'Gone after the resume.' });
    await store.runs.end(runId, { status: 'interrupted', reason: 'Stopped by hand.' });
    const resumed = await store.runs.resume(runId);
    expect(resumed).toMatchObject({
      removedSteps: 2,
      checkpoint: { step: 3, path: '/c/3' },
      summary: { status: 'queued', step: 3, reason: null },
    });
    await store.runs.begin(runId);
    expect(await store.runs.completions(runId, 4)).toEqual([]);
    expect(await store.runs.warnings(runId)).toEqual([]);
    await appendSteps(4, 6, 0.5);
    const steps = (await store.runs.eventsAfter(runId, 0)).flatMap((event) =>
      event.type === 'steps' ? event.steps : [],
    );
    expect(steps.map((metrics) => metrics.reward)).toEqual([0.01, 0.02, 0.03, 0.54, 0.55, 0.56]);
    const newest = (await store.audit.all()).findLast((entry) => entry.action === 'run.resumed');
    expect(newest).toMatchObject({ body: { runId, fromStep: 3, removedSteps: 2 } });
  });

  it('goes on from the start where there is no checkpoint', async () => {
    await appendSteps(1, 2);
    await store.runs.end(runId, { status: 'failed', reason: 'No memory.' });
    expect(await store.runs.resume(runId)).toMatchObject({ checkpoint: null, removedSteps: 2, summary: { step: 0 } });
    await store.runs.begin(runId);
    await appendSteps(1, 1);
  });
});

describe('ownership', () => {
  it('leaves a run alone that is live in another process, and takes over one that is not', async () => {
    await store.runs.begin(runId);
    await appendSteps(1, 1);
    const other = createRunStore(database, store.audit, newOwner());
    expect(await other.interruptOrphans()).toEqual([]);
    await expect(other.end(runId, { status: 'completed' })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(other.appendStep(runId, stepMetrics(2), [])).rejects.toMatchObject({ code: 'CONFLICT' });

    const inFiveMinutes = Date.now() + 300_000;
    const [interrupted] = await other.interruptOrphans(inFiveMinutes);
    expect(interrupted).toMatchObject({
      status: 'interrupted',
      reason: expect.stringContaining('at step 1') as string,
    });
    // The run's first owner wakes up again: it must not write to a run that is no longer its own.
    await expect(store.runs.appendStep(runId, stepMetrics(2), [])).rejects.toMatchObject({ code: 'CONFLICT' });
    await other.resume(runId);
    await other.begin(runId);
    await other.appendStep(runId, stepMetrics(1), []);
    await expect(store.runs.appendStep(runId, stepMetrics(2), [])).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('knows a run of an earlier process that had the same number', async () => {
    await store.runs.begin(runId);
    await database.run(`UPDATE run SET owner = 'of the process before' WHERE id = ?`, [runId]);
    expect(await store.runs.resume(runId)).toMatchObject({ summary: { status: 'queued' }, removedSteps: 0 });
    expect((await store.audit.all()).map((entry) => entry.action).slice(-2)).toEqual([
      'run.interrupted',
      'run.resumed',
    ]);
  });

  it('interrupts a run at once when its process is gone', async () => {
    await store.runs.begin(runId);
    const gone = { token: 'gone', host: newOwner().host, pid: 999_999_999 };
    await database.run('UPDATE run SET owner = ?, owner_pid = ? WHERE id = ?', [gone.token, gone.pid, runId]);
    const next = await openStore(folder.path);
    expect((await next.runs.summary(runId)).status).toBe('interrupted');
    await next.close();
  });
});
