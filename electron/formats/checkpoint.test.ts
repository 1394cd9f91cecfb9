/** @file Checkpoint folders: both layouts of config.json, names, hashes, and refused inputs. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  baseModelLocation,
  expectedTensors,
  hashCheckpoint,
  hubName,
  moduleName,
  readCheckpoint,
} from './checkpoint.ts';
import { parseModelConfig } from './model-config.ts';
import { openSafetensors, writeSafetensors, type TensorEntry } from './safetensors.ts';

type Json = Record<string, unknown>;
const QWEN = { family: 'qwen2_vl' } as const;
const MODEL = fileURLToPath(new URL('../engine/fixtures/qwen2vl-tiny/model/', import.meta.url));
const STATE = JSON.parse(readFileSync(join(MODEL, '../golden/state_keys.json'), 'utf8')) as Record<
  string,
  { shape: number[] }
>;
const readJson = (name: string): Json => JSON.parse(readFileSync(join(MODEL, name), 'utf8')) as Json;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'atelier-checkpoint-'));
  await cp(MODEL, dir, { recursive: true });
});

/** Rewrites the fixture's weights, applying `change` to every tensor. */
async function rewriteWeights(change: (entry: TensorEntry) => TensorEntry | null): Promise<void> {
  const reader = await openSafetensors(join(MODEL, 'model.safetensors'));
  const entries: TensorEntry[] = [];
  for (const name of reader.names()) {
    const changed = change({
      name,
      dtype: 'F32',
      shape: reader.info(name).shape,
      data: await reader.readFloat32(name),
    });
    if (changed !== null) entries.push(changed);
  }
  await reader.close();
  await writeSafetensors(join(dir, 'model.safetensors'), entries);
}

describe('parseModelConfig', () => {
  const place = { file: 'config.json' };

  it('reads the same model from both layouts', () => {
    const nested = parseModelConfig(readJson('config.json'), place);
    const flat = parseModelConfig(readJson('config.flat.json'), place);
    // The fixture's flat file names no padding token; nothing else differs.
    expect({ ...flat, padTokenId: nested.padTokenId }).toEqual(nested);
    expect(nested).toMatchObject({
      hiddenSize: 64,
      intermediateSize: 128,
      numLayers: 2,
      numHeads: 4,
      numKeyValueHeads: 2,
      headDim: 16,
      vocabSize: 320,
      rmsNormEps: 1e-6,
      ropeTheta: 1e6,
      mropeSection: [2, 3, 3],
      tieWordEmbeddings: true,
      imageTokenId: 318,
      eosTokenIds: [308],
      vision: {
        embedDim: 32,
        depth: 2,
        numHeads: 2,
        headDim: 16,
        intermediateSize: 128,
        patchSize: 14,
        hiddenSize: 64,
      },
    });
  });

  it('fills in what the class fills in', () => {
    const { rms_norm_eps: _eps, rope_theta: _theta, tie_word_embeddings: _tie, ...rest } = readJson('config.flat.json');
    const config = parseModelConfig(rest, place);
    expect([config.rmsNormEps, config.ropeTheta, config.tieWordEmbeddings]).toEqual([1e-5, 1e6, false]);
  });

  it.each<[string, Json, string]>([
    ['another architecture', { model_type: 'llava' }, 'model_type'],
    ['quantised weights', { quantization_config: { bits: 4 } }, 'quantization_config'],
    ['another activation', { hidden_act: 'gelu' }, 'hidden_act'],
    ['a sliding window', { use_sliding_window: true }, 'use_sliding_window'],
    ['a width that is a text', { hidden_size: '64' }, 'hidden_size'],
    ['heads that cannot be shared', { num_key_value_heads: 3 }, 'num_key_value_heads'],
    [
      'sections that do not fit the heads',
      { rope_scaling: { type: 'mrope', mrope_section: [2, 3, 4] } },
      'rope_scaling.mrope_section',
    ],
    ['stretched rotary positions', { rope_scaling: { type: 'yarn', mrope_section: [2, 3, 3] } }, 'rope_scaling.type'],
    ['an image token outside the vocabulary', { image_token_id: 320 }, 'image_token_id'],
    [
      'a vision tower of another width',
      { vision_config: { embed_dim: 32, num_heads: 2, hidden_size: 32 } },
      'vision_config.hidden_size',
    ],
    ['a vision configuration that is a list', { vision_config: [] }, 'vision_config'],
  ])('refuses %s and names the field', (_, change, field) => {
    const json = { ...readJson('config.flat.json'), ...change };
    expect(() => parseModelConfig(json, place)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', place: { file: 'config.json', field } }),
    );
  });
});

describe('expectedTensors', () => {
  it('is exactly what the reference saves', () => {
    const config = parseModelConfig(readJson('config.json'), {});
    const shapes = Object.fromEntries(Object.entries(STATE).map(([name, { shape }]) => [name, shape]));
    expect(Object.fromEntries(expectedTensors(config))).toEqual(shapes);
  });

  it('counts the published 2B model', () => {
    const json = {
      model_type: 'qwen2_vl',
      hidden_size: 1536,
      intermediate_size: 8960,
      num_hidden_layers: 28,
      num_attention_heads: 12,
      num_key_value_heads: 2,
      vocab_size: 151936,
      tie_word_embeddings: true,
      rope_scaling: { type: 'mrope', mrope_section: [16, 24, 24] },
      vision_config: { hidden_size: 1536, in_chans: 3, spatial_patch_size: 14 },
    };
    const sizes = [...expectedTensors(parseModelConfig(json, {})).values()].map((shape) =>
      shape.reduce((a, b) => a * b, 1),
    );
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(2_208_985_600);
  });
});

describe('names', () => {
  it.each([
    ['model.layers.0.self_attn.q_proj', 'model.language_model.layers.0.self_attn.q_proj'],
    ['model.embed_tokens.weight', 'model.language_model.embed_tokens.weight'],
    ['visual.blocks.1.attn.qkv', 'model.visual.blocks.1.attn.qkv'],
    ['lm_head.weight', 'lm_head.weight'],
  ])('%s and %s are one in Qwen2-VL', (hub, module) => {
    const names = [hubName(hub), hubName(module), moduleName(hub, QWEN), moduleName(module, QWEN)];
    expect(names).toEqual([hub, hub, module, module]);
  });

  it.each([
    ['model.layers.0.self_attn.q_proj', 'model.text_model.layers.0.self_attn.q_proj'],
    ['visual.encoder.layers.1.mlp.fc1', 'model.vision_model.encoder.layers.1.mlp.fc1'],
    ['visual.connector.modality_projection.proj', 'model.connector.modality_projection.proj'],
  ])('%s and %s are one in SmolVLM', (hub, module) => {
    const smol = { family: 'smolvlm' } as const;
    expect([hubName(module), moduleName(hub, smol), moduleName(module, smol)]).toEqual([hub, module, module]);
  });
});

describe('readCheckpoint', () => {
  it('reads the reference checkpoint', async () => {
    const checkpoint = await readCheckpoint(dir);
    expect(checkpoint.parameters).toBe(182_656);
    expect(checkpoint.generation).toEqual({ eosTokenIds: [308, 306], padTokenId: 306, repetitionPenalty: 1 });
    expect(checkpoint.preprocessor).toMatchObject({ minPixels: 3136, maxPixels: 31_360 });
    expect(checkpoint.promptTemplate).toBeNull();
    expect(checkpoint.tensors.info('visual.merger.ln_q.weight').shape).toEqual([32]);
    await checkpoint.tensors.close();
  });

  it('reads weights that are stored under the newer names', async () => {
    await rewriteWeights((entry) => ({ ...entry, name: moduleName(entry.name, QWEN) }));
    const checkpoint = await readCheckpoint(dir);
    const original = await openSafetensors(join(MODEL, 'model.safetensors'));
    expect(checkpoint.tensors.names()).toEqual(original.names());
    const name = 'model.layers.1.mlp.down_proj.weight';
    expect(await checkpoint.tensors.readFloat32(name)).toEqual(await original.readFloat32(name));
    await Promise.all([checkpoint.tensors.close(), original.close()]);
  });

  it('takes defaults where the small files say nothing', async () => {
    await rm(join(dir, 'generation_config.json'));
    await writeFile(join(dir, 'preprocessor_config.json'), '{}');
    const checkpoint = await readCheckpoint(dir);
    expect(checkpoint.generation).toEqual({ eosTokenIds: [308], padTokenId: 306, repetitionPenalty: 1 });
    expect([checkpoint.preprocessor.minPixels, checkpoint.preprocessor.maxPixels]).toEqual([3136, 1_003_520]);
    await checkpoint.tensors.close();
  });

  it('reads the card', async () => {
    const card = { name: 'Nano', description: 'Counts.', licence: 'CC0-1.0', promptTemplate: '{question} Think.' };
    await writeFile(join(dir, 'atelier.json'), JSON.stringify(card));
    const checkpoint = await readCheckpoint(dir);
    expect(checkpoint).toMatchObject(card);
    await checkpoint.tensors.close();
    await writeFile(join(dir, 'atelier.json'), JSON.stringify({ promptTemplate: 'no place' }));
    await expect(readCheckpoint(dir)).rejects.toMatchObject({ place: { field: 'promptTemplate' } });
  });

  const NORM = 'model.norm.weight';
  it.each<[string, (entry: TensorEntry) => TensorEntry | null, RegExp]>([
    ['a missing tensor', (entry) => (entry.name === NORM ? null : entry), /"model\.norm\.weight" is missing/],
    [
      'a misshapen tensor',
      (entry) => (entry.name === NORM ? { ...entry, shape: [8, 8] } : entry),
      /has shape \[8, 8\], but config\.json requires \[64\]/,
    ],
    [
      'a tensor that belongs to something else',
      (entry) => (entry.name === NORM ? { ...entry, name: 'audio.weight' } : entry),
      /"model\.norm\.weight" is missing/,
    ],
  ])('refuses %s', async (_, change, message) => {
    await rewriteWeights(change);
    await expect(readCheckpoint(dir)).rejects.toThrow(message);
    await expect(readCheckpoint(dir)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('refuses weights with a part that this architecture has no place for', async () => {
    await writeFile(
      join(dir, 'config.json'),
      JSON.stringify({ ...readJson('config.flat.json'), num_hidden_layers: 1 }),
    );
    await expect(readCheckpoint(dir)).rejects.toThrow(/"model\.layers\.1\..*does not belong/);
  });

  it('refuses a preprocessor that cuts other patches than the model', async () => {
    await writeFile(join(dir, 'preprocessor_config.json'), JSON.stringify({ patch_size: 16 }));
    await expect(readCheckpoint(dir)).rejects.toMatchObject({ place: { field: 'patch_size' } });
  });
});

describe('hashCheckpoint', () => {
  it('is the hash of the sorted lines of names and hashes', async () => {
    const names = [
      'chat_template.jinja',
      'chat_template.json',
      'config.json',
      'generation_config.json',
      'model.safetensors',
    ];
    names.push('preprocessor_config.json', 'tokenizer.json', 'tokenizer_config.json');
    const lines = names.map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(MODEL, name)))
          .digest('hex')}\n`,
    );
    expect(await hashCheckpoint(dir)).toBe(createHash('sha256').update(lines.join('')).digest('hex'));
  });

  it('changes with the weights and not with the card', async () => {
    const before = await hashCheckpoint(dir);
    await writeFile(join(dir, 'atelier.json'), '{"name":"x"}');
    expect(await hashCheckpoint(dir)).toBe(before);
    const bytes = await readFile(join(dir, 'model.safetensors'));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(dir, 'model.safetensors'), bytes);
    expect(await hashCheckpoint(dir)).not.toBe(before);
  });

  it('says when a folder is missing or holds no checkpoint', async () => {
    await expect(hashCheckpoint(join(dir, 'none'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(hashCheckpoint(await mkdtemp(join(tmpdir(), 'atelier-empty-')))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('baseModelLocation', () => {
  it("takes hub id and revision from the hub's cache, the id from the card, and otherwise the folder", async () => {
    const snapshot = join(dir, 'hub/models--Qwen--Qwen2-VL-2B-Instruct/snapshots/895c3a4');
    expect(await baseModelLocation(snapshot)).toEqual({
      nameOrPath: 'Qwen/Qwen2-VL-2B-Instruct',
      revision: '895c3a4',
      published: true,
    });
    expect(await baseModelLocation(dir)).toEqual({ nameOrPath: dir, revision: null, published: false });
    await writeFile(join(dir, 'atelier.json'), JSON.stringify({ hubId: 'me/tiny' }));
    expect(await baseModelLocation(dir)).toEqual({ nameOrPath: 'me/tiny', revision: null, published: true });
    await writeFile(join(dir, 'atelier.json'), JSON.stringify({ hubId: 'tiny' }));
    await expect(baseModelLocation(dir)).rejects.toMatchObject({ code: 'BAD_INPUT', place: { field: 'hubId' } });
  });
});
