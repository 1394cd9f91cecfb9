/** @file A bundle of an earlier checkpoint: it holds those weights, says so everywhere, and passes its verification. */
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportSummary, RunId } from '../../contract/api/index.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { createExport } from './build/create-export.ts';
import { FIXTURES, makeSmallRun } from './fixtures/small-run.ts';
import { verifyBundle } from './verify/verify.ts';

const WEIGHTS = 'adapter_model.safetensors';
const context = { version: '0.0.0-test' };

/** Gives a checkpoint other weights. */
async function changeWeights(checkpoint: string): Promise<void> {
  const weights = await readFile(join(checkpoint, WEIGHTS));
  weights[weights.length - 2] = (weights.at(-2) ?? 0) ^ 0x01;
  await writeFile(join(checkpoint, WEIGHTS), weights);
}

describe('the export of an earlier step', () => {
  let home: string;
  let store: Store;
  let runId: RunId;
  let earlier: string;
  let bundle: ExportSummary;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'atelier-earlier-'));
    store = await openStore(home);
    runId = await makeSmallRun(store, home, { earlierStep: changeWeights });
    earlier = join(store.runFolder(runId), 'step-000001');
    bundle = await createExport(store, { runId, step: 1, destination: join(home, 'bundle') }, context);
  });
  afterAll(async () => {
    await store.close();
    await rm(home, { recursive: true, force: true });
  });
  const textOf = (name: string): Promise<string> => readFile(join(bundle.path, name), 'utf8');

  it('passes its verification', async () => {
    const report = await verifyBundle(bundle.path, { images: store.blobs });
    expect(report.checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(report.checks.length).toBeGreaterThan(5);
  });

  it('holds the weights of that step, and not those of the last one', async () => {
    // The header differs: a bundle's names the run. The last bytes are weights.
    const endOf = async (folder: string): Promise<string> =>
      (await readFile(join(folder, WEIGHTS))).subarray(-64).toString('hex');
    expect(await endOf(bundle.path)).toBe(await endOf(earlier));
    expect(await endOf(bundle.path)).not.toBe(await endOf(join(FIXTURES, 'lora')));
  });

  it('names the step, counts only what was learned until then, and claims no figures of the last one', async () => {
    expect(bundle.step).toBe(1);
    // Only the last step was evaluated.
    expect(JSON.parse(await textOf('evaluation.json'))).toMatchObject({ base: null, tuned: null, others: [] });
    expect(await textOf('provenance.slsa.json')).toContain('"step": 1');
    expect(await textOf('README.md')).toMatch(/step 1\b/);
  });

  it('fails once the weights of the last step are put in their place', async () => {
    const forged = join(home, 'forged');
    await cp(bundle.path, forged, { recursive: true });
    await cp(join(FIXTURES, 'lora', WEIGHTS), join(forged, WEIGHTS));
    expect((await verifyBundle(forged)).outcome).toBe('fail');
    expect(await readdir(forged)).toEqual(await readdir(bundle.path));
  });

  it('is refused for a step without a checkpoint, which is named', async () => {
    const destination = join(home, 'none');
    await expect(createExport(store, { runId, step: 7, destination }, context)).rejects.toThrow(
      /step 7|no checkpoint/i,
    );
    expect(await readdir(home)).not.toContain('none');
  });
});
