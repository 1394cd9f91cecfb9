/** @file A backup holds everything that a data folder keeps; restoring brings all of it back, or changes nothing. */
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderSha256 } from '../../formats/folder-digest.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import { fileKeyVault } from '../exports/build/signing-key.ts';
import type { BackupReport } from '../../contract/model/backup.ts';
import { temporaryFolder } from '../fixtures/test-studio.ts';
import { writeSmallStore, RESOURCES } from '../fixtures/small-store.ts';
import { checkBackup, restoreBackup, type RestoreReport } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

let folder: string;
let home: string;
let file: string;

beforeEach(async () => {
  folder = temporaryFolder();
  home = join(folder, 'home');
  file = join(folder, 'backup.zip');
  await writeSmallStore(home);
  writeFileSync(join(home, 'preferences.json'), '{"memoryLimitBytes":8000000000}\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function withStore<Result>(at: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(at);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function backUp(name = 'backup.zip', signingKey = false): Promise<BackupReport> {
  const path = join(folder, name);
  return await withStore(home, (store) =>
    writeBackup({ home, store, resourcesDir: RESOURCES, version: '0.1.0' }, { path, signingKey }),
  );
}

async function restore(name: string, to: string, replace = false): Promise<RestoreReport> {
  return await restoreBackup(join(folder, name), { home: to, resourcesDir: RESOURCES, replace });
}

/** What a person would miss: datasets, runs with their checkpoints and completions, evaluations, images, the log. */
async function everything(at: string): Promise<unknown> {
  return await withStore(at, async (store) => {
    const [dataset] = await store.datasets.list();
    const [run] = await store.runs.list();
    const [checkpoint] = await store.runs.checkpoints(run!.id);
    return {
      samples: await store.datasets.allSamples(dataset!.id),
      run,
      completions: await store.runs.completions(run!.id, 1),
      checkpoint: { sha256: checkpoint!.sha256, files: await folderSha256(checkpoint!.path) },
      below: checkpoint!.path.startsWith(at),
      evaluations: await store.evaluations.list({}),
      images: await Promise.all((await store.blobs.list()).map((sha256) => store.blobs.verify(sha256))),
      audit: (await store.audit.all()).filter(({ action }) => action !== 'store.restored'),
      auditIntact: (await store.audit.verify()).intact,
    };
  });
}

describe('a backup', () => {
  it('brings everything back in another place, with an intact audit log that says so', async () => {
    const before = await everything(home);
    expect(await backUp()).toMatchObject({ path: file, problems: [], signingKey: false, modelsElsewhere: [{}] });
    expect(statSync(file).mode & 0o777).toBe(0o600);

    rmSync(home, { recursive: true });
    const other = join(folder, 'deep', 'restored');
    expect(await restore('backup.zip', other)).toMatchObject({ home: other, previous: null });
    expect(await everything(other)).toEqual(before);
    expect(await withStore(other, (store) => store.audit.page({ offset: 0, limit: 1 }))).toMatchObject({
      entries: [{ action: 'store.restored' }],
    });
    expect(readFileSync(join(other, 'preferences.json'), 'utf8')).toContain('8000000000');
    expect(statSync(other).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(other))).toEqual(['restored']);
  });

  it('holds the signing key only on request', async () => {
    const key = await fileKeyVault(home).create('a private key');
    expect(await backUp('plain.zip')).toMatchObject({ signingKey: false });
    expect(await backUp('backup.zip', true)).toMatchObject({ signingKey: true });
    for (const [name, found] of [
      ['plain.zip', null],
      ['backup.zip', key],
    ] as const) {
      const other = join(folder, `restored-${name}`);
      await restore(name, other);
      expect(await fileKeyVault(other).read()).toBe(found);
      await fileKeyVault(other).assertPrivate?.();
    }
  });

  it('can be made while others write, and holds one moment', async () => {
    const store = await openStore(home);
    const writer = await openStore(home);
    let writing = true;
    const writes = (async () => {
      for (let count = 0; writing; count += 1)
        await writer.transaction(() => writer.audit.append('test.counted', { count }));
    })();
    try {
      await writeBackup({ home, store, resourcesDir: RESOURCES, version: '0.1.0' }, { path: file, signingKey: false });
    } finally {
      writing = false;
      await writes;
      await writer.close();
      await store.close();
    }
    const other = join(folder, 'restored');
    await restore('backup.zip', other);
    expect(await withStore(other, (restored) => restored.audit.verify())).toMatchObject({ intact: true });
  });

  it('names what is damaged or missing, and holds everything else', async () => {
    const [damaged, missing] = await withStore(home, async (store) =>
      (await store.blobs.list()).map((sha256) => store.blobs.pathOf(sha256)),
    );
    const checkpoint = await withStore(home, async (store) => {
      const [run] = await store.runs.list();
      return (await store.runs.checkpoints(run!.id))[0]!.path;
    });
    appendFileSync(damaged!, '!');
    appendFileSync(join(checkpoint, 'adapter_model.safetensors'), '!');
    rmSync(missing!);
    expect((await backUp()).problems).toEqual([
      { path: damaged, reason: expect.stringContaining('is damaged') as string },
      { path: missing, reason: expect.stringContaining('is missing') as string },
      { path: checkpoint, reason: expect.stringContaining('not the one that the run wrote') as string },
    ]);
    const other = join(folder, 'restored');
    expect((await restore('backup.zip', other)).manifest.problems[0]).toMatchObject({ path: damaged });
    expect(await withStore(other, (store) => store.blobs.list())).toHaveLength(4);
  });

  it('never overwrites a file', async () => {
    writeFileSync(file, 'a letter');
    await expect(backUp()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(readFileSync(file, 'utf8')).toBe('a letter');
  });
});

describe('a restore', () => {
  beforeEach(async () => {
    await backUp();
  });

  it('refuses a data folder that is not empty, unless told; then it keeps what was there', async () => {
    await expect(restore('backup.zip', home)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('is not empty') as string,
    });
    await withStore(home, (store) => store.transaction(() => store.audit.append('test.later', {})));
    const { previous } = await restore('backup.zip', home, true);
    const actions = (at: string): Promise<string[]> =>
      withStore(at, async (store) => (await store.audit.all()).map(({ action }) => action));
    expect(await actions(previous!)).toContain('test.later');
    expect(await actions(home)).not.toContain('test.later');
  });

  it('does not pull a data folder away from under an open Atelier', async () => {
    const open = await openStore(home);
    await expect(restore('backup.zip', home, true)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('has the data folder') as string,
    });
    await open.close();
    expect(await restore('backup.zip', home, true)).toMatchObject({ home });
  });

  it('replaces a store that is damaged', async () => {
    writeFileSync(join(home, 'atelier.sqlite'), 'This is a letter, not a database. '.repeat(100));
    for (const suffix of ['-wal', '-shm']) rmSync(join(home, `atelier.sqlite${suffix}`), { force: true });
    await restore('backup.zip', home, true);
    expect(await everything(home)).toMatchObject({ auditIntact: true });
  });

  it('finds a flipped bit anywhere in the file, and changes nothing then', async () => {
    const whole = readFileSync(file);
    const other = join(folder, 'restored');
    let found = 0;
    for (let at = 40; at < whole.length; at += Math.floor(whole.length / 24)) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      writeFileSync(file, bytes);
      const failure = await checkBackup(file).then(
        () => null,
        (error: unknown) => error,
      );
      if (failure === null) continue;
      found += 1;
      expect(failure).toMatchObject({ message: expect.stringMatching(/is damaged|is not a backup/) as string });
      await expect(restore('backup.zip', other)).rejects.toEqual(failure);
      expect(readdirSync(folder).filter((name) => name.startsWith('restored'))).toEqual([]);
    }
    // A bit of a timestamp in the archive's own headers changes nothing that is restored.
    expect(found).toBeGreaterThan(16);
  });

  it('refuses a file that is not a backup, is cut, or is missing', async () => {
    const other = join(folder, 'restored');
    writeFileSync(join(folder, 'letter.zip'), 'Dear Ada');
    await expect(restore('letter.zip', other)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    writeFileSync(join(folder, 'cut.zip'), readFileSync(file).subarray(0, -200));
    await expect(restore('cut.zip', other)).rejects.toMatchObject({
      code: 'VERIFICATION_FAILED',
      message: expect.stringContaining('its end is missing') as string,
    });
    await expect(restore('none.zip', other)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(existsSync(other)).toBe(false);
  });
});
