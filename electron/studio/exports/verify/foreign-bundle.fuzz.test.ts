/** @file A bundle's documents, each damaged in one place: verification always answers, and in words. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { INTERNAL_WORDS } from '../../../contract/errors/cause-words.ts';
import { damaged, jsonText } from '../../../formats/testing/foreign-json.ts';
import { openStore } from '../../../store/connection/open.ts';
import { createExport } from '../build/create-export.ts';
import { makeSmallRun } from '../fixtures/small-run.ts';
import { verifyBundle } from './verify.ts';

let home: string;
let bundle: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-foreign-bundle-'));
  const store = await openStore(home);
  bundle = join(home, 'bundle');
  await createExport(store, { runId: await makeSmallRun(store, home), destination: bundle }, { version: '0.0.0-test' });
  await store.close();
});
afterAll(() => rm(home, { recursive: true, force: true }));

const DOCUMENTS = [
  'model.sig',
  'provenance.slsa.json',
  'provenance.intoto.jsonl',
  'audit.head.json',
  'audit.jsonl',
  'manifest.jsonl',
  'recipe.json',
  'evaluation.json',
  'ledger.json',
  'bom.cdx.json',
  'sbom.spdx3.json',
  'croissant.json',
];

it.each(DOCUMENTS)('%s', { timeout: 240_000 }, async (name) => {
  const path = join(bundle, name);
  const original = await readFile(path, 'utf8');
  const isLines = name.endsWith('.jsonl');
  const [first = '', ...others] = isLines ? original.split('\n') : [original];
  try {
    await fc.assert(
      fc.asyncProperty(damaged(JSON.parse(first)), async (value) => {
        await writeFile(path, [jsonText(value), ...others].join('\n'));
        const report = await verifyBundle(bundle);
        expect(report.checks.length).toBeGreaterThan(0);
        for (const { detail } of report.checks) expect(detail.replaceAll(/"[^"]*"/g, '')).not.toMatch(INTERNAL_WORDS);
      }),
      { seed: 22, numRuns: 10 },
    );
  } finally {
    await writeFile(path, original);
  }
});
