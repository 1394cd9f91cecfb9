import { parse } from 'csv-parse/sync';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeError } from '../../../contract/errors/error-codec.ts';
import { RunId } from '../../../contract/model/primitives.ts';
import { prepareStudio, temporaryFolder, untilEnded, type TestStudio } from '../../fixtures/test-studio.ts';
import type { Studio } from '../../studio.ts';

const open: Studio[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((studio) => studio.close({ waitMs: 0 })));
});

async function trained(request: { name: string; evalEvery?: number }): Promise<TestStudio & { runId: RunId }> {
  const on = await prepareStudio();
  open.push(on.studio);
  const { modelId, datasetId } = on;
  const run = await on.client.runs.start({ modelId, datasetId, steps: 4, checkpointEvery: 2, ...request });
  await untilEnded(on.client, run);
  return { ...on, runId: run.id };
}

async function refusal(promise: Promise<unknown>): Promise<string | undefined> {
  return await promise.then(
    () => undefined,
    (error: unknown) => decodeError(error)?.code,
  );
}

describe('the measurements of a run', () => {
  it('become a table with a row for each step and TRL’s names', async () => {
    const { client, runId } = await trained({ name: 'plain', evalEvery: 2 });
    const path = join(temporaryFolder(), 'new folder', 'run.csv');
    const written = await client.runs.writeMetrics({ runId, format: 'csv', path });
    const steps = await client.runs.steps({ runId });
    const heldOut = await client.runs.heldOut({ runId });
    expect(written).toMatchObject({ path, steps: 4 });
    const rows = parse<Record<string, string>>(readFileSync(path), { columns: true, bom: true });
    expect(Object.keys(rows[0] ?? {})).toHaveLength(written.metrics + 1);
    for (const metrics of steps) {
      const row = rows.find(({ step }) => Number(step) === metrics.step);
      expect(Number(row?.['loss'])).toBe(metrics.loss);
      expect(Number(row?.['grad_norm'])).toBe(metrics.gradNorm);
      expect(row?.['beta']).toBe(metrics.beta === null ? '' : String(metrics.beta));
      for (const { name, mean } of metrics.rewards)
        expect(row?.[`rewards/${name}/mean`]).toBe(mean === null ? '' : String(mean));
    }
    const looked = rows.filter((row) => row['eval/accuracy'] !== '');
    expect(looked.map(({ step }) => Number(step))).toEqual(heldOut.map(({ step }) => step));
    expect(looked.map((row) => Number(row['eval/accuracy']))).toEqual(heldOut.map(({ accuracy }) => accuracy.value));
  });

  it('become a folder that logs them to Trackio, recipe included, and never overwrite one', async () => {
    const { client, runId } = await trained({ name: 'plain', evalEvery: 2 });
    const folder = join(temporaryFolder(), 'for trackio');
    const asked = { runId, format: 'trackio', path: folder } as const;
    const written = await client.runs.writeMetrics(asked);
    expect(written).toMatchObject({ path: join(folder, 'log_to_trackio.py'), steps: 4 });
    expect(readdirSync(folder).sort()).toEqual(['log_to_trackio.py', 'run.json', 'steps.jsonl']);
    const { recipe } = await client.runs.get({ runId });
    const run = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as Record<string, unknown>;
    expect(run).toMatchObject({ project: 'atelier', name: `plain (${runId})`, config: { method: recipe.method } });
    const lines = readFileSync(join(folder, 'steps.jsonl'), 'utf8').trim().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as { step: number; values: Record<string, number> });
    for (const { step, loss } of await client.runs.steps({ runId }))
      expect(rows.find((row) => row.step === step)?.values['train/loss']).toBe(loss);
    const heldOut = await client.runs.heldOut({ runId });
    expect(rows.filter(({ values }) => 'eval/accuracy' in values).map(({ step }) => step)).toEqual(
      heldOut.map(({ step }) => step),
    );
    expect(await refusal(client.runs.writeMetrics(asked))).toBe('CONFLICT');
  });

  it('become an event file that TensorBoard finds by its name', async () => {
    const { client, runId } = await trained({ name: 'plain' });
    const folder = join(temporaryFolder(), 'logs');
    const { path, sizeBytes } = await client.runs.writeMetrics({ runId, format: 'tensorboard', path: folder });
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^events\.out\.tfevents\.\d+\.run-/)]);
    const text = readFileSync(path, 'latin1');
    expect(text).toHaveLength(sizeBytes);
    for (const tag of ['train/loss', 'train/rewards/accuracy/mean', 'train/beta']) expect(text).toContain(tag);
  });

  it('never replace a file, and need a step', async () => {
    const { client, runId } = await trained({ name: 'too-large' });
    const folder = temporaryFolder();
    const path = join(folder, 'mine.csv');
    writeFileSync(path, 'mine');
    expect(await refusal(client.runs.writeMetrics({ runId, format: 'csv', path: join(folder, 'b.csv') }))).toBe(
      'CONFLICT',
    );
    const done = await trained({ name: 'plain' });
    const again = { runId: done.runId, format: 'csv' as const, path };
    expect(await refusal(done.client.runs.writeMetrics(again))).toBe('CONFLICT');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['mine.csv']);
    const unknown = RunId.parse('run-00000000');
    expect(await refusal(done.client.runs.writeMetrics({ ...again, runId: unknown }))).toBe('NOT_FOUND');
  });
});
