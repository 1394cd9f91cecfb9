/** @file Several processes, some of which are killed: the store stays intact whatever happens to them. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunId } from '../../contract/model/primitives.ts';
import { openDatabase } from './connection.ts';
import { openStore, type Store } from './open.ts';
import { addDataset, addModel, recipeFor, temporaryFolder } from '../testing/fixture.ts';
import { startChild, type Child } from '../testing/processes.ts';

const CHILD = join(import.meta.dirname, '..', 'testing', 'child.ts');
const SLOW_MS = 120_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: Store;
let children: Child[];

beforeEach(async () => {
  folder = await temporaryFolder();
  store = await openStore(folder.path, { busyTimeoutMs: 20_000 });
  children = [];
});
afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await store.close();
  await folder.remove();
});

function start(...args: string[]): Child {
  const child = startChild(CHILD, args);
  children.push(child);
  return child;
}

it('takes the writes of two processes and keeps one unbroken chain', { timeout: SLOW_MS }, async () => {
  const both = [start('audit', folder.path, '40'), start('audit', folder.path, '40')];
  for (let count = 0; count < 40; count += 1)
    await store.transaction(() => store.audit.append('test.counted', { count }));
  expect(await Promise.all(both.map((child) => child.ended))).toEqual([0, 0]);
  expect(await store.audit.verify()).toMatchObject({ intact: true, count: 120 });
});

it('makes the second writer wait, or tells it why it cannot write', { timeout: SLOW_MS }, async () => {
  const impatient = await openStore(folder.path, { busyTimeoutMs: 50 });
  const holder = start('hold', folder.path, '3000');
  await holder.line((line) => line === 'holding');
  await expect(impatient.transaction(() => impatient.audit.append('test.early', {}))).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  // Reads do not have to wait their turn.
  expect(await impatient.audit.count()).toBe(0);
  await store.transaction(() => store.audit.append('test.patient', {}));
  expect((await store.audit.all()).map((entry) => entry.action)).toEqual(['test.held', 'test.patient']);
  await impatient.close();
});

it('keeps whole steps only when the process is killed while it appends', { timeout: SLOW_MS }, async () => {
  const [model, dataset] = [await addModel(store), await addDataset(store)];
  const sample = (await store.datasets.allSamples(dataset.id))[0];
  const runId: RunId = (await store.runs.create(recipeFor(model, dataset, 1_000_000))).summary.id;
  await store.runs.end(runId, { status: 'interrupted', reason: 'Not begun.' });

  const child = start('run', folder.path, `${runId},${sample?.id ?? ''}`);
  await child.line((line) => line === 'step 5');
  expect(await store.runs.interruptOrphans()).toEqual([]);
  child.process.kill('SIGKILL');
  expect(await child.ended).toBe('SIGKILL');

  const again = await openStore(folder.path);
  const summary = await again.runs.summary(runId);
  expect(summary.status).toBe('interrupted');
  expect(summary.reason).toContain(`at step ${summary.step}`);
  expect(summary.step).toBeGreaterThanOrEqual(5);
  const database = await openDatabase(join(folder.path, 'atelier.sqlite'));
  const counts = await database.all<{ n: number }>(
    'SELECT count(completion.ordinal) AS n FROM step LEFT JOIN completion USING (run_id, step) GROUP BY step',
  );
  expect(counts).toHaveLength(summary.step);
  expect(new Set(counts.map((row) => row.n))).toEqual(new Set([64]));
  const seqs = await database.all<{ seq: number }>('SELECT seq FROM run_event WHERE run_id = ? ORDER BY seq', [runId]);
  expect(seqs.map((row) => row.seq)).toEqual(seqs.map((_, index) => index + 1));
  expect(await again.audit.verify()).toMatchObject({ intact: true });
  expect(await database.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
  await database.close();
  await again.close();
});
