/** @file The provenance commands in a terminal, on a small run that was actually exported. */
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { addSmallRun, alterAuditEntry } from '../studio/exports/fixtures/small-home.ts';
import { fakeEngine, temporaryFolder } from '../studio/fixtures/test-studio.ts';
import { commandRunner, type CommandRunner } from './testing/run-command.ts';

let folder: string;
let run: CommandRunner['run'];
let runId: string;
let datasetId: string;

beforeAll(async () => {
  folder = temporaryFolder();
  const home = join(folder, 'home');
  ({ run } = commandRunner({ home, cwd: folder, spawnEngine: fakeEngine }));
  ({ runId, datasetId } = await addSmallRun(home, folder, { name: 'Counting' }));
});

describe('ledger and licences', () => {
  it('gives the verdicts of a run with rules, images, duties and the licences that may be chosen', async () => {
    const { status, out } = await run('ledger', runId, '--rules');
    expect(status).toBe(0);
    expect(out).toContain('Base model atelier/tiny: Apache-2.0.');
    expect(out).toMatch(/CC-BY-SA-4\.0 +\d/);
    expect(out).toMatch(/ {4}R2: 3 images \(/);
    expect(out).toMatch(/ {4}R6: 1 image \(/);
    expect(out).toContain('Duties:');
    expect(out).toContain('Licences that may be chosen for the weights: ');
    expect(out).toMatch(/R\d+: .* \[.+\]/);
    expect((await run('ledger', runId, '--json')).json()).toMatchObject({ base: { licence: 'Apache-2.0' } });
  });

  it('gives those of a dataset before a run, with and without a model, and its credits ready to copy', async () => {
    expect((await run('ledger', datasetId)).out).toContain('Images alone, without a base model:');
    expect((await run('ledger', 'Icons [draft]')).out).toContain('Images alone, without a base model:');
    expect((await run('ledger', datasetId, '--model', 'atelier/tiny')).out).toContain('Base model atelier/tiny');
    const credits = await run('ledger', runId, '--credits');
    expect(credits.out).toContain('Author 2');
    expect(credits.out).not.toContain('Duties:');
  });

  it('lists licences to choose, and for each other one the rule and images that refuse it', async () => {
    const { status, out } = await run('licences', runId);
    expect(status).toBe(0);
    expect(out).toMatch(/You may choose:\n( {2}.*\n)* {2}CC-BY-SA-4\.0: /);
    expect(out).toMatch(/You must not choose:\n(.*\n)* {2}Apache-2\.0\n {4}R\d+: .*Because of \d+ image/);
  });

  it('refuses ids that there are not', async () => {
    expect((await run('ledger', 'nothing')).status).toBe(3);
    expect((await run('licences', 'run-none')).status).toBe(3);
    expect((await run('licences', '')).status).toBe(2);
  });
});

describe('contribution', () => {
  it('lists shares with the method in words, best first, and sums per author and licence', async () => {
    const { status, out } = await run('contribution', runId, '--limit', '2');
    expect(status).toBe(0);
    expect(out).toContain('An estimate of influence on the weights');
    expect(out).toMatch(/of 2 steps carry a share/);
    expect(out).toMatch(/and \d+ more images/);
    expect(out).toMatch(/author +share +images/);
    const report = (await run('contribution', runId, '--method', 'draws', '--json')).json() as {
      method: string;
      images: { share: number; timesSeen: number }[];
    };
    expect(report.method).toBe('draws');
    expect(report.images.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  });

  it('does not make up figures of a method that was not used', async () => {
    const { status, err } = await run('contribution', runId, '--method', 'exact');
    expect(status).toBe(4);
    expect(err).toContain('--exact');
    expect((await run('contribution', runId, '--method', 'guess')).status).toBe(2);
    expect((await run('contribution', 'run-none')).status).toBe(3);
  });
});

describe('export, receipt, verify and audit', () => {
  it('walks from the weights to the images, and finds what was altered', { timeout: 60_000 }, async () => {
    expect((await run('export', runId, 'bundle', '--licence', 'CC0-1.0')).status).not.toBe(0);
    const exported = await run('export', runId, 'bundle', '--licence', 'CC-BY-SA-4.0', '--json');
    expect(exported.status).toBe(0);
    const { id } = exported.json() as { id: string };

    for (const named of ['bundle', id]) {
      const receipt = await run('receipt', named, '--limit', '2');
      expect(receipt.status).toBe(0);
      expect(receipt.out).toContain(`Counting, step 2 (${runId})`);
      expect(receipt.out).toMatch(/✓ Audit log: /);
      expect(receipt.out).toMatch(/and \d+ more images/);
    }
    expect((await run('verify', 'bundle')).status).toBe(0);
    const whole = await run('audit');
    expect([whole.status, whole.out]).toEqual([0, expect.stringContaining('Checked against the head that was signed')]);

    await careForTheRun();
    expect((await run('verify', 'bundle')).status).toBe(0);
    expect((await run('receipt', 'bundle')).out).not.toContain('✗');
    expect((await run('audit')).status).toBe(0);

    appendFileSync(join(folder, 'bundle', 'audit.jsonl'), '{"seq":1}\n');
    const altered = await run('verify', 'bundle');
    expect(altered.status).toBe(8);
    expect(altered.out).toMatch(/\? audit log \(audit\.jsonl, row \d+\): /);
    expect((await run('receipt', 'bundle')).out).toContain('✗');
  });

  /** Everything that a person can do to a run that was exported, up to deleting its checkpoints. */
  async function careForTheRun(): Promise<void> {
    expect((await run('runs', 'rename', runId, 'Birds of May')).out).toContain('"Birds of May"');
    expect((await run('runs', 'tag', runId, '--add', 'keep', '--add', 'birds')).out).toBe('birds\nkeep\n');
    expect((await run('runs', '--search', 'MAY keep')).out).toContain(runId);
    expect((await run('runs', '--tag', 'birds')).out).toContain(runId);
    expect((await run('runs', '--search', 'june')).out).toBe('No run matches.\n');
    expect((await run('runs', 'empty-trash', runId)).status).toBe(4);

    expect((await run('runs', 'remove', runId)).out).toContain(`atelier runs restore ${runId}`);
    expect((await run('runs')).out).not.toContain(runId);
    expect((await run('runs', '--removed')).out).toContain('Birds of May');
    const checkpoints = join(folder, 'home', 'runs', runId, 'checkpoints');
    mkdirSync(join(checkpoints, 'step-000002'), { recursive: true });
    writeFileSync(join(checkpoints, 'step-000002', 'weights'), Buffer.alloc(3 * 1024 * 1024));
    expect((await run('runs', 'empty-trash')).out).toMatch(/3\.0 MiB would be free.*add --yes/);
    expect(existsSync(checkpoints)).toBe(true);
    expect((await run('runs', 'empty-trash', '--yes')).out).toContain('Deleted: 3.0 MiB');
    expect(existsSync(checkpoints)).toBe(false);
    expect((await run('runs', 'restore', runId)).status).toBe(0);
    const shown = await run('runs', runId, '--json');
    expect(shown.json()).toMatchObject({
      summary: { lastCheckpointStep: null, step: 2 },
      recipe: { name: 'Counting' },
    });
  }

  it('a broken log ends the command with the status of a failed check, and names the entry', async () => {
    await alterAuditEntry(join(folder, 'home'), 2);
    const { status, out } = await run('audit', '--limit', '3');
    expect(status).toBe(8);
    expect(out).toContain('✗ Broken at entry 2: Entry 2 of the audit log was altered.');
    expect((await run('audit', '--json')).json()).toMatchObject({ intact: false, fault: { seq: 2 } });
  });

  it('refuses anything but an export', async () => {
    expect((await run('receipt', 'export-none')).status).toBe(3);
  });
});
