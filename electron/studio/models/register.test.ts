/** @file A model that cannot be used is refused in one sentence when it is added, and nothing of it stays. */
import { cp, mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../formats/safetensors.ts';
import { openStore, type Store } from '../../store/connection/open.ts';
import type { StudioCore } from '../context.ts';
import { registerModel, registerStarterModels } from './register.ts';

const MODEL = fileURLToPath(new URL('../../engine/fixtures/qwen2vl-tiny/model/', import.meta.url));
const WEIGHTS = 'model.safetensors';

let store: Store;
let dir: string;
beforeAll(async () => {
  store = await openStore(await mkdtemp(join(tmpdir(), 'atelier-register-')));
});
afterAll(async () => {
  await store.close();
});
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'atelier-register-')), 'mé 模型');
  await cp(MODEL, dir, { recursive: true });
});

/** Overwrites a value in the middle of a tensor. */
async function spoil(name: string, value: number): Promise<void> {
  const path = join(dir, WEIGHTS);
  const bytes = await readFile(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  bytes.writeFloatLE(value, 8 + length + header[name]!.data_offsets[0] + 40);
  await writeFile(path, bytes);
}

async function writeHeaderLength(length: bigint): Promise<void> {
  const handle = await open(join(dir, WEIGHTS), 'r+');
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(length);
  await handle.write(prefix, 0, 8, 0);
  await handle.close();
}

describe('registerModel', () => {
  it('takes a folder with any name', async () => {
    expect(await registerModel({ store }, { path: dir })).toMatchObject({ path: dir, parameters: 182_656 });
    await (await openSafetensors(join(dir, WEIGHTS))).close();
  });

  it.each(['qwen2-5-vl', 'qwen3-vl', 'qwen3-5'])('takes a model of another family: %s', async (family) => {
    const path = fileURLToPath(new URL(`../../engine/fixtures/families/${family}/model`, import.meta.url));
    const model = await registerModel({ store }, { path });
    expect(model.path).toBe(path);
    expect(model.parameters).toBeGreaterThan(100_000);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'weights that end too early',
      async () => truncate(join(dir, WEIGHTS), (await stat(join(dir, WEIGHTS))).size - 100),
      /model\.safetensors/,
    ],
    ['a header of 2^60 bytes', () => writeHeaderLength(2n ** 60n), /header would be 1152921504606846976 bytes/],
    [
      'no token that ends an answer',
      async () => {
        await rm(join(dir, 'generation_config.json'), { force: true });
        const config = JSON.parse(await readFile(join(dir, 'config.json'), 'utf8')) as { text_config?: object };
        const without = { ...config, eos_token_id: undefined };
        const text = { ...config.text_config, eos_token_id: undefined };
        await writeFile(join(dir, 'config.json'), JSON.stringify({ ...without, text_config: text }));
      },
      /config\.json: "eos_token_id" is missing, and there is no generation_config\.json/,
    ],
    ['no tokenizer', () => rm(join(dir, 'tokenizer.json')), /tokenizer\.json does not exist/],
    [
      'a template that fails',
      () => writeFile(join(dir, 'chat_template.jinja'), "{{ raise_exception('not today') }}"),
      /not today/,
    ],
    [
      'a pickle only',
      async () => {
        await rm(join(dir, WEIGHTS));
        await writeFile(join(dir, 'pytorch_model.bin'), 'x');
      },
      /pytorch_model\.bin, a Python pickle/,
    ],
    [
      'NaN in its weights',
      () => spoil('model.layers.1.mlp.up_proj.weight', NaN),
      /tensor "model\.layers\.1\.mlp\.up_proj\.weight".*not a finite number/,
    ],
    ['infinite weights', () => spoil('model.norm.weight', -Infinity), /tensor "model\.norm\.weight"/],
  ])('refuses %s, and keeps nothing', async (_, damage, message) => {
    await damage();
    const before = await store.models.list();
    await expect(registerModel({ store }, { path: dir })).rejects.toThrow(message);
    expect(await store.models.list()).toEqual(before);
  });
});

describe('the starter models', () => {
  it('are registered as far as they are there, nano first', async () => {
    const resourcesDir = await mkdtemp(join(tmpdir(), 'atelier-register-'));
    const warnings: unknown[] = [];
    const log = { logger: { warn: (...line: unknown[]) => warnings.push(line) } } as unknown as StudioCore['log'];
    const place = (name: string): string => join(resourcesDir, 'models', name);
    await cp(MODEL, place('nano'), { recursive: true });
    await mkdir(place('apprentice'), { recursive: true });
    const starters = async (): Promise<string[]> => {
      await registerStarterModels({ resourcesDir, store, log });
      return (await store.models.list()).flatMap(({ starter, path }) => (starter ? [path] : []));
    };
    expect(await starters()).toEqual([place('nano')]);
    await cp(MODEL, place('apprentice'), { recursive: true });
    expect(await starters()).toEqual([place('nano'), place('apprentice')]);
    expect(warnings).toEqual([]);
  });
});
