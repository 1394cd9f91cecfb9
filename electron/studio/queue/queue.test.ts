import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError } from '../../contract/errors/error-codec.ts';
import type { RunSummary } from '../../contract/model/runs.ts';
import { startChild } from '../../store/testing/processes.ts';
import { clientOf, openTestStudio, prepareStudio, untilEnded } from '../fixtures/test-studio.ts';
import type { TestStudio } from '../fixtures/test-studio.ts';
import type { Studio } from '../studio.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

async function ready(): Promise<TestStudio> {
  const prepared = await prepareStudio();
  open.push(prepared.studio);
  return prepared;
}

function start({ client, modelId, datasetId }: TestStudio, name: string, steps = 2): Promise<RunSummary> {
  return client.runs.start({ modelId, datasetId, name, steps, checkpointEvery: 1 });
}

const CHILD = join(import.meta.dirname, 'testing', 'child.ts');
/** Allowance for other work on the machine. */
const patient = { timeout: 20_000 };

async function code(promise: Promise<unknown>): Promise<string | undefined> {
  return decodeError(await promise.then(() => null).catch((error: unknown) => error))?.code;
}

async function waitingTitles(client: TestStudio['client']): Promise<string[]> {
  return (await client.queue.list()).filter(({ status }) => status === 'waiting').map(({ title }) => title);
}

/** When each run began, in the order given. */
async function inOrderBegun(client: TestStudio['client'], runs: readonly RunSummary[]): Promise<string[]> {
  const ended = [];
  for (const run of runs) ended.push(await untilEnded(client, run));
  return ended
    .filter(({ startedAt }) => startedAt !== null)
    .sort((a, b) => (a.startedAt ?? '').localeCompare(b.startedAt ?? ''))
    .map(({ name }) => name);
}

describe('the order of the queue', () => {
  it('is that of asking, until a person changes it', async () => {
    const on = await ready();
    const runs = [await start(on, 'slow first', 30), await start(on, 'b'), await start(on, 'c'), await start(on, 'd')];
    await expect.poll(() => waitingTitles(on.client), patient).toEqual(['b', 'c', 'd']);
    await on.client.runs.move({ runId: runs[3]!.id, to: 0 });
    expect(await waitingTitles(on.client)).toEqual(['d', 'b', 'c']);
    const entry = (await on.client.queue.list()).find(({ title }) => title === 'b');
    await on.client.queue.move({ entryId: entry!.id, to: 99 });
    expect(await waitingTitles(on.client)).toEqual(['d', 'c', 'b']);
    expect(await inOrderBegun(on.client, runs)).toEqual(['slow first', 'd', 'c', 'b']);
    await expect.poll(() => on.client.queue.list(), patient).toEqual([]);
  });

  it('lets a failed run pass to the next, and a cancelled one be resumed behind the others', async () => {
    const on = await ready();
    const [first, failing] = [await start(on, 'slow first', 30), await start(on, 'fail')];
    const [cancelled, last] = [await start(on, 'cancelled'), await start(on, 'last')];
    const left = await on.client.runs.cancel({ runId: cancelled.id });
    expect(left).toMatchObject({ status: 'interrupted', reason: 'Stopped on request before it began.' });
    expect((await on.client.runs.resume({ runId: cancelled.id })).status).toBe('queued');
    expect(await waitingTitles(on.client)).toEqual(['fail', 'last', 'cancelled']);
    expect(await inOrderBegun(on.client, [first, failing, cancelled, last])).toEqual([
      'slow first',
      'fail',
      'last',
      'cancelled',
    ]);
    expect((await on.client.runs.get({ runId: failing.id })).summary.status).toBe('failed');
  });

  it('refuses to move or cancel what does not wait', async () => {
    const on = await ready();
    const run = await start(on, 'slow', 30);
    await expect.poll(async () => (await on.client.queue.list())[0]?.status, patient).toBe('working');
    const [entry] = await on.client.queue.list();
    expect(await code(on.client.runs.cancel({ runId: run.id }))).toBe('CONFLICT');
    expect(await code(on.client.queue.move({ entryId: entry!.id, to: 0 }))).toBe('CONFLICT');
    expect(await code(on.client.queue.cancel({ entryId: entry!.id }))).toBe('CONFLICT');
    await untilEnded(on.client, run);
    expect(await code(on.client.runs.move({ runId: run.id, to: 0 }))).toBe('CONFLICT');
    await expect.poll(() => code(on.client.queue.cancel({ entryId: entry!.id })), patient).toBe('NOT_FOUND');
  });
});

describe('a queue that outlives its studio', () => {
  it('keeps its order when the studio is closed, and goes on when one works on the whole queue', async () => {
    const on = await ready();
    const running = await start(on, 'slow', 200);
    const waiting = [await start(on, 'b'), await start(on, 'c')];
    await on.client.runs.move({ runId: waiting[1]!.id, to: 0 });
    await on.client.evaluations.enqueue({ modelId: on.modelId, datasetId: on.datasetId, limit: 2 });
    await expect
      .poll(async () => (await on.client.runs.get({ runId: running.id })).summary.step, patient)
      .toBeGreaterThan(0);
    await on.studio.close();

    const again = await openTestStudio(on.home);
    open.push(again);
    const client = clientOf(again);
    expect((await client.runs.get({ runId: running.id })).summary.status).toBe('interrupted');
    expect((await client.queue.list()).map(({ title, status }) => [title, status])).toEqual([
      ['c', 'waiting'],
      ['b', 'waiting'],
      [expect.stringContaining('Evaluation of'), 'waiting'],
    ]);
    again.workOnQueue();
    expect(await inOrderBegun(client, waiting)).toEqual(['c', 'b']);
    await expect.poll(() => client.queue.list(), patient).toEqual([]);
    expect((await client.evaluations.list({})).some(({ accuracy }) => accuracy.n === 2)).toBe(true);
  });

  it('leaves what others put there alone while a command has its own work', async () => {
    const on = await ready();
    await start(on, 'slow', 200);
    const left = await start(on, 'left behind');
    await on.studio.close();
    const again = await openTestStudio(on.home);
    open.push(again);
    const client = clientOf(again);
    const own = await start({ ...on, client }, 'own');
    expect(await untilEnded(client, own)).toMatchObject({ status: 'completed' });
    expect((await client.runs.get({ runId: left.id })).summary.status).toBe('queued');
    // Resuming it by name counts as an explicit request.
    await client.runs.resume({ runId: left.id });
    expect(await untilEnded(client, left)).toMatchObject({ status: 'completed' });
  });
});

describe('an evaluation in the middle of its work', () => {
  /** The fake engine finishes no evaluation while this file is there. */
  const hold = (home: string): string => join(home, 'hold');
  const states = async (client: TestStudio['client']): Promise<string[]> =>
    (await client.queue.list()).map(({ title, status }) => `${title.split(' ')[0] ?? ''} ${status}`);

  async function reopened(home: string): Promise<{ client: TestStudio['client']; again: Studio }> {
    const again = await openTestStudio(home);
    open.push(again);
    return { client: clientOf(again), again };
  }

  it.each(['closed', 'killed'])('waits again, at the front, when its studio is %s, if it was queued', async (how) => {
    const on = await ready();
    writeFileSync(hold(on.home), '');
    if (how === 'closed') {
      await on.client.evaluations.enqueue({ modelId: on.modelId, datasetId: on.datasetId, limit: 2 });
      await expect.poll(() => states(on.client), patient).toEqual(['Evaluation working']);
      await start(on, 'behind it');
      await on.studio.close();
    } else {
      await on.studio.close();
      await killed(on.home, 'enqueue');
    }
    rmSync(hold(on.home));
    const { client, again } = await reopened(on.home);
    expect((await states(client))[0]).toBe('Evaluation waiting');
    expect(await client.evaluations.list({})).toEqual([]);
    again.workOnQueue();
    await expect.poll(() => client.queue.list(), patient).toEqual([]);
    expect((await client.evaluations.list({})).map(({ accuracy }) => accuracy.n)).toContain(2);
  });

  it.each(['closed', 'killed'])('is abandoned when its studio is %s, if somebody waited for it', async (how) => {
    const on = await ready();
    writeFileSync(hold(on.home), '');
    if (how === 'closed') {
      const request = { modelId: on.modelId, datasetId: on.datasetId, limit: 2 };
      const asking = (async () => {
        for await (const _ of await on.client.evaluations.start(request));
      })();
      const told = code(asking);
      await expect.poll(() => states(on.client), patient).toEqual(['Evaluation working']);
      await on.studio.close();
      expect(await told).toBe('CANCELLED');
    } else {
      await on.studio.close();
      await killed(on.home, 'start');
    }
    rmSync(hold(on.home));
    const { client } = await reopened(on.home);
    expect(await client.queue.list()).toEqual([]);
    expect(await client.evaluations.list({})).toEqual([]);
  });

  it('is held once two studios were killed while working on it, and tried again on request', async () => {
    const on = await ready();
    writeFileSync(hold(on.home), '');
    await on.studio.close();
    await killed(on.home, 'enqueue');
    await killed(on.home, 'work');
    rmSync(hold(on.home));
    const { client, again } = await reopened(on.home);
    again.workOnQueue();
    // What comes after it is worked on.
    await client.evaluations.enqueue({ modelId: on.modelId, datasetId: on.datasetId, limit: 1 });
    await expect.poll(async () => (await client.queue.list()).map(({ held }) => held), patient).toEqual([true]);
    expect((await client.evaluations.list({})).map(({ accuracy }) => accuracy.n)).toEqual([1]);
    const [entry] = await client.queue.list();
    expect(await client.queue.retry({ entryId: entry!.id })).toMatchObject([{ held: false }]);
    await expect.poll(() => client.queue.list(), patient).toEqual([]);
    expect((await client.evaluations.list({})).map(({ accuracy }) => accuracy.n).sort()).toEqual([1, 2]);
  });

  it('is taken over by a studio that is open already when the one that worked on it is killed', async () => {
    const on = await ready();
    writeFileSync(hold(on.home), '');
    on.studio.workOnQueue();
    await killed(on.home, 'enqueue');
    rmSync(hold(on.home));
    await expect.poll(() => on.client.evaluations.list({}), patient).toHaveLength(1);
    await expect.poll(() => on.client.queue.list(), patient).toEqual([]);
  });

  /** Another process works on an evaluation and is killed in the middle of it. */
  async function killed(home: string, mode: 'enqueue' | 'start' | 'work'): Promise<void> {
    const child = startChild(CHILD, [home, mode]);
    await child.line((line) => line === 'working');
    child.process.kill('SIGKILL');
    await child.ended;
  }
});

it('does not keep an evaluation waiting for a caller who is gone', async () => {
  const on = await ready();
  await start(on, 'slow', 200);
  const request = { modelId: on.modelId, datasetId: on.datasetId, limit: 1 };
  const asking = (async () => {
    for await (const _ of await on.client.evaluations.start(request));
  })();
  const told = code(asking);
  await expect.poll(() => waitingTitles(on.client), patient).toEqual([expect.stringMatching(/^Evaluation of/)]);
  await on.studio.close();
  expect(await told).toBe('CANCELLED');
  const again = await openTestStudio(on.home);
  open.push(again);
  expect(await clientOf(again).queue.list()).toEqual([]);
});

it('gives up an evaluation that waits when its caller leaves', async () => {
  const on = await ready();
  const run = await start(on, 'slow', 60);
  const leave = new AbortController();
  const request = { modelId: on.modelId, datasetId: on.datasetId, limit: 1 };
  const asking = (async () => {
    for await (const _ of await on.client.evaluations.start(request, { signal: leave.signal })) leave.abort();
  })().catch(() => undefined);
  await asking;
  await expect.poll(() => waitingTitles(on.client), patient).toEqual([]);
  await on.client.runs.stop({ runId: run.id });
  expect((await on.client.evaluations.list({})).every(({ accuracy }) => accuracy.n !== 1)).toBe(true);
});

it('tells those who watch when something comes in, moves and leaves', async () => {
  const on = await ready();
  const seen: string[][] = [];
  const leave = new AbortController();
  const watching = (async () => {
    for await (const entries of await on.client.queue.watch(undefined, { signal: leave.signal })) {
      seen.push(entries.map(({ title, status }) => `${title} ${status}`));
      if (seen.length > 1 && entries.length === 0) leave.abort();
    }
  })().catch(() => undefined);
  const run = await start(on, 'slow', 10);
  await untilEnded(on.client, run);
  await watching;
  expect(seen[0]).toEqual([]);
  expect(seen).toContainEqual(['slow working']);
});
