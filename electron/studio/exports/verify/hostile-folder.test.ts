/** @file Untrusted folders that try to keep `verify` busy or lead it out of the folder. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerifyReport } from '../../../contract/model/exports.ts';
import { openStore, type Store } from '../../../store/connection/open.ts';
import { createExport } from '../build/create-export.ts';
import { MOST_ENTRIES } from '../build/folder.ts';
import { makeSmallRun } from '../fixtures/small-run.ts';
import { verifyBundle } from './verify.ts';

let home: string;
let store: Store;
let bundle: string;
let count = 0;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-hostile-'));
  store = await openStore(join(home, 'data'));
  const runId = await makeSmallRun(store, home);
  const context = { version: '0.0.0-test' };
  bundle = (await createExport(store, { runId, destination: join(home, 'bundle') }, context)).path;
});
afterAll(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

async function copy(): Promise<string> {
  count += 1;
  const folder = join(home, `copy-${count}`);
  await cp(bundle, folder, { recursive: true });
  return folder;
}

const faults = (report: VerifyReport): string =>
  report.checks.flatMap(({ outcome, detail }) => (outcome === 'fail' ? [detail] : [])).join('\n');

describe.skipIf(process.platform === 'win32')('pipes, devices and links', () => {
  it.each(['model.sig', 'manifest.jsonl', 'README.md', 'audit.jsonl'])(
    '%s as a pipe is refused at once',
    async (name) => {
      const folder = await copy();
      await rm(join(folder, name), { force: true });
      execFileSync('mkfifo', [join(folder, name)]);
      const report = await verifyBundle(folder);
      expect(report.outcome).toBe('fail');
      expect(faults(report)).toContain(`Neither a file nor a folder: "${name}"`);
    },
  );

  it('a link to a device is not followed', async () => {
    const folder = await copy();
    await rm(join(folder, 'model.sig'));
    await symlink('/dev/zero', join(folder, 'model.sig'));
    const report = await verifyBundle(folder);
    expect(faults(report)).toContain('Symbolic links are refused');
    expect(faults(report)).toContain('There is no model.sig that can be read');
  });
});

describe('sizes', () => {
  it('a signature of 1.5 GB is not read', async () => {
    const folder = await copy();
    await truncate(join(folder, 'model.sig'), 1_500_000_000);
    expect(faults(await verifyBundle(folder))).toContain('There is no model.sig that can be read');
  });

  it('a huge file that nobody signed is named without being hashed', async () => {
    const folder = await copy();
    await writeFile(join(folder, 'extra.bin'), '');
    await truncate(join(folder, 'extra.bin'), 2 ** 40);
    expect(faults(await verifyBundle(folder))).toContain('added since signing: "extra.bin"');
  });

  it('more files than any bundle has are not all read', async () => {
    const folder = await copy();
    for (let number = 0; number <= MOST_ENTRIES; number += 1) writeFileSync(join(folder, `${number}`), '');
    expect(faults(await verifyBundle(folder))).toContain(`holds more than ${MOST_ENTRIES} files`);
  });

  it('ends when the answer is no longer wanted', async () => {
    await expect(verifyBundle(await copy(), { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});
