/** @file A bundle of each family: PEFT's keys and class, the run's limit, and a card for the model's own processor. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCheckpointSettings } from '../../../formats/checkpoint.ts';
import { readPixelLimits } from '../../../formats/pixel-limits.ts';
import { openSafetensors } from '../../../formats/safetensors.ts';
import { openStore, type Store } from '../../../store/connection/open.ts';
import { pixelLimitsOf } from '../../models/detail.ts';
import { FAMILIES, makeSmallRun } from '../fixtures/small-run.ts';
import { verifyBundle } from '../verify/verify.ts';
import { createExport } from './create-export.ts';
import { previewExport } from './preview.ts';

let home: string;
let store: Store;
const noEngine = {
  version: '0.0.0-test',
  openEngine: (): never => {
    throw new Error('An adapter leaves without an engine.');
  },
};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'atelier-families-'));
  store = await openStore(home);
});
afterAll(async () => {
  await store.close();
  await rm(home, { recursive: true, force: true });
});

type Json = Record<string, unknown>;

it.each([
  ['qwen2-5-vl', 'Qwen2_5_VLForConditionalGeneration', 12_544, 'image_grid_thw'],
  ['qwen3-vl', 'Qwen3VLForConditionalGeneration', 16_384, 'image_grid_thw'],
  ['qwen3-5', 'Qwen3_5ForConditionalGeneration', 16_384, 'image_grid_thw'],
  ['smolvlm', 'SmolVLMForConditionalGeneration', 5 * 48 ** 2, 'get_image_prompt_string'],
  ['idefics3', 'Idefics3ForConditionalGeneration', 48 ** 2, 'get_image_prompt_string'],
] as const)('%s leaves as an adapter that PEFT finds', async (family, architecture, maxPixels, processing) => {
  const runId = await makeSmallRun(store, home, { family, maxPixels, name: family });
  const { path } = await createExport(store, { runId, destination: join(home, family) }, noEngine);

  const config = JSON.parse(await readFile(join(path, 'adapter_config.json'), 'utf8')) as Json;
  expect(config['auto_mapping']).toMatchObject({ base_model_class: architecture });
  expect(config['task_type']).toBeNull();
  const [ours, theirs] = await Promise.all(
    [path, join(FAMILIES, family, 'lora')].map((folder) => openSafetensors(join(folder, 'adapter_model.safetensors'))),
  );
  expect(ours?.names()).toEqual(theirs?.names());
  await Promise.all([ours?.close(), theirs?.close()]);

  const limits = pixelLimitsOf(await readCheckpointSettings(join(FAMILIES, family, 'model')));
  expect(await readPixelLimits(path, limits)).toEqual({ maxPixels });
  const card = await readFile(join(path, 'README.md'), 'utf8');
  expect(card).toContain(`${architecture}.from_pretrained(BASE)`);
  expect(card).toContain(processing);
  expect((await verifyBundle(path)).checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
});

it.each(['gguf', 'mlx'] as const)(
  'Qwen3.5 is not written as %s: nothing is left, and the preview says so first',
  async (form) => {
    const runId = await makeSmallRun(store, home, { family: 'qwen3-5', maxPixels: 16_384, name: form });
    const destination = join(home, `qwen3-5-${form}`);
    const refused = { code: 'BAD_INPUT', place: { field: 'form' } };
    await expect(previewExport(store, { runId, form }, noEngine)).rejects.toMatchObject(refused);
    await expect(createExport(store, { runId, form, destination }, noEngine)).rejects.toMatchObject(refused);
    await expect(stat(destination)).rejects.toMatchObject({ code: 'ENOENT' });
  },
);
