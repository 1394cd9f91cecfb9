import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPreferences, writePreferences } from './preferences.ts';
import { cleanStorage, storageReport } from './storage.ts';

function homeWith(files: Record<string, number>): string {
  const home = mkdtempSync(join(tmpdir(), 'atelier-storage-'));
  for (const [name, sizeBytes] of Object.entries(files)) {
    mkdirSync(join(home, name, '..'), { recursive: true });
    writeFileSync(join(home, name), Buffer.alloc(sizeBytes));
  }
  return home;
}

const files = {
  'blobs/ab/cd': 100,
  'cache/thumbnails/160/aa/x.webp': 30,
  'runs/run-1/checkpoints/1/adapter': 500,
  'models/models--a--b/partial/model.safetensors.part': 40,
  'atelier.sqlite': 1000,
  'atelier.sqlite-wal': 24,
  'logs/studio.log': 7,
  'keys/signing.pem': 3,
};

describe('the storage of a data folder', () => {
  it('adds up what is there, each file under one name', async () => {
    const { parts, totalBytes } = await storageReport(homeWith(files));
    const sizes = Object.fromEntries(parts.map(({ kind, sizeBytes }) => [kind, sizeBytes]));
    expect(sizes).toEqual({ images: 100, thumbnails: 30, runs: 500, models: 40, database: 1024, logs: 7, other: 3 });
    expect(totalBytes).toBe(1704);
    expect(parts.filter((part) => part.cleanable).map(({ kind }) => kind)).toEqual(['thumbnails', 'logs']);
  });

  it('frees what can be made again and touches nothing else', async () => {
    const home = homeWith(files);
    const { freedBytes, storage } = await cleanStorage(home, 'thumbnails');
    expect(freedBytes).toBe(30);
    expect(storage.totalBytes).toBe(1674);
    for (const name of ['blobs/ab/cd', 'runs/run-1/checkpoints/1/adapter', 'keys/signing.pem', 'logs/studio.log']) {
      expect(existsSync(join(home, name)), name).toBe(true);
    }
  });

  it('does not follow links out of the folder', async () => {
    const home = homeWith({ 'logs/a': 5 });
    const elsewhere = homeWith({ 'precious/picture': 900 });
    symlinkSync(elsewhere, join(home, 'cache'));
    expect((await storageReport(home)).totalBytes).toBe(5);
    await cleanStorage(home, 'logs');
    expect(existsSync(join(elsewhere, 'precious/picture'))).toBe(true);
  });
});

describe('preferences', () => {
  const defaults = {
    memoryLimitBytes: null,
    modelDownloads: true,
    clusterJobs: false,
    gpu: 'automatic',
    hubEndpoint: null,
  };

  it('are kept in the data folder, and are the defaults where the file is not readable', async () => {
    const home = homeWith({});
    expect(await readPreferences(home)).toEqual(defaults);
    await writePreferences(home, { memoryLimitBytes: 4e9 });
    expect(await readPreferences(home)).toEqual({ ...defaults, memoryLimitBytes: 4e9 });
    await writePreferences(home, {});
    expect(await readPreferences(home)).toEqual({ ...defaults, memoryLimitBytes: 4e9 });
    writeFileSync(join(home, 'preferences.json'), '{"memoryLimitBytes":"much"}');
    // Downloads may have been off in what was lost.
    expect(await readPreferences(home)).toEqual({ ...defaults, modelDownloads: false });
  });

  it('take only an address of a hub that is safe to ask', async () => {
    const home = homeWith({});
    for (const hubEndpoint of [
      'hub',
      'http://example.org',
      'https://a:b@example.org',
      'file:///etc',
      'https://x.org/?a=1',
    ]) {
      await expect(writePreferences(home, { hubEndpoint })).rejects.toMatchObject({ place: { field: 'hubEndpoint' } });
    }
    await writePreferences(home, { hubEndpoint: 'http://127.0.0.1:8080' });
    await writePreferences(home, { hubEndpoint: 'https://hub.example.org/models/' });
    expect((await readPreferences(home)).hubEndpoint).toBe('https://hub.example.org/models/');
  });

  it('that cannot be written say which file', async () => {
    const home = homeWith({});
    mkdirSync(join(home, 'preferences.json'));
    await expect(writePreferences(home, { memoryLimitBytes: 4e9 })).rejects.toThrow(/preferences\.json/);
  });
});
