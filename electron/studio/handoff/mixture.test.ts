/** @file A run on several datasets as a job folder: what it holds, how its judge draws and scores, and how it comes back. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sample } from '../../contract/model/datasets.ts';
import { HandoffRequest, type ReturnedRun } from '../../contract/model/handoffs.ts';
import type { RunId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { DEFAULT_OPTIMISER } from '../../method/defaults.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { buildJudge } from '../../tools/setup/judge-bundle.mjs';
import { recipeSamples } from '../datasets/recipe-data.ts';
import { makeSmallRun, type SmallRunOptions } from '../exports/fixtures/small-run.ts';
import { clientOf, openTestStudio, temporaryFolder } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';
import { createHandoff } from './create-handoff.ts';
import { fakeResults, line } from './testing/fake-results.ts';

type Score = { name: string; value: number | null };

const STEPS = 4;
const judgeBundle = join(temporaryFolder(), 'judge.mjs');
let folder: string;
let store: Store;
let recipe: Recipe;
let runId: RunId;

beforeAll(() => buildJudge(judgeBundle), 60_000);
beforeEach(() => {
  folder = temporaryFolder();
});

/** Four training samples of icons with twice the weight of three portraits, which have a reward and words of their own. */
async function open(other: Partial<SmallRunOptions['other']> = {}): Promise<void> {
  store = await openStore(join(folder, 'home'));
  runId = await makeSmallRun(store, folder, {
    recipe: { optimiser: { ...DEFAULT_OPTIMISER, warmupSteps: 0 }, steps: STEPS },
    other: { name: 'Portraits *new*', licences: Array.from({ length: 6 }, () => 'CC-BY-4.0'), optedOut: [1], ...other },
  });
  ({ recipe } = await store.runs.recipeOf(runId));
}

const handOff = (): ReturnType<typeof createHandoff> =>
  createHandoff(store, HandoffRequest.parse({ runId, destination: join(folder, 'job') }), {
    version: '0.0.0-test',
    judgeBundle,
  });
const job = (name: string): string => join(folder, 'job', name);
const text = (name: string): string => readFileSync(job(name), 'utf8');
const isUsable = ({ excluded }: Sample): boolean => excluded === null;

/** What the folder's own program answers. */
function ask(...questions: Record<string, unknown>[]): Record<string, unknown>[] {
  const said = execFileSync(process.execPath, [job('rewards/judge.mjs'), job('rewards/rewards.json')], {
    input: questions.map((each, id) => line({ id, ...each })).join(''),
    cwd: tmpdir(),
    env: {},
    encoding: 'utf8',
  });
  return said
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as Record<string, unknown>);
}

describe('the job folder of a mixture', () => {
  beforeEach(async () => {
    await open();
    await handOff();
  });
  afterEach(() => store.close());

  it('holds the samples of all datasets, says whose each is, and leaves out what opted out in any', async () => {
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(job('data/train.parquet')) });
    const used = (await recipeSamples(store, recipe, 'train')).filter(isUsable);
    expect(rows.map(({ id }) => String(id))).toEqual(used.map(({ id }) => id));
    expect(rows.map(({ part }) => Number(part))).toEqual([0, 0, 0, 0, 1, 1, 1]);
    for (const name of readdirSync(job('data')))
      expect(readFileSync(job(`data/${name}`)).includes(Buffer.from('Portraits *new* 1'))).toBe(false);
  });

  it('says how they are drawn, and credits the authors of all', () => {
    expect(text('README.md').replaceAll('\n', ' ')).toContain(
      'take turns by weight: Icons \\[draft\\] (67%) and Portraits \\*new\\* (33%) of what is drawn',
    );
    expect(text('README.md')).toContain('they apply to its samples alone');
    const ledger = JSON.parse(text('ledger.json')) as { purposes: { sentence: string }[] };
    expect(ledger.purposes).toHaveLength(3);
    // The portraits have no author but theirs, and one image says so for each of them.
    expect(text('CREDITS.txt').match(/Author 3/g)?.length).toBeGreaterThan(1);
  });

  it('draws from all by their weights, each of their samples once before any of it twice', () => {
    const parts = [0, 0, 0, 0, 1, 1, 1];
    const [drawn, unknown] = ask({ op: 'order', steps: 6, samples: 7, parts }, { op: 'order', steps: 6, samples: 7 });
    const order = (drawn?.['order'] as number[][]).flat();
    expect(order).toHaveLength(6 * recipe.grpo.promptsPerStep);
    const [icons, portraits] = [order.filter((place) => place < 4), order.filter((place) => place >= 4)];
    expect([icons.length, portraits.length]).toEqual([8, 4]);
    expect(icons.slice(0, 4).toSorted()).toEqual([0, 1, 2, 3]);
    expect(portraits.slice(0, 3).toSorted()).toEqual([4, 5, 6]);
    expect(unknown).toMatchObject({ id: 1, error: expect.stringContaining('has no samples') as string });
  });

  it('scores each answer by the rewards of its own dataset, and weighs them so', () => {
    const items = [
      ...['<think>a</think><answer>3</answer>', '4'].map((completion) => ({ completion, part: 0 })),
      ...['<answer>3</answer>', '4'].map((completion) => ({ completion, part: 1 })),
    ].map((item) => ({ ...item, answer: '3', task: 'counting' }));
    const [score] = ask({ op: 'score', items });
    const scores = score?.['scores'] as (number | null)[][];
    expect(scores).toEqual([
      [1, 1],
      [0, 0],
      [1, null],
      [0, null],
    ]);
    const [statistics, plain] = ask(
      { op: 'statistics', scores, parts: [0, 0, 1, 1] },
      { op: 'statistics', scores, parts: [0, 0, 2, 2] },
    );
    expect(statistics).toMatchObject({ totals: [2, 0, 1, 0], rewards: [{ name: 'accuracy' }, { name: 'format' }] });
    expect(plain).toMatchObject({ error: expect.stringContaining('none in place 2') as string });
    const plan = JSON.parse(text('plan.json')) as Record<string, unknown>;
    expect(plan).toMatchObject({
      rewardKeys: ['accuracy', 'format'],
      rewardWeights: [
        [1, 1],
        [1, 0],
      ],
    });
  });
});

describe('a mixture is refused, and nothing is left,', () => {
  afterEach(() => store.close());

  it('if the licences of any of its datasets forbid the training', async () => {
    await open({ licences: ['LicenseRef-contract-ai-forbidden', 'MIT', 'MIT', 'MIT', 'MIT', 'MIT'], optedOut: [] });
    await expect(handOff()).rejects.toMatchObject({ code: 'CONFLICT', place: { field: 'datasetId' } });
    expect(readdirSync(folder).filter((name) => /job|partial/.test(name))).toEqual([]);
  });
});

describe('a mixture that comes back', () => {
  let studio: Studio;
  let client: ReturnType<typeof clientOf>;
  let fake: ReturnType<typeof fakeResults>;

  beforeEach(async () => {
    await open();
    const { recipeSha256 } = await handOff();
    const samples = (await recipeSamples(store, recipe, 'train')).filter(isUsable);
    await store.close();
    studio = await openTestStudio(join(folder, 'home'));
    client = clientOf(studio);
    // From both datasets in each step.
    const mixed = [samples[0], samples.at(-1), samples[1], samples.at(-2)].flatMap((sample) => sample ?? []);
    fake = fakeResults({ results: job('results'), recipe, recipeSha256, samples: mixed });
  });
  afterEach(() => studio.close());

  async function takeBack(): Promise<ReturnedRun> {
    const taken = await client.handoffs.takeBack({ path: job('') });
    if ('runs' in taken) throw new Error('This is an experiment.');
    return taken;
  }

  it('becomes a run on both, evaluated on each in its own way', async () => {
    fake.addSteps(1, STEPS);
    fake.addCheckpoint(STEPS);
    fake.status('completed');
    const taken = await client.handoffs.takeBack({ path: job(''), evaluate: false });
    if ('runs' in taken) throw new Error('This is an experiment.');
    const { evaluations } = taken;
    expect(evaluations.map(({ otherDatasetIds = [] }) => otherDatasetIds.length)).toEqual([1, 1]);
    for (const request of evaluations) for await (const _ of await client.evaluations.start(request));
    const { summary } = await client.runs.get({ runId: taken.runId });
    expect(summary.byDataset?.map(({ name, base, tuned }) => [name, base?.n, tuned?.n])).toEqual([
      ['Icons [draft]', 2, 2],
      ['Portraits *new*', 2, 2],
    ]);
    expect([summary.base?.n, summary.tuned?.n, summary.elsewhere]).toEqual([4, 4, true]);
    // One of its datasets alone does not stand for it.
    const { modelId, datasetId } = recipe;
    for await (const _ of await client.evaluations.start({ modelId, datasetId, runId: taken.runId }));
    expect((await client.runs.get({ runId: taken.runId })).summary.tuned?.n).toBe(4);
    // Nor does a look at fewer questions.
    for (const request of evaluations) for await (const _ of await client.evaluations.start({ ...request, limit: 1 }));
    expect((await client.runs.get({ runId: taken.runId })).summary.tuned?.n).toBe(4);
    // Nothing new: nothing is asked again.
    expect((await takeBack()).evaluations).toEqual([]);
    const [group] = await client.runs.completions({ runId: taken.runId, step: 1 });
    expect(group?.completions[0]?.rewards).toHaveLength(2);
  });

  it('keeps its evaluations where it is removed while they are stored, and has them when it is restored', async () => {
    fake.addSteps(1, STEPS);
    fake.addCheckpoint(STEPS);
    fake.status('completed');
    const taken = await client.handoffs.takeBack({ path: job(''), evaluate: false });
    if ('runs' in taken) throw new Error('This is an experiment.');
    const { evaluations, runId: back } = taken;
    const refusals = new Map<RunId | undefined, unknown>();
    for (const request of evaluations)
      for await (const { type } of await client.evaluations.start(request))
        if (type === 'progress')
          await client.runs.remove({ runId: back }).catch((error: unknown) => refusals.set(request.runId, error));
    // The evaluation of its adapter needs the run; that of the base model only asks as the run did.
    expect(evaluations.map((request) => request.runId)).toEqual([undefined, back]);
    expect([...refusals]).toEqual([[back, expect.objectContaining({ code: 'CONFLICT' })]]);
    const { summary } = await client.runs.get({ runId: back });
    expect([summary.removedAt, summary.base?.n, summary.tuned?.n]).toEqual([expect.any(String), 4, 4]);
    await client.runs.restore({ runId: back });
    expect((await client.runs.list()).find(({ id }) => id === back)).toMatchObject({ base: { n: 4 }, tuned: { n: 4 } });
  });

  it.each([
    [
      'a score of a reward that is not its dataset’s',
      ([accuracy, format]: Score[]) => [accuracy, { ...format, value: 0 }],
    ],
    ['a reward too few', ([accuracy]: Score[]) => [accuracy]],
  ])('is refused with %s', async (_, change) => {
    fake.addSteps(1, 1);
    const { completions, ...rest } = fake.completions(2) as { completions: { rewards: Score[] }[] };
    // The second prompt is one of the portraits.
    const answers = completions.map((each, index) =>
      index < recipe.grpo.numGenerations ? each : { ...each, rewards: change(each.rewards) },
    );
    appendFileSync(job('results/completions.jsonl'), line({ ...rest, completions: answers }));
    appendFileSync(job('results/metrics.jsonl'), line(fake.metrics(2)));
    await expect(takeBack()).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      message: expect.stringContaining('scores at step 2') as string,
    });
    expect((await client.runs.list()).map(({ id }) => id)).toEqual([runId]);
  });
});
