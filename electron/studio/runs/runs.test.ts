import { existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_ADAPTER, DEFAULT_GRPO } from '../../method/defaults.ts';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { AtelierError } from '../../contract/errors/errors.ts';
import { resultOf } from '../../contract/model/result-events.ts';
import type { RunEvent, RunRequest, RunSummary, RunWarning } from '../../contract/model/runs.ts';
import { openStore } from '../../store/connection/open.ts';
import { withDatabase } from '../../store/testing/raw-database.ts';
import { clientOf, openTestStudio, prepareStudio, untilEnded } from '../fixtures/test-studio.ts';
import type { TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';
import { bestStep } from '../../method/held-out-best.ts';
import { timesLearned } from './start-from.ts';
import { scoresOf } from './held-out.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

async function ready(): Promise<TestStudio> {
  const prepared = await prepareStudio();
  open.push(prepared.studio);
  return prepared;
}

async function another(home: string): Promise<Studio> {
  const studio = await openTestStudio(home);
  open.push(studio);
  return studio;
}

function start(
  on: TestStudio,
  name: string,
  request: Omit<Partial<RunRequest>, 'modelId' | 'datasetId' | 'name'> = {},
): Promise<RunSummary> {
  const { modelId, datasetId } = on;
  return on.client.runs.start({ modelId, datasetId, name, steps: 4, checkpointEvery: 2, ...request });
}

async function failure(promise: Promise<unknown>): Promise<AtelierError> {
  const error = decodeError(
    await promise.then(
      () => null,
      (caught: unknown) => caught,
    ),
  );
  if (error === null) throw new Error('This was not refused.');
  return error;
}

async function untilStep(on: Pick<TestStudio, 'client'>, run: RunSummary, step: number): Promise<void> {
  for await (const event of await on.client.runs.watch({ runId: run.id })) {
    if (event.type === 'steps' && event.steps.some((metrics) => metrics.step >= step)) return;
  }
}

function stepsOf(events: readonly RunEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'steps' ? event.steps.map(({ step }) => step) : []));
}

it('refuses a run and an experiment that nothing here can compute, and stores neither', async () => {
  vi.stubEnv('ATELIER_WEIGHTS', 'disk');
  try {
    const on = await ready();
    const { modelId, datasetId } = on;
    const refused = { code: 'ENGINE_UNAVAILABLE', place: { field: 'ATELIER_WEIGHTS' } };
    expect(await failure(start(on, 'nowhere'))).toMatchObject(refused);
    const contest = on.client.experiments.start({ kind: 'contest', modelId, task: { datasetId } });
    expect(await failure(contest)).toMatchObject(refused);
    expect([await on.client.runs.list(), await on.client.experiments.list()]).toEqual([[], []]);
    // Another process may have what this one lacks.
    on.studio.leaveQueue();
    expect(await start(on, 'elsewhere')).toMatchObject({ status: 'queued' });
  } finally {
    vi.unstubAllEnvs();
  }
});

describe('a run that begins with the adapter of an earlier one', () => {
  it('records which, keeps a copy of it, and counts what the earlier run drew', async () => {
    const on = await ready();
    const earlier = await start(on, 'first');
    await untilEnded(on.client, earlier);
    const branch = await start(on, 'branch', { startFrom: { runId: earlier.id, step: 2 }, method: 'grpo', steps: 2 });
    rmSync(join(on.home, 'runs', earlier.id, 'checkpoints'), { recursive: true });
    await untilEnded(on.client, branch);
    const { summary, recipe } = await on.client.runs.get({ runId: branch.id });
    expect(summary).toMatchObject({ status: 'completed', step: 2 });
    expect(recipe.startFrom).toMatchObject({
      runId: earlier.id,
      step: 2,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
    expect(existsSync(join(on.home, 'runs', branch.id, 'start', 'adapter_config.json'))).toBe(true);
    const store = await openStore(on.home);
    const [own, both] = [await store.contributions.timesDrawn(branch.id, 2), await timesLearned(store, branch.id, 2)];
    const before = await store.contributions.timesDrawn(earlier.id, 2);
    const total = (drawn: Map<string, number> | null) => [...(drawn?.values() ?? [])].reduce((sum, n) => sum + n, 0);
    expect(total(before)).toBeGreaterThan(0);
    expect(total(both)).toBe(total(own) + total(before));
    await store.close();
  });

  it('is refused where it does not fit, and stores nothing', async () => {
    const on = await ready();
    const earlier = await start(on, 'first');
    await untilEnded(on.client, earlier);
    const { runs } = on.client;
    const count = (await runs.list()).length;
    const at = (step: number) => ({ startFrom: { runId: earlier.id, step } });
    expect(await failure(start(on, 'a', at(3)))).toMatchObject({
      code: 'NOT_FOUND',
      remedy: 'It has checkpoints of: 2, 4.',
    });
    const adapter = { ...DEFAULT_ADAPTER, r: 3 } as NonNullable<RunRequest['adapter']>;
    expect(await failure(start(on, 'b', { ...at(2), adapter }))).toMatchObject({ place: { field: 'adapter' } });
    rmSync(join(on.home, 'runs', earlier.id, 'checkpoints', 'step-000002'), { recursive: true });
    expect(await failure(start(on, 'c', at(2)))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await runs.list()).toHaveLength(count);
  });
});

describe('a run that does not fit into memory', () => {
  it('is refused before its base evaluation, with the figures of its plan', async () => {
    const on = await ready();
    const { modelId, datasetId } = on;
    const plan = await on.client.runs.plan({ modelId, datasetId, name: 'too-large' });
    expect(plan?.predictedBytes).toBe(30 * 2 ** 30);
    const run = await start(on, 'too-large');
    await untilEnded(on.client, run);
    const { summary } = await on.client.runs.get({ runId: run.id });
    expect(summary).toMatchObject({ status: 'failed', endCode: 'BAD_INPUT', base: null });
    expect(summary.reason).toContain('needs about 30.0 GiB of memory');
    expect(summary.reason).toContain('heron.jpg (4032 × 3024 pixels, 15,552 image tokens)');
    expect(summary.reason).toContain('--detail 501760');
    expect(await on.client.evaluations.list({})).toEqual([]);
  });
});

describe('a run', () => {
  it('examines the base, trains, examines what it learned, and stores all of it', async () => {
    const on = await ready();
    const started = await start(on, 'plain');
    expect(started.status).toBe('queued');
    const run = await untilEnded(on.client, started);
    expect(run).toMatchObject({
      status: 'completed',
      step: 4,
      lastCheckpointStep: 4,
      reason: null,
      secondsPerStep: 0.5,
      secondsLeft: null,
    });
    expect(run.sparkline).toEqual([0.1, 0.2, 0.3, 0.4]);
    expect(run.base).toMatchObject({ correct: 2, n: 3 });
    expect(run.tuned).toMatchObject({ correct: 3, n: 3, high: 1 });
    expect((await on.client.runs.get({ runId: run.id })).device).toBe('cpu · no device');
    const [group] = await on.client.runs.completions({ runId: run.id, step: 3 });
    expect(group?.completions.map((completion) => completion.advantage)).toEqual([1, -1]);
    const evaluations = await on.client.evaluations.list({});
    expect(evaluations.map((evaluation) => evaluation.step)).toEqual([4, null]);
    const items = await on.client.evaluations.items({ evaluationId: evaluations[1]!.id });
    expect(items.map((item) => item.verdict)).toEqual(['correct', 'wrong', 'correct']);
    const audit = await on.client.system.audit({});
    expect(audit.intact).toBe(true);
    expect(audit.entries.map((entry) => entry.action)).toContain('run.completed');
  });

  it('asks the base model only once for the same questions', async () => {
    const on = await ready();
    await untilEnded(on.client, await start(on, 'first'));
    const second = await untilEnded(on.client, await start(on, 'second'));
    expect(second.base).toMatchObject({ correct: 2, n: 3 });
    const evaluations = await on.client.evaluations.list({ modelId: on.modelId });
    expect(evaluations.filter((evaluation) => evaluation.runId === null)).toHaveLength(1);
  });

  it('refuses a recipe that contradicts itself, and stores nothing', async () => {
    const on = await ready();
    const error = await failure(
      on.client.runs.start({ modelId: on.modelId, datasetId: on.datasetId, evalSamples: 99 }),
    );
    expect(error).toMatchObject({ code: 'BAD_INPUT', place: { field: 'evalSamples' } });
    expect(await on.client.runs.list()).toEqual([]);
  });

  it('refuses questions that leave no room for the answer, and stores nothing', async () => {
    const on = await ready();
    const grpo = { ...DEFAULT_GRPO, promptsPerStep: 2, maxCompletionLength: 2040 };
    const error = await failure(on.client.runs.start({ modelId: on.modelId, datasetId: on.datasetId, grpo }));
    expect(error).toMatchObject({ code: 'BAD_INPUT', place: { field: 'grpo.maxCompletionLength' } });
    expect(error.message).toMatch(/"image-0\.png" has \d+ tokens, 28 of them for the image/);
    expect(await on.client.runs.list()).toEqual([]);
  });

  it('fails in plain words where the engine refuses', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await start(on, 'fail'));
    expect(run).toMatchObject({ status: 'failed', reason: 'The prompt asked to fail. Ask kindly.' });
  });

  it('fails where the files of its model were changed meanwhile', async () => {
    const on = await ready();
    writeFileSync(join(on.modelPath, 'generation_config.json'), '{"eos_token_id": 1}');
    const run = await untilEnded(on.client, await start(on, 'plain'));
    expect(run.status).toBe('failed');
    expect(run.reason).toContain('its files have changed');
  });
});

describe('stopping and going on', () => {
  it('stops after the step in work with a checkpoint, and goes on from there', async () => {
    const on = await ready();
    const run = await start(on, 'slow', { steps: 40, checkpointEvery: 100 });
    await untilStep(on, run, 2);
    const stopped = await on.client.runs.stop({ runId: run.id });
    expect(stopped.status).toBe('interrupted');
    expect(stopped.lastCheckpointStep).toBe(stopped.step);
    expect(stopped.reason).toBe(
      `Stopped on request after step ${stopped.step}. It can be resumed from step ${stopped.step}.`,
    );
    const resumed = await on.client.runs.resume({ runId: run.id });
    expect(resumed.status).toBe('queued');
    const ended = await untilEnded(on.client, run);
    expect(ended).toMatchObject({ status: 'completed', step: 40, base: { n: 3 }, tuned: { n: 3 } });
    const steps = await on.client.runs.steps({ runId: run.id });
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  it('goes on by itself from the last checkpoint when the engine dies, and says so', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await start(on, 'crash-once-at-4', { steps: 6 }));
    expect(run).toMatchObject({ status: 'completed', step: 6, tuned: { n: 3 } });
    const steps = await on.client.runs.steps({ runId: run.id });
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    const events: RunEvent[] = [];
    for await (const event of await on.client.runs.watch({ runId: run.id })) events.push(event);
    const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.warning] : []));
    expect(stepsOf(events)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(warnings.find(({ code }) => code === 'ENGINE_LOST')).toMatchObject({
      step: 3,
      message: expect.stringMatching(/SIGKILL.* went on by itself from its checkpoint of step 2\.$/) as unknown,
    });
    const log = (await on.client.system.audit({})).entries.find((entry) => entry.action === 'run.resumed');
    expect(log?.body).toMatchObject({ fromStep: 2, removedSteps: 1, by: 'atelier' });
  });

  it('is interrupted when the engine dies again without getting further, and resumes on request', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await start(on, 'crash-at-4', { steps: 6 }));
    expect(run).toMatchObject({ status: 'interrupted', step: 3, lastCheckpointStep: 2, tuned: null });
    expect(run.reason).toContain('SIGKILL');
    expect(run.reason).toContain('It can be resumed from step 2.');
    await on.client.runs.resume({ runId: run.id });
    expect(await untilEnded(on.client, run)).toMatchObject({ status: 'completed', step: 6 });
    const log = (await on.client.system.audit({})).entries.find((entry) => entry.action === 'run.resumed');
    expect(log?.body).toMatchObject({ fromStep: 2, removedSteps: 1 });
  });

  it('says what is missing where the checkpoint was deleted, and leaves the run as it is', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await start(on, 'crash-at-4'));
    rmSync(join(on.home, 'runs', run.id, 'checkpoints'), { recursive: true });
    expect(await failure(on.client.runs.resume({ runId: run.id }))).toMatchObject({ code: 'NOT_FOUND' });
    expect((await on.client.runs.get({ runId: run.id })).summary).toMatchObject({ status: 'interrupted', step: 3 });
  });

  it.each<[string, (newest: string) => void]>([
    ['its state was cut short', (newest) => truncateSync(join(newest, 'state.json'), 3)],
    ['its folder is gone', (newest) => rmSync(newest, { recursive: true })],
  ])('uses the checkpoint before where %s, and says so', async (_what, damage) => {
    // Enough that a busy machine stops the run before its end.
    const STEPS = 30;
    const on = await ready();
    const run = await start(on, 'slow', { steps: STEPS, checkpointEvery: 2 });
    await untilStep(on, run, 5);
    const { lastCheckpointStep } = await on.client.runs.stop({ runId: run.id });
    const root = join(on.home, 'runs', run.id, 'checkpoints');
    const names = readdirSync(root).sort();
    damage(join(root, names.at(-1)!));
    const before = Number(names.at(-2)!.slice('step-'.length));
    await on.client.runs.resume({ runId: run.id });
    expect(await untilEnded(on.client, run)).toMatchObject({ status: 'completed', step: STEPS });
    const steps = await on.client.runs.steps({ runId: run.id });
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_unused, index) => index + 1));
    const warnings: RunWarning[] = [];
    for await (const event of await on.client.runs.watch({ runId: run.id })) {
      if (event.type === 'warning') warnings.push(event.warning);
    }
    expect(warnings.find(({ code }) => code === 'CHECKPOINT_DAMAGED')).toMatchObject({
      step: before,
      message: expect.stringMatching(
        new RegExp(`checkpoint of step ${lastCheckpointStep} .* goes on from its checkpoint of step ${before} instead`),
      ) as unknown,
    });
    const log = (await on.client.system.audit({})).entries.find((entry) => entry.action === 'run.resumed');
    expect(log?.body).toMatchObject({ fromStep: before });
  });

  it('is refused where no checkpoint is whole, and leaves the run as it is', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await start(on, 'crash-at-4'));
    writeFileSync(join(on.home, 'runs', run.id, 'checkpoints', 'step-000002', 'state.json'), '');
    expect(await failure(on.client.runs.resume({ runId: run.id }))).toMatchObject({ code: 'VERIFICATION_FAILED' });
    expect((await on.client.runs.get({ runId: run.id })).summary).toMatchObject({ status: 'interrupted', step: 3 });
  });

  it('is refused where the recipe was changed in the store', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await start(on, 'crash-at-4'));
    await withDatabase(on.home, (database) =>
      database.exec(
        `DROP TRIGGER recipe_is_immutable; UPDATE recipe SET canonical_json = replace(canonical_json, '"seed":7', '"seed":8')`,
      ),
    );
    expect(await failure(on.client.runs.resume({ runId: run.id }))).toMatchObject({
      code: 'VERIFICATION_FAILED',
      message: expect.stringContaining(`The recipe of ${run.id}`) as unknown,
    });
    expect((await on.client.runs.list())[0]).toMatchObject({ status: 'interrupted', step: 3 });
  });

  it('clears folders of later checkpoints, which would stand in the way', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await start(on, 'crash-at-4'));
    const root = join(on.home, 'runs', run.id, 'checkpoints');
    writeFileSync(join(root, 'step-000002', '.kept'), '');
    const stale = join(root, 'step-000003');
    rmSync(stale, { recursive: true, force: true });
    writeFileSync(stale, 'left by a crash');
    await on.client.runs.resume({ runId: run.id });
    await untilEnded(on.client, run);
    expect(readdirSync(root)).toEqual(['step-000002', 'step-000004']);
    expect(existsSync(join(root, 'step-000002', '.kept'))).toBe(true);
  });

  it('refuses to stop what does not run and to resume what is complete', async () => {
    const on = await ready();
    const run = await untilEnded(on.client, await start(on, 'plain'));
    expect((await failure(on.client.runs.stop({ runId: run.id }))).code).toBe('CONFLICT');
    expect((await failure(on.client.runs.resume({ runId: run.id }))).code).toBe('CONFLICT');
  });
});

describe('one run at a time', () => {
  it('lets the second wait, and lets it leave the line', async () => {
    const on = await ready();
    const first = await start(on, 'slow first', { steps: 15 });
    const second = await start(on, 'second');
    const third = await start(on, 'third');
    await untilStep(on, first, 1);
    expect((await on.client.runs.get({ runId: second.id })).summary.status).toBe('queued');
    expect((await failure(on.client.runs.resume({ runId: second.id }))).code).toBe('CONFLICT');
    const left = await on.client.runs.stop({ runId: second.id });
    expect(left).toMatchObject({ status: 'interrupted', reason: 'Stopped on request before it began.' });
    expect((await on.client.runs.get({ runId: first.id })).summary.status).toBe('running');
    const [firstEnd, thirdEnd] = [await untilEnded(on.client, first), await untilEnded(on.client, third)];
    expect([firstEnd.status, thirdEnd.status]).toEqual(['completed', 'completed']);
    expect(Date.parse(thirdEnd.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(firstEnd.endedAt ?? ''));
  });

  it('lets an evaluation wait until the run has ended', async () => {
    const on = await ready();
    const run = await start(on, 'slow', { steps: 15 });
    await untilStep(on, run, 1);
    const phases: string[] = [];
    for await (const event of await on.client.evaluations.start({ modelId: on.modelId, datasetId: on.datasetId })) {
      if (event.type === 'progress') phases.push(event.progress.phase);
      else expect(event.evaluation.accuracy).toMatchObject({ correct: 2, n: 3 });
    }
    expect(phases[0]).toBe('wait in the queue');
    expect((await on.client.runs.get({ runId: run.id })).summary.status).toBe('completed');
  });

  it('is watched and stopped from another studio on the same folder, and trained by neither twice', async () => {
    const on = await ready();
    const run = await start(on, 'slow', { steps: 200 });
    await untilStep(on, run, 1);
    const elsewhere = clientOf(await another(on.home));
    expect((await elsewhere.runs.get({ runId: run.id })).summary.status).toBe('running');
    expect((await failure(elsewhere.runs.resume({ runId: run.id }))).code).toBe('CONFLICT');
    const waiting = await elsewhere.runs.start({ modelId: on.modelId, datasetId: on.datasetId, steps: 2 });
    await untilStep({ client: elsewhere }, run, 3);
    expect((await elsewhere.runs.get({ runId: waiting.id })).summary.status).toBe('queued');
    const stopped = await elsewhere.runs.stop({ runId: run.id });
    expect(stopped.status).toBe('interrupted');
    expect(stopped.lastCheckpointStep).toBe(stopped.step);
    expect(await untilEnded(elsewhere, waiting)).toMatchObject({ status: 'completed' });
  }, 20_000);
});

describe('closing', () => {
  it('stops with a checkpoint, and the next opening goes on', async () => {
    const on = await ready();
    const run = await start(on, 'slow', { steps: 200, checkpointEvery: 1000 });
    await untilStep(on, run, 2);
    await on.studio.close();
    const client = clientOf(await another(on.home));
    const { summary } = await client.runs.get({ runId: run.id });
    expect(summary.status).toBe('interrupted');
    expect(summary.lastCheckpointStep).toBe(summary.step);
  });

  it('without time for a checkpoint the run is still interrupted, never left as running', async () => {
    const on = await ready();
    const run = await start(on, 'slow', { steps: 200, checkpointEvery: 2 });
    await untilStep(on, run, 3);
    await on.studio.close({ waitMs: 0 });
    const client = clientOf(await another(on.home));
    const { summary } = await client.runs.get({ runId: run.id });
    expect(summary.status).toBe('interrupted');
    expect(summary.lastCheckpointStep).toBeGreaterThanOrEqual(2);
  });
});

describe('watching', () => {
  it('gives every step once and in order, live, late and after a break', async () => {
    const on = await ready();
    const run = await start(on, 'slow', { steps: 12, checkpointEvery: 5 });
    const live: RunEvent[] = [];
    for await (const event of await on.client.runs.watch({ runId: run.id })) live.push(event);
    const all = Array.from({ length: 12 }, (_, index) => index + 1);
    expect(stepsOf(live)).toEqual(all);
    const stored = live.filter((event) => event.type !== 'phase').map((event) => event.seq);
    expect(stored).toEqual([...new Set(stored)].sort((a, b) => a - b));
    // Only the newest phase is sent, so which phases appear depends on how busy the machine is.
    expect(live.some((event) => event.type === 'phase')).toBe(true);
    expect(live.filter((event) => event.type === 'warning')).toHaveLength(1);

    const late: RunEvent[] = [];
    for await (const event of await on.client.runs.watch({ runId: run.id })) late.push(event);
    expect(stepsOf(late)).toEqual(all);

    const middle = live.find((event) => event.type === 'steps' && event.steps.some(({ step }) => step === 5));
    const rest: RunEvent[] = [];
    for await (const event of await on.client.runs.watch({ runId: run.id, after: middle!.seq })) rest.push(event);
    const seen = stepsOf(live.filter((event) => event.seq <= middle!.seq));
    expect([...seen, ...stepsOf(rest)]).toEqual(all);
  });

  it('says that a look at held-out samples is over', async () => {
    const on = await ready();
    const run = await start(on, 'slow', { steps: 30, evalEvery: 10, evalDuringSamples: 1 });
    const phases: string[] = [];
    for await (const event of await on.client.runs.watch({ runId: run.id }))
      if (event.type === 'phase') phases.push(event.progress.phase);
    // The engine of this test never says that it trains.
    expect(phases).toContain('train');
  });

  it('lets a watcher leave in the middle', async () => {
    const on = await ready();
    const run = await start(on, 'slow', { steps: 100 });
    const leave = new AbortController();
    const seen: RunEvent[] = [];
    const watching = (async () => {
      for await (const event of await on.client.runs.watch({ runId: run.id }, { signal: leave.signal })) {
        seen.push(event);
        if (stepsOf(seen).length >= 2) leave.abort();
      }
    })();
    await watching.catch(() => undefined);
    expect(stepsOf(seen).length).toBeLessThan(100);
    expect((await on.client.runs.get({ runId: run.id })).summary.status).toBe('running');
  });

  it('refuses a run that is not there', async () => {
    const on = await ready();
    const watching = (async () => {
      for await (const _ of await on.client.runs.watch({ runId: 'nobody' }));
    })();
    expect((await failure(watching)).code).toBe('NOT_FOUND');
  });
});

describe('a run that watches held-out samples', () => {
  it('ends when patience is over, and its best checkpoint stands for it', async () => {
    const on = await ready();
    // This engine answers two of three held-out samples until step 10, and none from then on.
    const run = await start(on, 'by-heart', {
      steps: 40,
      checkpointEvery: 40,
      evalEvery: 5,
      evalDuringSamples: 3,
      earlyStoppingPatience: 3,
      loadBestModelAtEnd: true,
    });
    for await (const _ of await on.client.runs.watch({ runId: run.id }));
    const { summary } = await on.client.runs.get({ runId: run.id });
    expect(summary).toMatchObject({ status: 'completed', step: 15, steps: 40, lastCheckpointStep: 5 });
    expect((await on.client.evaluations.list({ runId: run.id })).map(({ step }) => step)).toEqual([5]);
    const answer = await resultOf(
      on.client.playground.answer({ modelId: on.modelId, runId: run.id, question: 'How many?' }),
    );
    expect(answer.step).toBe(5);
    // Everything that it learned is still there.
    expect(readdirSync(join(on.home, 'runs', run.id, 'checkpoints')).sort()).toEqual(['step-000005', 'step-000015']);
    const { entries } = await on.client.system.audit({});
    expect(entries.find(({ action }) => action === 'run.result')?.body).toEqual({ runId: run.id, step: 5 });
  });

  it('needs looks at them to know what is best', async () => {
    const on = await ready();
    for (const change of [{ earlyStoppingPatience: 2 }, { loadBestModelAtEnd: true }]) {
      const [field] = Object.keys(change);
      await expect(start(on, 'blind', { steps: 4, ...change })).rejects.toMatchObject({ data: { place: { field } } });
    }
  });
});

describe('old checkpoints', () => {
  it('of completed runs are removed but for the last and the best, and what is freed is said first', async () => {
    const on = await ready();
    // This engine gets worse on held-out samples from the second look on, so the best look is the first.
    const run = await start(on, 'by-heart', { steps: 8, checkpointEvery: 2, evalEvery: 2, evalDuringSamples: 1 });
    for await (const _ of await on.client.runs.watch({ runId: run.id }));
    const folder = join(on.home, 'runs', run.id, 'checkpoints');
    const before = readdirSync(folder).sort();
    const points = await on.client.runs.heldOut({ runId: run.id });
    const best = bestStep(scoresOf(points), [2, 4, 6, 8]);
    const keeps = ['step-000008', `step-00000${best}`];
    const old = before.filter((name) => !keeps.includes(name));
    expect(old.length).toBeGreaterThan(0);

    const planned = await on.client.runs.cleanCheckpoints({ dryRun: true });
    expect(planned).toMatchObject({ runs: 1, checkpoints: old.length, skipped: [] });
    expect(planned.freedBytes).toBeGreaterThan(0);
    expect(readdirSync(folder).sort()).toEqual(before);

    expect(await on.client.runs.cleanCheckpoints({ runId: run.id })).toEqual(planned);
    expect(readdirSync(folder).sort()).toEqual(before.filter((name) => keeps.includes(name)));
    expect((await on.client.runs.get({ runId: run.id })).summary.lastCheckpointStep).toBe(8);
    expect(await on.client.runs.cleanCheckpoints({})).toMatchObject({ checkpoints: 0, freedBytes: 0 });
  });

  it('stay where the last one is damaged, and while a run can still go on', async () => {
    const on = await ready();
    const run = await start(on, 'plain', { steps: 4, checkpointEvery: 2 });
    for await (const _ of await on.client.runs.watch({ runId: run.id }));
    const folder = join(on.home, 'runs', run.id, 'checkpoints');
    writeFileSync(join(folder, 'step-000004', 'stray'), 'x');
    const { checkpoints, skipped } = await on.client.runs.cleanCheckpoints({});
    expect([checkpoints, skipped.map(({ runId }) => runId)]).toEqual([0, [run.id]]);
    expect(readdirSync(folder)).toContain('step-000002');

    const waiting = await start(on, 'slow', { steps: 200 });
    expect((await failure(on.client.runs.cleanCheckpoints({ runId: waiting.id }))).code).toBe('CONFLICT');
  });
});
