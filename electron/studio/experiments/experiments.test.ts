import { rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { AtelierError } from '../../contract/errors/errors.ts';
import type {
  ArmComparison,
  ExperimentDetail,
  ExperimentRequest,
  ExperimentSummary,
} from '../../contract/model/experiments.ts';
import type { DatasetId } from '../../contract/model/primitives.ts';
import type { Recipe } from '../../contract/model/recipe.ts';
import { rankingNote } from '../../reporting/ranking-note.ts';
import { clientOf, openTestStudio, prepareStudio, writeDataset } from '../fixtures/test-studio.ts';
import type { TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

/** A studio with a second dataset whose name controls the fake engine in the runs trained on it. */
async function ready(words = 'second'): Promise<TestStudio & { second: DatasetId }> {
  const on = await prepareStudio();
  open.push(on.studio);
  let second: DatasetId | undefined;
  for await (const event of await on.client.datasets.import({ path: await writeDataset(on.home), name: words })) {
    if (event.type === 'done') second = event.dataset.id;
  }
  return { ...on, second: second! };
}

/** Allows for several processes in sequence on a machine that may be busy. */
const SLOW_MS = 180_000;

const recipe = { steps: 3, checkpointEvery: 1 };

function exam(
  on: TestStudio & { second: DatasetId },
  arms?: ('base' | 'sft' | 'grpo' | 'grpo-d')[],
): ExperimentRequest {
  return {
    kind: 'exam',
    modelId: on.modelId,
    recipe,
    seeds: [7],
    tasks: [{ datasetId: on.datasetId }, { datasetId: on.second }],
    ...(arms === undefined ? {} : { arms }),
  };
}

async function untilEnded(client: TestStudio['client'], { id }: ExperimentSummary): Promise<ExperimentDetail> {
  for await (const _ of await client.experiments.watch({ experimentId: id }));
  return client.experiments.get({ experimentId: id });
}

async function failure(promise: Promise<unknown>): Promise<Partial<Pick<AtelierError, 'code' | 'place'>>> {
  return decodeError(await promise.then(() => null).catch((error: unknown) => error)) ?? {};
}

describe('an exam', () => {
  it('trains on each dataset and tests on both, as ordinary runs', async () => {
    const on = await ready();
    const started = await on.client.experiments.start(exam(on));
    expect(started).toMatchObject({ kind: 'exam', children: 7, completed: 0 });
    const detail = await untilEnded(on.client, started);
    expect(detail.summary).toMatchObject({ status: 'completed', completed: 7, failed: 0, progress: 1, reason: null });
    // Base on two datasets, three methods on two datasets each tested on two.
    expect(detail.cells).toHaveLength(2 + 3 * 2 * 2);
    const trained = detail.cells.find(
      ({ arm, trainedOn, testedOn }) => arm === 'grpo-d' && trainedOn === on.datasetId && testedOn === on.second,
    );
    expect(trained).toMatchObject({ mean: 1, updates: 3, tokensGenerated: 60, low: null });
    expect(trained?.seeds[0]).toMatchObject({ seed: 7, accuracy: { correct: 3, n: 3 } });
    const supervised = detail.cells.find(({ arm }) => arm === 'sft');
    expect(supervised?.updates).toBe(3);
    const runs = await on.client.runs.list();
    expect(runs).toHaveLength(6);
    expect(runs.every(({ status, experimentId }) => status === 'completed' && experimentId === started.id)).toBe(true);
    const against = detail.comparisons.find(
      ({ first, second, trainedOn, testedOn }) =>
        first === 'base model' && second === 'GRPO-D' && trainedOn !== testedOn,
    );
    expect(against).toMatchObject({ gained: 1, lost: 0, verdict: 'undecided' });
    expect(against?.sentence).toContain('with 1 seed.');
    // What every accuracy has to beat.
    const { noLook } = await on.client.evaluations.get({ evaluationId: detail.cells[0]?.seeds[0]?.evaluationId ?? '' });
    expect(detail.datasets.find(({ id }) => id === detail.cells[0]?.testedOn)?.noLook?.constant).toEqual(
      noLook?.constant,
    );
    expect(noLook?.constant.accuracy.n).toBeGreaterThan(0);
    expect(rankingNote(detail.comparisons)).toBe('A ranking needs at least 3 seeds.');
    expect(detail.comparisons.map(({ sentence }) => sentence).join(' ')).not.toContain('A ranking needs');
  });

  it('goes on after a child that fails, and repeats only that one when it is resumed', async () => {
    const on = await ready('fail');
    const detail = await untilEnded(on.client, await on.client.experiments.start(exam(on, ['grpo', 'grpo-d'])));
    expect(detail.summary).toMatchObject({ status: 'failed', children: 4, completed: 2, failed: 2 });
    expect(detail.summary.reason).toContain('The prompt asked to fail.');
    expect(detail.children.map(({ status }) => status)).toEqual(['completed', 'failed', 'completed', 'failed']);
    const before = detail.children.map(({ runId }) => runId);
    const resumed = await on.client.experiments.resume({ experimentId: detail.summary.id });
    const again = await untilEnded(on.client, resumed);
    expect(again.children.map(({ runId }) => runId)).toEqual(before);
    const actions = (await on.client.system.audit({ limit: 500 })).entries.map(({ action }) => action);
    expect(actions.filter((action) => action === 'run.completed')).toHaveLength(2);
    expect(actions.filter((action) => action === 'run.failed')).toHaveLength(4);
  });

  it('leaves a child whose engine died as interrupted, and goes on from its checkpoint', async () => {
    const on = await ready('crash-at-3');
    const detail = await untilEnded(on.client, await on.client.experiments.start(exam(on, ['grpo-d'])));
    expect(detail.children.map(({ status }) => status)).toEqual(['completed', 'interrupted']);
    const resumed = await on.client.experiments.resume({ experimentId: detail.summary.id });
    const again = await untilEnded(on.client, resumed);
    expect(again.summary).toMatchObject({ status: 'completed', completed: 2 });
    const audit = (await on.client.system.audit({ limit: 500 })).entries.find(({ action }) => action === 'run.resumed');
    expect(audit?.body).toMatchObject({ fromStep: 2 });
  });

  it('refuses recipes that contradict themselves, and an exam on one dataset, before anything is stored', async () => {
    const on = await ready();
    const long = { ...exam(on), recipe: { ...recipe, evalSamples: 99 } };
    expect(await failure(on.client.experiments.start(long))).toMatchObject({ place: { field: 'evalSamples' } });
    const same = { ...exam(on), tasks: [{ datasetId: on.second }, { datasetId: on.second }] } as ExperimentRequest;
    expect(await failure(on.client.experiments.start(same))).toMatchObject({ place: { field: 'tasks' } });
    expect(await on.client.experiments.list()).toEqual([]);
    expect(await on.client.runs.list()).toEqual([]);
  });
});

describe('stopping and resuming', () => {
  it(
    'stops the child in work with a checkpoint, and repeats nothing that is done',
    async () => {
      const on = await ready('slow');
      const request = { ...exam(on, ['grpo', 'grpo-d']), recipe: { steps: 40, checkpointEvery: 100 } };
      const started = await on.client.experiments.start(request);
      // The second child is trained on the slow dataset.
      await expect
        .poll(async () => (await on.client.experiments.get({ experimentId: started.id })).children[1]?.step ?? 0, {
          timeout: SLOW_MS / 2,
        })
        .toBeGreaterThan(1);
      const stopped = await on.client.experiments.stop({ experimentId: started.id });
      expect(stopped).toMatchObject({ status: 'interrupted', completed: 1 });
      expect(stopped.reason).toContain('1 of 4 parts are done');
      await expect.poll(() => on.client.queue.list(), { timeout: SLOW_MS / 2 }).toEqual([]);
      const before = await on.client.experiments.get({ experimentId: started.id });
      const interrupted = before.children[1];
      expect(interrupted?.status).toBe('interrupted');
      const detail = await untilEnded(on.client, await on.client.experiments.resume({ experimentId: started.id }));
      expect(detail.summary.status).toBe('completed');
      expect(detail.children[0]?.runId).toBe(before.children[0]?.runId);
      const audit = (await on.client.system.audit({ limit: 500 })).entries;
      expect(audit.find(({ action }) => action === 'run.resumed')?.body).toMatchObject({ fromStep: interrupted?.step });
      expect(audit.filter(({ action }) => action === 'run.created')).toHaveLength(4);
      expect((await failure(on.client.experiments.resume({ experimentId: started.id }))).code).toBe('CONFLICT');
    },
    SLOW_MS,
  );

  it(
    'is one entry of the queue, and can be taken out of it before it begins',
    async () => {
      const on = await ready();
      const run = await on.client.runs.start({
        modelId: on.modelId,
        datasetId: on.datasetId,
        name: 'slow',
        steps: 100,
      });
      const started = await on.client.experiments.start(exam(on));
      const entries = await on.client.queue.list();
      expect(entries.map(({ kind }) => kind)).toEqual(['run', 'experiment']);
      await on.client.queue.cancel({ entryId: entries[1]!.id });
      expect((await on.client.experiments.get({ experimentId: started.id })).summary.status).toBe('interrupted');
      await on.client.runs.stop({ runId: run.id });
      const detail = await untilEnded(on.client, await on.client.experiments.resume({ experimentId: started.id }));
      expect(detail.summary.status).toBe('completed');
    },
    SLOW_MS,
  );

  it(
    'goes on after its process was killed, with what was done kept',
    async () => {
      const on = await ready('slow');
      await on.studio.close();
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', fileURLToPath(new URL('./testing/child.ts', import.meta.url)), on.home],
        { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TASKS: `${on.datasetId},${on.second}` } },
      );
      const ended = new Promise((resolve) => child.on('exit', resolve));
      // It writes a line while its second child is training.
      const experimentId = await new Promise<string>((resolve) =>
        child.stdout.setEncoding('utf8').once('data', (line: string) => resolve(line.trim())),
      );
      child.kill('SIGKILL');
      await ended;
      const again = await openTestStudio(on.home);
      open.push(again);
      const client = clientOf(again);
      const [left] = await client.experiments.list();
      expect(left).toMatchObject({ id: experimentId, status: 'interrupted', completed: 1 });
      const before = await client.experiments.get({ experimentId: left!.id });
      const detail = await untilEnded(client, await client.experiments.resume({ experimentId: left!.id }));
      expect(detail.summary).toMatchObject({ status: 'completed', completed: 2 });
      expect(detail.children.map(({ runId }) => runId)).toEqual(before.children.map(({ runId }) => runId));
      expect((await client.system.audit({ limit: 500 })).intact).toBe(true);
    },
    SLOW_MS,
  );

  it('says what is missing where a checkpoint was deleted, and goes on with the rest', async () => {
    const on = await ready('crash-at-3');
    const detail = await untilEnded(on.client, await on.client.experiments.start(exam(on, ['grpo', 'grpo-d'])));
    const lost = detail.children[1];
    rmSync(`${on.home}/runs/${lost?.runId ?? ''}/checkpoints`, { recursive: true });
    const resumed = await on.client.experiments.resume({ experimentId: detail.summary.id });
    const again = await untilEnded(on.client, resumed);
    expect(again.children[1]).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('is missing') as string,
    });
    expect(again.children[3]?.status).toBe('completed');
  });
});

describe('a sweep and a study', () => {
  it(
    'sweeps a KL weight and a reward weight, each value with every seed',
    async () => {
      const on = await ready();
      const common = { modelId: on.modelId, recipe, seeds: [1, 2], task: { datasetId: on.datasetId } };
      const kl = await on.client.experiments.start({
        kind: 'sweep',
        ...common,
        vary: { kind: 'kl-weight', values: [0, 0.1] },
      });
      const weights = await on.client.experiments.start({
        kind: 'sweep',
        ...common,
        vary: { kind: 'reward-weight', values: [0, 0.5] },
      });
      const swept = await untilEnded(on.client, kl);
      expect(swept.cells.map(({ klWeight, seeds }) => [klWeight, seeds.length])).toEqual([
        [0, 2],
        [0.1, 2],
      ]);
      const rewarded = await untilEnded(on.client, weights);
      expect(rewarded.cells.map(({ rewardWeight }) => rewardWeight)).toEqual([0, 0.5]);
      const recipes = [];
      for (const { runId } of rewarded.children) recipes.push((await on.client.runs.get({ runId: runId! })).recipe);
      expect(recipes.map(({ seed }) => seed)).toEqual([1, 2, 1, 2]);
      expect(recipes[0]?.rewards.find(({ name }) => name === 'format')?.weight).toBe(0);
      expect(recipes[3]?.rewards.find(({ name }) => name === 'format')?.weight).toBe(0.5);
      expect(
        (
          await failure(
            on.client.experiments.start({
              kind: 'sweep',
              ...common,
              vary: { kind: 'reward-weight', reward: 'length', values: [0, 1] },
            }),
          )
        ).place?.field,
      ).toBe('vary.reward');
    },
    SLOW_MS,
  );

  it(
    'lets every schedule compete, and ranks no arms that differ in more than one setting',
    async () => {
      const on = await ready();
      const started = await on.client.experiments.start({
        kind: 'contest',
        modelId: on.modelId,
        recipe,
        seeds: [1, 2, 3],
        task: { datasetId: on.datasetId, targetKl: 0.05 },
        arms: ['base', 'grpo-d', 'grpo-reversed', 'grpo-linear', 'grpo-target-kl', 'grpo-clip-higher'],
      });
      const { children, comparisons } = await untilEnded(on.client, started);
      const recipes = new Map<string, Recipe>();
      for (const { arm, runId } of children)
        if (runId !== null) recipes.set(arm, (await on.client.runs.get({ runId })).recipe);
      expect(recipes.get('grpo-reversed')?.klSchedule.kind).toBe('eq3-reversed');
      expect(recipes.get('grpo-linear')?.klSchedule).toEqual({ kind: 'linear', betaStart: 0.04, betaEnd: 0.1 });
      expect(recipes.get('grpo-target-kl')?.klSchedule).toMatchObject({ kind: 'target-kl', targetKl: 0.05 });
      expect(recipes.get('grpo-clip-higher')).toMatchObject({
        method: 'grpo',
        klSchedule: { kind: 'constant', beta: 0 },
        grpo: { epsilon: 0.2, epsilonHigh: 0.28 },
      });
      const against = (first: string): ArmComparison | undefined =>
        comparisons.find((one) => one.first === first && one.second === 'GRPO-D');
      expect(against('GRPO, clip-higher, β 0')).toMatchObject({ verdict: 'undecided', needs: null });
      expect(against('GRPO, clip-higher, β 0')?.sentence).toContain('2 settings (KL weight over the run, upper clip)');
      expect(against('GRPO-D reversed')?.sentence).not.toContain('settings');
      expect(against('base model')?.sentence).not.toContain('settings');
    },
    SLOW_MS,
  );

  it(
    'judges at the looks that were planned, and reaches each with all arms before the next',
    async () => {
      const on = await ready();
      const request: ExperimentRequest = {
        kind: 'contest',
        modelId: on.modelId,
        recipe,
        seeds: [1, 2, 3, 4],
        looks: { seeds: [3, 4] },
        task: { datasetId: on.datasetId, otherBeta: 0.3 },
        arms: ['base', 'grpo', 'grpo-d', 'grpo-other'],
      };
      for (const seeds of [[3], [4, 3, 4]]) {
        const refused = await failure(on.client.experiments.start({ ...request, looks: { seeds } }));
        expect(refused).toMatchObject({ code: 'BAD_INPUT', place: { field: 'looks' } });
      }
      const { children, comparisons, cells } = await untilEnded(on.client, await on.client.experiments.start(request));
      expect(children.map(({ label, seed }) => `${label} ${seed ?? ''}`.trim())).toEqual([
        'base model',
        ...['GRPO', 'GRPO-D', 'GRPO, β 0.3'].flatMap((label) => [1, 2, 3].map((seed) => `${label} ${seed}`)),
        ...['GRPO 4', 'GRPO-D 4', 'GRPO, β 0.3 4'],
      ]);
      expect(cells.find(({ arm }) => arm === 'grpo-other')?.klWeight).toBe(0.3);
      const against = comparisons.find(({ first, second }) => first === 'GRPO, β 0.3' && second === 'GRPO-D');
      expect(against?.looks?.taken.map(({ seeds }) => seeds)).toEqual([3, 4]);
      expect(against?.looks?.next).toBeNull();
    },
    SLOW_MS,
  );

  it(
    'over the KL weight says what each weight did, and which weights are worth trying',
    async () => {
      const on = await ready();
      const started = await on.client.experiments.start({
        kind: 'sweep',
        modelId: on.modelId,
        recipe: { ...recipe, klShareEvery: 1 },
        task: { datasetId: on.datasetId },
        vary: { kind: 'kl-weight', values: [0, 0.001, 0.1, 10] },
      });
      const { cells, klRange } = await untilEnded(on.client, started);
      // Without a KL weight there is no KL term.
      expect(cells[0]?.klEffect).toBeNull();
      expect(cells[2]?.klEffect?.share).toBeCloseTo(0.1 / 0.4, 5);
      expect(cells[2]?.klEffect?.kl).toBeCloseTo(0.15, 5);
      expect(klRange).toMatchObject({ reached: { low: true, high: true } });
      expect(klRange?.values).toHaveLength(6);
      expect(klRange?.noEffect).toBeLessThan(klRange?.betaMin ?? 0);
      // A sweep over something else has nothing to say about it.
      const other = await on.client.experiments.start({
        kind: 'sweep',
        modelId: on.modelId,
        recipe,
        task: { datasetId: on.datasetId },
        vary: { kind: 'reward-weight', values: [0, 1] },
      });
      expect((await untilEnded(on.client, other)).klRange).toBeNull();
    },
    SLOW_MS,
  );

  it(
    'makes every run of a study once, however many tables it is in',
    async () => {
      const on = await ready();
      const started = await on.client.experiments.start({
        kind: 'study',
        modelId: on.modelId,
        recipe,
        seeds: [7],
        tasks: [{ datasetId: on.datasetId }, { datasetId: on.second, beta: 0.01, betaMin: 0, betaMax: 0.02 }],
        rewardWeights: [0, 1],
        klWeights: [0, 0.01],
        probes: false,
      });
      const detail = await untilEnded(on.client, started);
      // Base; SFT, GRPO, GRPO-D and the control on two tasks; one more reward weight and one more KL weight.
      expect(detail.summary).toMatchObject({ status: 'completed', children: 1 + 4 * 2 + 1 + 1 });
      const shared = detail.children.filter(({ parts }) => parts.length === 4);
      expect(shared.map(({ arm, klWeight, rewardWeight }) => [arm, klWeight, rewardWeight])).toEqual([
        ['grpo', 0.01, 1],
      ]);
      expect(detail.claims.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 9 }, () => 'undecided'));
      expect(detail.claims[0]?.explanation).toContain('at least 3 seeds are needed');
    },
    SLOW_MS,
  );
});
