/** @file Warnings from the diagnosis reach the store and the watchers exactly once, even across a resume. */
import { afterEach, expect, it } from 'vitest';
import type { RunWarning } from '../../../contract/model/runs.ts';
import type { RunId } from '../../../contract/model/primitives.ts';
import { prepareStudio, untilEnded, type TestStudio } from '../../fixtures/test-studio.ts';
import type { Studio } from '../../studio.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

async function warningsOf({ client }: TestStudio, runId: RunId): Promise<RunWarning[]> {
  const warnings: RunWarning[] = [];
  for await (const event of await client.runs.watch({ runId }))
    if (event.type === 'warning') warnings.push(event.warning);
  return warnings;
}

it('looks at held-out samples are stored, told live, replayed after a crash, and diagnosed', async () => {
  const on = await prepareStudio();
  open.push(on.studio);
  const { modelId, datasetId, client } = on;
  const { test } = await client.datasets.get({ datasetId });
  const name = 'by-heart crash-at-19';
  const looks = { evalEvery: 5, evalDuringSamples: test };
  const run = await client.runs.start({ modelId, datasetId, name, steps: 30, checkpointEvery: 12, ...looks });
  expect(await untilEnded(client, run)).toMatchObject({ status: 'interrupted', step: 18 });
  expect((await client.runs.heldOut({ runId: run.id })).map(({ step }) => step)).toEqual([0, 5, 10, 15]);
  await client.runs.resume({ runId: run.id });
  expect(await untilEnded(client, run)).toMatchObject({ status: 'completed', step: 30 });

  const points = await client.runs.heldOut({ runId: run.id });
  expect(points.map(({ step }) => step)).toEqual([0, 5, 10, 15, 20, 25, 30]);
  expect(points.map(({ accuracy }) => accuracy.correct > 0)).toEqual([true, true, false, false, false, false, false]);
  expect(points.every(({ accuracy }) => accuracy.n === test)).toBe(true);
  const told = [];
  for await (const event of await client.runs.watch({ runId: run.id }))
    if (event.type === 'evaluation') told.push(event.point);
  expect(told).toEqual(points);
  expect((await warningsOf(on, run.id)).filter(({ code }) => code === 'HELD_OUT_DIVERGES')).toMatchObject([
    { severity: expect.stringMatching(/warning|problem/) },
  ]);
});

it('a run without signal says so once, before and after a crash', async () => {
  const on = await prepareStudio();
  open.push(on.studio);
  const { modelId, datasetId, client } = on;
  const name = 'no-signal crash-at-9';
  const run = await client.runs.start({ modelId, datasetId, name, steps: 14, checkpointEvery: 2 });
  expect(await untilEnded(client, run)).toMatchObject({ status: 'interrupted', step: 8 });
  await client.runs.resume({ runId: run.id });
  expect(await untilEnded(client, run)).toMatchObject({ status: 'completed', step: 14 });

  const told = (await warningsOf(on, run.id)).filter(({ code }) => code === 'REWARD_STD_ZERO');
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ step: 5 });
  expect(told[0]?.message).toContain('the model learned nothing');
});
