/** @file A bundle of a run on two datasets: both count in its papers, and its own verifier passes it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sample } from '../../contract/api/index.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { createExport } from './build/create-export.ts';
import { makeSmallRun } from './fixtures/small-run.ts';
import { verifyBundle } from './verify/verify.ts';

let home: string;
let store: Store;
afterEach(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

async function exported(licences: (string | null)[]): Promise<string> {
  home = await mkdtemp(join(tmpdir(), 'atelier-mixture-'));
  store = await openStore(home);
  const runId = await makeSmallRun(store, home, { other: { name: 'Portraits', licences } });
  const destination = join(home, 'bundle');
  await createExport(store, { runId, destination }, { version: '0.0.0-test' });
  return destination;
}

async function samplesOf(hashes: readonly string[]): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const hash of hashes) {
    const [dataset] = await store.datasets.findBySnapshot(hash);
    if (dataset !== undefined) samples.push(...(await store.datasets.allSamples(dataset.id)));
  }
  return samples;
}

describe('a bundle of a run on a mixture', () => {
  it('names both datasets, their shares and the accuracy on each, and lists the images of both', async () => {
    const bundle = await exported(['CC-BY-NC-4.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0', 'CC0-1.0']);
    const card = await readFile(join(bundle, 'README.md'), 'utf8');
    expect(card).toMatch(/Its questions came from Icons .*draft.* \(67%\) and Portraits \(33%\), drawn by weight\./);
    expect(card).toContain(
      'Rewards of their own: Portraits: accuracy × 1. Asked in words of their own: Portraits: `Look: {question}`.',
    );
    expect(card).toContain('rewards where a dataset has none of its own: ');
    expect(card).toContain('to ask as for `"Portraits"`');
    const program = await readFile(join(bundle, 'use/ask_with_transformers.py'), 'utf8');
    expect(program).toContain('"Portraits": "Look: {question}",');
    expect(card).toMatch(/\| Portraits \| 0 of 4 .*\| 2 of 4 /);
    const manifest = (await readFile(join(bundle, 'manifest.jsonl'), 'utf8')).trim().split('\n');
    expect(manifest).toHaveLength(12);
    const audit = await readFile(join(bundle, 'audit.jsonl'), 'utf8');
    expect(audit.match(/"dataset\.imported"/g)).toHaveLength(2);
    const { checks, outcome } = await verifyBundle(bundle, { samplesOf });
    expect(checks.filter((check) => check.outcome === 'fail')).toEqual([]);
    expect(checks.find(({ check }) => check === 'dataset')?.outcome).toBe('pass');
    expect(outcome).not.toBe('fail');
  });
});
