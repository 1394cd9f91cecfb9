/** @file Opt-outs in a bundle: which images were left out, which were used by whose decision, and how that verifies. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../contract/api/index.ts';
import { ManifestRow } from '../../../provenance/documents/manifest.ts';
import { openStore, type Store } from '../../../store/connection/open.ts';
import { ledgerForRun } from '../../ledger/report.ts';
import { createExport } from './create-export.ts';
import { makeSmallRun, type SmallRunOptions } from '../fixtures/small-run.ts';
import { ownPublicKey, fileKeyVault } from './signing-key.ts';
import { verifyBundle } from '../verify/verify.ts';

const opened: { store: Store; home: string }[] = [];
afterEach(async () => {
  for (const { store, home } of opened.splice(0)) {
    await store.close();
    await rm(home, { recursive: true, force: true });
  }
});

type Bundle = {
  store: Store;
  path: string;
  home: string;
  rows: Map<string, ManifestRow>;
  ledger: { purposes: { verdict: string }[] };
};

async function exported(options: SmallRunOptions): Promise<Bundle> {
  const home = await mkdtemp(join(tmpdir(), 'atelier-optouts-'));
  const store = await openStore(home);
  opened.push({ store, home });
  const runId = await makeSmallRun(store, home, options);
  const path = join(home, 'bundle');
  await createExport(store, { runId, destination: path }, { version: '0.0.0-test' });
  const lines = (await readFile(join(path, 'manifest.jsonl'), 'utf8')).trimEnd().split('\n');
  const rows = lines.map((line) => ManifestRow.parse(JSON.parse(line)));
  const ledger = JSON.parse(await readFile(join(path, 'ledger.json'), 'utf8')) as Bundle['ledger'];
  return { store, path, home, rows: new Map(rows.map((row) => [row.names[0]!, row])), ledger };
}

async function checkOf({ path, home }: Bundle, name: string): Promise<CheckResult> {
  const publicKey = await ownPublicKey(fileKeyVault(home));
  const report = await verifyBundle(path, { publicKey: publicKey! });
  return report.checks.find((check) => check.check === name)!;
}

describe('an opted-out image', () => {
  it('that was left out is in the manifest with its words and why', async () => {
    const bundle = await exported({ optedOut: [3] });
    expect(bundle.rows.get('scene-3.png')).toMatchObject({
      use: 'not-used',
      why: 'left out: The image says no.',
      verdict: 'opted-out',
      override: null,
      signals: [{ kind: 'plus', value: 'disallow', raw: 'http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED' }],
    });
    expect(bundle.rows.get('scene-0.png')).toMatchObject({ use: 'training', verdict: 'unknown', signals: [] });
    expect(await checkOf(bundle, 'opt-outs')).toEqual({
      check: 'opt-outs',
      outcome: 'pass',
      detail: 'Of 6 images 1 opted out of training: 1 left out. The silence of the other 5 is not consent.',
    });
    expect(bundle.ledger.purposes[0]?.verdict).not.toBe('blocked');
  });

  it('that was used without any decision blocks the ledger and fails verification', async () => {
    const bundle = await exported({ optedOut: [0] });
    expect(bundle.ledger.purposes.map((purpose) => purpose.verdict)).toEqual(['blocked', 'blocked', 'blocked']);
    const check = await checkOf(bundle, 'opt-outs');
    expect(check.outcome).toBe('fail');
    expect(check.detail).toContain('scene-0.png');
  });

  it('that its owner used is used, with the reason in manifest and audit log', async () => {
    const reason = 'I drew this picture myself.';
    const bundle = await exported({ optedOut: [0], override: { basis: 'own-work', reason } });
    const row = bundle.rows.get('scene-0.png')!;
    expect(row.override).toMatchObject({ basis: 'own-work', reason });
    expect(row.why).toContain(`used despite its opt-out (own-work): ${reason}`);
    expect(bundle.ledger.purposes[0]?.verdict).not.toBe('blocked');
    expect(await readFile(join(bundle.path, 'audit.jsonl'), 'utf8')).toContain(reason);
    const check = await checkOf(bundle, 'opt-outs');
    expect(check.outcome).toBe('pass');
    expect(check.detail).toContain('1 used (1 in training) by a recorded decision');
  });

  it('that was used for another reason stays opted out in the ledger: only the owner can lift that', async () => {
    const bundle = await exported({ optedOut: [0], override: { basis: 'other', reason: 'For research only.' } });
    expect(bundle.ledger.purposes.map((purpose) => purpose.verdict)).toEqual(['blocked', 'blocked', 'blocked']);
    expect((await checkOf(bundle, 'opt-outs')).outcome).toBe('pass');
    expect((await checkOf(bundle, 'licences')).outcome).toBe('pass');
  });

  it('whose decision came after the run was, for that run, not decided about', async () => {
    const bundle = await exported({ optedOut: [3] });
    const [dataset] = await bundle.store.datasets.list();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await bundle.store.signals.decide({
      datasetId: dataset!.id,
      use: true,
      basis: 'own-work',
      reason: 'Mine after all.',
    });
    const [run] = await bundle.store.runs.list();
    const again = join(bundle.home, 'again');
    await createExport(bundle.store, { runId: run!.id, destination: again }, { version: '0.0.0-test' });
    expect(await readFile(join(again, 'manifest.jsonl'))).toEqual(await readFile(join(bundle.path, 'manifest.jsonl')));
  });
});

describe('what an import did with images that say nothing', () => {
  const reason = 'I took these photographs myself.';
  const own = { basis: 'own-work', reason, which: 'unknown' } as const;
  const textOf = ({ path }: Bundle, name: string): Promise<string> => readFile(join(path, name), 'utf8');

  it.each([
    ['use', undefined],
    ['ask', own],
    ['leave-out', own],
  ] as const)('"%s" is in ledger, audit log and papers, and the bundle passes', async (unknownUse, override) => {
    const bundle = await exported({ unknownUse, ...(override === undefined ? {} : { override }) });
    expect(JSON.parse(await textOf(bundle, 'ledger.json'))).toMatchObject({ unknownUse });
    const log = await textOf(bundle, 'audit.jsonl');
    // The default is what earlier versions did, and is not written.
    if (unknownUse === 'use') expect(log).not.toContain('unknownUse');
    else expect(log).toContain(`"unknownUse":"${unknownUse}"`);
    const [said] = /The silence of the others is not consent\. [^.]+\./.exec(
      await textOf(bundle, 'training-summary.md'),
    )!;
    for (const name of ['croissant.json', 'bom.cdx.json', 'sbom.spdx3.json'])
      expect(await textOf(bundle, name), name).toContain(said);
    if (override !== undefined) {
      expect(log).toContain(reason);
      expect(bundle.rows.get('scene-0.png')?.override).toMatchObject({ basis: 'own-work', reason });
    }
    expect(await checkOf(bundle, 'licences')).toMatchObject({ outcome: 'pass' });
    expect(await checkOf(bundle, 'opt-outs')).toMatchObject({ outcome: 'pass' });
  });

  it('says something else in the papers for each answer', async () => {
    const said = new Set<string>();
    for (const unknownUse of ['use', 'ask', 'leave-out'] as const)
      said.add(/consent\. [^.]+\./.exec(await textOf(await exported({ unknownUse }), 'training-summary.md'))![0]);
    expect(said.size).toBe(3);
  });

  it.each(['ask', 'leave-out'] as const)(
    '"%s": a silent image that was used without a decision fails',
    async (unknownUse) => {
      const bundle = await exported({ unknownUse });
      const check = await checkOf(bundle, 'licences');
      expect(check.outcome).toBe('fail');
      expect(check.detail).toMatch(/images without a statement about training were left out, but ".*" was used/);
    },
  );
});

describe('answers that a model proposed', () => {
  it('are named in manifest, card, summary and ledger, and verify', async () => {
    const bundle = await exported({ proposed: { 0: '3', 3: '4' } });
    expect(bundle.rows.get('scene-0.png')?.samples[0]?.answer).toMatchObject({ by: 'model', confirmed: true, step: 3 });
    expect(bundle.rows.get('scene-3.png')?.samples[0]?.answer).toMatchObject({ confirmed: false, runId: 'run-0' });
    expect(bundle.rows.get('scene-1.png')?.samples[0]).not.toHaveProperty('answer');
    for (const name of ['README.md', 'training-summary.md']) {
      const text = await readFile(join(bundle.path, name), 'utf8');
      expect(text, name).toContain('A model proposed 2 of the');
      expect(text, name).toContain('A person confirmed 1 of them as they were and replaced 1.');
    }
    expect(await checkOf(bundle, 'words of the documents')).toMatchObject({ outcome: 'pass' });
    const [run] = await bundle.store.runs.list({});
    const { proposedAnswers } = await ledgerForRun(bundle.store, run!.id);
    expect(proposedAnswers).toMatch(/^A model proposed 2 of the \d+ answers\..*run run-0, step 3/);
  });

  it('are not mentioned where there are none', async () => {
    const bundle = await exported({});
    expect(await readFile(join(bundle.path, 'README.md'), 'utf8')).not.toContain('A model proposed');
  });
});
