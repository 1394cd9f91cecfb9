/** @file PEFT adapters: the reference's own, round trips, and adapters that would silently load only in part. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { fitAdapter, loraScaling, readAdapter, writeAdapter } from './peft.ts';
import { parseModelConfig } from './model-config.ts';
import { openSafetensors, writeSafetensors, type TensorEntry } from './safetensors.ts';
import { expectedTensors } from './tensor-names.ts';

type Json = Record<string, unknown>;
const LORA = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/lora/', import.meta.url));

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'atelier-adapter-'));
});

async function writeConfig(change: Json): Promise<void> {
  const config = JSON.parse(await readFile(join(LORA, 'adapter_config.json'), 'utf8')) as Json;
  await writeFile(join(dir, 'adapter_config.json'), JSON.stringify({ ...config, ...change }));
}

/** The reference adapter with other key names; null leaves a tensor out. */
async function writeRenamed(rename: (key: string) => string | null): Promise<void> {
  const reader = await openSafetensors(join(LORA, 'adapter_model.safetensors'));
  const entries: TensorEntry[] = [];
  for (const key of reader.names()) {
    const name = rename(key);
    if (name !== null)
      entries.push({ name, dtype: 'F32', shape: reader.info(key).shape, data: await reader.readFloat32(key) });
  }
  await reader.close();
  await writeSafetensors(join(dir, 'adapter_model.safetensors'), entries);
}

describe('readAdapter', () => {
  it('reads what PEFT wrote', async () => {
    const adapter = await readAdapter(LORA);
    expect(adapter).toMatchObject({
      r: 4,
      loraAlpha: 8,
      useRslora: false,
      targetModules: ['q_proj', 'v_proj'],
      baseModelNameOrPath: 'qwen2vl-tiny',
    });
    expect([...adapter.weights.keys()]).toEqual(
      [0, 1].flatMap((layer) => ['q_proj', 'v_proj'].map((name) => `model.layers.${layer}.self_attn.${name}`)),
    );
    const value = adapter.weights.get('model.layers.0.self_attn.v_proj')!;
    expect([value.inFeatures, value.outFeatures, value.a.length, value.b.length]).toEqual([64, 32, 256, 128]);
    const reader = await openSafetensors(join(LORA, 'adapter_model.safetensors'));
    expect(value.b).toEqual(
      await reader.readFloat32('base_model.model.model.language_model.layers.0.self_attn.v_proj.lora_B.weight'),
    );
    await reader.close();
    expect(loraScaling(adapter)).toBe(2);
    expect(loraScaling({ ...adapter, useRslora: true })).toBe(4);
  });

  it('reads keys without language_model as the same layers', async () => {
    await writeConfig({});
    await writeRenamed((key) => key.replace('.language_model.', '.'));
    expect((await readAdapter(dir)).weights).toEqual((await readAdapter(LORA)).weights);
  });

  it.each<[string, Json, string]>([
    ['another kind of adapter', { peft_type: 'IA3' }, 'peft_type'],
    ['DoRA', { use_dora: true }, 'use_dora'],
    ['a rank by layer that is not a number', { rank_pattern: { q_proj: 'many' } }, 'rank_pattern.q_proj'],
    ['a pattern that is none', { rank_pattern: { '(': 4 } }, 'rank_pattern'],
    ['whole modules saved beside', { modules_to_save: ['lm_head'] }, 'modules_to_save'],
    ['a start that changed the base (PiSSA)', { init_lora_weights: 'pissa_niter_4' }, 'init_lora_weights'],
    ['a start that changed the base (OLoRA)', { init_lora_weights: 'olora' }, 'init_lora_weights'],
    ['a start that changed the base (CorDA)', { init_lora_weights: 'corda' }, 'init_lora_weights'],
    ['a start that changed the base (LoftQ)', { init_lora_weights: 'loftq' }, 'init_lora_weights'],
    ['a start that nobody knows', { init_lora_weights: 'new' }, 'init_lora_weights'],
    ['trained biases', { bias: 'all' }, 'bias'],
    ['a rank that is not a number', { r: 'four' }, 'r'],
    ['no targets', { target_modules: null }, 'target_modules'],
  ])('refuses %s', async (_, change, field) => {
    await writeConfig(change);
    await writeRenamed((key) => key);
    await expect(readAdapter(dir)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      place: { file: join(dir, 'adapter_config.json'), field },
    });
  });

  it.each([true, false, 'gaussian', 'orthogonal', 'eva', 'EVA'])(
    'reads an adapter whose start (%s) left the base as it was',
    async (init) => {
      await writeConfig({ init_lora_weights: init });
      await writeRenamed((key) => key);
      expect((await readAdapter(dir)).weights).toEqual((await readAdapter(LORA)).weights);
    },
  );

  const FIRST_A = 'base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight';
  it.each<[string, (key: string) => string | null, RegExp]>([
    [
      'an unknown key',
      (key) => (key === FIRST_A ? 'base_model.model.extra.weight' : key),
      /"base_model\.model\.extra\.weight" is not part/,
    ],
    [
      'a DoRA vector',
      (key) => (key === FIRST_A ? key.replace('lora_A.weight', 'lora_magnitude_vector') : key),
      /not part of a LoRA/,
    ],
    ['half a pair', (key) => (key === FIRST_A ? null : key), /lora_B\.weight" has no matching lora_A/],
    [
      'trained embeddings',
      (key) => (key === FIRST_A ? 'base_model.model.model.language_model.embed_tokens.lora_embedding_A' : key),
      /changes embed_tokens, and/,
    ],
    [
      'a saved output layer',
      (key) => (key === FIRST_A ? 'base_model.model.lm_head.weight' : key),
      /changes lm_head, and/,
    ],
    ['nothing at all', () => null, /contains no tensors/],
  ])('refuses %s', async (_, rename, message) => {
    await writeConfig({});
    await writeRenamed(rename);
    await expect(readAdapter(dir)).rejects.toThrow(message);
  });

  it('refuses weights of another rank than the config says', async () => {
    await writeConfig({ r: 8 });
    await writeRenamed((key) => key);
    await expect(readAdapter(dir)).rejects.toThrow(/has rank 4 where adapter_config\.json says 8/);
  });

  it('does not open a pickle', async () => {
    await writeConfig({});
    await writeFile(join(dir, 'adapter_model.bin'), 'x');
    await expect(readAdapter(dir)).rejects.toThrow(/pickle/);
  });
});

describe('fitAdapter', () => {
  const shapesWith = async (change: Json = {}): Promise<Map<string, number[]>> => {
    const json = JSON.parse(await readFile(join(LORA, '../model/config.json'), 'utf8')) as Json & { text_config: Json };
    return expectedTensors(parseModelConfig({ ...json, text_config: { ...json.text_config, ...change } }, {}));
  };

  it('takes the adapter of a model whole, and names the first layer that the model does not have', async () => {
    const adapter = await readAdapter(LORA);
    expect(fitAdapter(adapter, await shapesWith(), LORA)).toEqual(adapter);
    const [fewer, wider] = [await shapesWith({ num_hidden_layers: 1 }), await shapesWith({ num_key_value_heads: 4 })];
    expect(() => fitAdapter(adapter, fewer, LORA)).toThrow(/"model\.layers\.1\.self_attn\.q_proj".*does not have/);
    expect(() => fitAdapter(adapter, wider, LORA)).toThrow(/v_proj" as \[32, 64\], which is \[64, 64\] in the model/);
  });

  it('refuses an adapter that covers more layers than its file holds, and counts what it does not list', async () => {
    const adapter = { ...(await readAdapter(LORA)), targetModules: 'all-linear' };
    const shapes = await shapesWith();
    expect(() => fitAdapter(adapter, shapes, LORA)).toThrow(
      /lacks tensors of layers.*blocks\.0\.attn\.qkv\.lora_A\.weight.* and \d+ more\.$/,
    );
    expect(fitAdapter(adapter, shapes, LORA, true).weights).toEqual(adapter.weights);
  });

  it('ends the match of an expression that would run for ever', async () => {
    const adapter = { ...(await readAdapter(LORA)), targetModules: '(([a-z._0-9]+)+)+!' };
    const shapes = await shapesWith();
    expect(() => fitAdapter(adapter, shapes, LORA)).toThrow(
      /"target_modules" holds the regular expression.*takes too long/,
    );
  });
});

describe('writeAdapter', () => {
  it('writes the keys, shapes and values that PEFT wrote', async () => {
    const original = await readAdapter(LORA);
    await writeAdapter(dir, { ...original, baseModelNameOrPath: 'qwen2vl-tiny', metadata: { note: 'made here' } });
    const [ours, theirs] = await Promise.all(
      [dir, LORA].map((folder) => openSafetensors(join(folder, 'adapter_model.safetensors'))),
    );
    expect(ours!.names()).toEqual(theirs!.names());
    for (const name of theirs!.names()) {
      expect(ours!.info(name)).toEqual(theirs!.info(name));
      expect(await ours!.readFloat32(name)).toEqual(await theirs!.readFloat32(name));
    }
    expect(ours!.metadata).toEqual({ format: 'pt', note: 'made here' });
    await Promise.all([ours!.close(), theirs!.close()]);
  });

  it('writes a config that says what PEFT said', async () => {
    const original = await readAdapter(LORA);
    await writeAdapter(dir, { ...original, baseModelNameOrPath: 'qwen2vl-tiny', metadata: {} });
    const ours = JSON.parse(await readFile(join(dir, 'adapter_config.json'), 'utf8')) as Json;
    const theirs = JSON.parse(await readFile(join(LORA, 'adapter_config.json'), 'utf8')) as Json;
    expect(theirs).toMatchObject(ours);
    expect(Object.keys(ours)).toEqual(
      expect.arrayContaining([
        'peft_type',
        'r',
        'lora_alpha',
        'target_modules',
        'task_type',
        'base_model_name_or_path',
        'bias',
        'lora_dropout',
        'use_rslora',
        'peft_version',
      ]),
    );
  });

  it('brings a vision adapter in bfloat16 back under its published name', async () => {
    const weights = new Map([
      ['visual.blocks.1.attn.qkv', { a: Float32Array.of(1, 2, 3, 4), b: Float32Array.of(0.5, -1, 2, 8, 16, 32) }],
    ]);
    await writeAdapter(dir, {
      r: 2,
      loraAlpha: 3,
      useRslora: true,
      targetModules: '.*visual.*qkv',
      baseModelNameOrPath: 'x',
      naming: { family: 'qwen2_vl' },
      weights,
      dtype: 'BF16',
    });
    const back = await readAdapter(dir);
    expect(back).toMatchObject({ r: 2, loraAlpha: 3, useRslora: true, targetModules: '.*visual.*qkv' });
    expect(back.weights.get('visual.blocks.1.attn.qkv')).toEqual({
      ...weights.get('visual.blocks.1.attn.qkv'),
      inFeatures: 2,
      outFeatures: 3,
      r: 2,
      scaling: 3 / Math.SQRT2,
    });
  });

  it('refuses matrices that do not have the rank', async () => {
    const weights = new Map([['model.layers.0.mlp.up_proj', { a: new Float32Array(5), b: new Float32Array(4) }]]);
    await expect(
      writeAdapter(dir, {
        r: 2,
        loraAlpha: 2,
        targetModules: ['up_proj'],
        baseModelNameOrPath: 'x',
        naming: { family: 'qwen2_vl' },
        weights,
      }),
    ).rejects.toThrow(/rank 2/);
  });
});
