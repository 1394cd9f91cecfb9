/** @file Models to start with: sized up once per machine, and found in the hub's cache, in which files are links. */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KNOWN_MODELS } from '../../method/known-models.ts';
import { localPictures } from '../../pictures/work.ts';
import { clientOf, fakeEngine, temporaryFolder } from '../fixtures/test-studio.ts';
import { openStudio, type Studio } from '../studio.ts';

const MODEL = fileURLToPath(new URL('../../engine/fixtures/qwen2vl-tiny/model', import.meta.url));

let folder: string;
let home: string;
let studio: Studio;
let engines = 0;
beforeEach(async () => {
  folder = temporaryFolder();
  home = join(folder, 'home');
  engines = 0;
  studio = await openStudio({
    home,
    resourcesDir: join(home, 'no-resources'),
    version: '0.0.0-test',
    spawnEngine: (...options) => {
      engines += 1;
      return fakeEngine(...options);
    },
    pictures: localPictures,
    setUp: { root: join(home, 'no-clone'), program: process.execPath },
    hub: { env: { HF_HOME: join(folder, 'hf') } },
  });
});
afterEach(() => studio.close({ waitMs: 0 }));

async function suggested() {
  const all = [];
  for await (const model of await clientOf(studio).models.suggest()) all.push(model);
  return all;
}

describe('suggestions', () => {
  it('name every known model with licence, download and plan, and size each up once', async () => {
    const first = await suggested();
    expect(first.map(({ name }) => name)).toEqual(KNOWN_MODELS.map(({ name }) => name));
    expect(first.find(({ name }) => name.includes('Qwen2.5-VL-3B'))?.licence).toBe('LicenseRef-Qwen-Research');
    expect(first.find(({ name }) => name.includes('500M'))?.plan).toBeNull();
    expect(first[0]).toMatchObject({ plan: { fits: false }, downloadBytes: 2 * first[0]!.parameters, modelId: null });
    expect(engines).toBe(1);
    expect(await suggested()).toEqual(first);
    expect(engines).toBe(1);
    // Another limit of memory is another question, and what was found can be deleted at any time.
    await clientOf(studio).system.setPreferences({ memoryLimitBytes: 4e9 });
    expect(await suggested()).toHaveLength(first.length);
    expect(engines).toBe(2);
  });
});

describe("the hub's cache", () => {
  /** As huggingface_hub lays it out: `snapshots/REV/*` are links to `blobs/`. */
  function cache(repository: string, revision: string): string {
    const root = join(folder, 'hf', 'hub', repository);
    const snapshot = join(root, 'snapshots', revision);
    const blobs = join(root, 'blobs');
    mkdirSync(snapshot, { recursive: true });
    cpSync(MODEL, blobs, { recursive: true });
    for (const name of readdirSync(blobs)) symlinkSync(join('..', '..', 'blobs', name), join(snapshot, name));
    return snapshot;
  }

  it('is empty where there is none', async () => {
    expect(await clientOf(studio).models.cached()).toEqual([]);
  });

  it('offers what Atelier can use, and knows what was added', async () => {
    const path = cache('models--me--tiny', 'c0ffee');
    const other = cache('models--you--llava', 'f00d');
    renameSync(join(other, '..', '..', 'blobs', 'config.json'), join(other, '..', '..', 'blobs', 'old.json'));
    writeFileSync(join(other, '..', '..', 'blobs', 'config.json'), '{"model_type":"llava"}');
    cache('datasets--me--data', 'f00d');
    mkdirSync(join(folder, 'hf', 'hub', 'models--half--done', 'snapshots', 'f00d'), { recursive: true });
    const { models } = clientOf(studio);
    expect(await models.cached()).toEqual([
      { name: 'me/tiny', revision: 'c0ffee', path, family: 'qwen2_vl', modelId: null },
    ]);
    const { id } = await models.register({ path });
    expect((await models.cached())[0]?.modelId).toBe(id);
    expect(existsSync(path)).toBe(true);
  });
});
