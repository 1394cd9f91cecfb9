/** @file What a killed engine left of a checkpoint goes at the next start; what a run in progress writes stays. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunId } from '../../contract/model/primitives.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { writeSmallStore } from '../fixtures/small-store.ts';
import { temporaryFolder } from '../fixtures/test-studio.ts';
import { clearUnfinishedCheckpoints } from './unfinished-checkpoints.ts';

let folder: string;
let store: Store;
let runId: RunId;

beforeEach(async () => {
  folder = temporaryFolder();
  runId = await writeSmallStore(folder);
  store = await openStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function leave(id: string, name: string): string {
  const path = join(folder, 'runs', id, 'checkpoints', name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'adapter_model.safetensors.partial'), 'half');
  return path;
}

it('removes the half of a run that has ended, and nothing else', async () => {
  const half = leave(runId, '.writing-step-000006');
  const kept = [leave(runId, 'step-000900'), leave(runId, 'notes'), leave('run-unknown', '.writing-step-000002')];
  expect(await clearUnfinishedCheckpoints(store)).toEqual([half]);
  expect(existsSync(half)).toBe(false);
  expect(kept.every((path) => existsSync(path))).toBe(true);
  expect(await clearUnfinishedCheckpoints(store)).toEqual([]);
});

it('leaves alone what a run that is waiting or at work writes', async () => {
  const { recipe } = await store.runs.get(runId);
  const { summary } = await store.runs.create(recipe);
  const half = leave(summary.id, '.writing-step-000002');
  expect(await clearUnfinishedCheckpoints(store)).toEqual([]);
  await store.runs.begin(summary.id);
  expect(await clearUnfinishedCheckpoints(store)).toEqual([]);
  expect(existsSync(half)).toBe(true);
});
