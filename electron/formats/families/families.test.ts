/** @file Configurations and tensors of each family, as transformers saves them and as they are published. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KNOWN_MODELS } from '../../method/known-models.ts';
import { expectedTensors, hubName } from '../checkpoint.ts';
import { familyOf, parseModelConfig } from '../model-config.ts';
import { openSafetensors } from '../safetensors.ts';
import { refuseLayout } from './layouts.ts';

type Json = Record<string, unknown>;

const FIXTURES = fileURLToPath(new URL('../../engine/fixtures/families/', import.meta.url));
const place = { file: 'config.json' };

function savedConfig(family: string): Json {
  return JSON.parse(readFileSync(`${FIXTURES}${family}/model/config.json`, 'utf8')) as Json;
}

/** Published models by name, whose counts of weights are transformers'. */
const PUBLISHED: Record<string, { json: Json; parameters: number }> = Object.fromEntries(
  KNOWN_MODELS.map(({ name, config, parameters }) => [name.replace(/^.*\//, ''), { json: config, parameters }]),
);

describe.each(['qwen2-5-vl', 'qwen3-vl', 'qwen3-5', 'smolvlm', 'idefics3'])('%s', (family) => {
  it('has exactly the tensors that the reference saves', async () => {
    const reader = await openSafetensors(`${FIXTURES}${family}/model/model.safetensors`);
    // Qwen3.5's files hold tensors that the reference does not read.
    const read = reader.names().filter((name) => !name.startsWith('mtp.'));
    const saved = Object.fromEntries(read.map((name) => [hubName(name), [...reader.info(name).shape]]));
    await reader.close();
    expect(Object.fromEntries(expectedTensors(parseModelConfig(savedConfig(family), place)))).toEqual(saved);
  });
});

describe('published configurations', () => {
  it.each(Object.entries(PUBLISHED))('%s has as many weights as transformers counts', (_, { json, parameters }) => {
    const sizes = [...expectedTensors(parseModelConfig(json, place)).values()];
    expect(sizes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(parameters);
  });

  it('say how positions and windows are computed', () => {
    const [older, newer] = ['Qwen2.5-VL-3B-Instruct', 'Qwen3-VL-2B-Instruct'].map((name) =>
      parseModelConfig(PUBLISHED[name]?.json, place),
    );
    expect(older).toMatchObject({ mropeSection: [16, 24, 24], mropeInterleaved: false, qkvBias: true, qkNorm: false });
    expect(older?.vision.windows).toEqual({ side: 4, fullLayers: [7, 15, 23, 31] });
    expect(newer).toMatchObject({ ropeTheta: 5e6, mropeInterleaved: true, qkvBias: false, qkNorm: true, headDim: 128 });
    expect(newer?.vision).toMatchObject({
      learned: { side: 48, taps: 4 },
      deepstackLayers: [5, 11, 17],
      patchSize: 16,
    });
  });
});

describe('Qwen3.5', () => {
  const json = savedConfig('qwen3-5');
  const withText = (text: Json): Json => ({ ...json, text_config: { ...(json['text_config'] as Json), ...text } });

  it('has attention in every fourth layer, rotates a quarter of each head, and no DeepStack', () => {
    const config = parseModelConfig(PUBLISHED['Qwen3.5-0.8B']?.json, place);
    expect(config).toMatchObject({ rotaryDim: 64, mropeSection: [11, 11, 10], ropeTheta: 1e7, gated: true });
    expect(config.linear).toMatchObject({ kernelSize: 4, keyHeads: 16, valueHeads: 16, keyDim: 128, valueDim: 128 });
    const attending = Array.from({ length: 24 }, (_, layer) => layer).filter(
      (layer) => config.linear?.layers.includes(layer) === false,
    );
    expect(attending).toEqual([3, 7, 11, 15, 19, 23]);
    expect(config.vision.deepstackLayers).toBeUndefined();
  });

  it.each<[string, string, Json]>([
    ['layer_types', 'holds "sliding_attention"', { layer_types: ['sliding_attention'] }],
    ['layer_types', 'names 1 layers', { layer_types: ['full_attention'] }],
    ['attn_output_gate', 'is false', { attn_output_gate: false }],
    ['linear_num_value_heads', 'do not divide', { linear_num_value_heads: 3 }],
    ['attention_bias', 'is not supported', { attention_bias: true }],
  ])('with another %s is refused: it %s', (field, why, text) => {
    expect(() => parseModelConfig(withText(text), place)).toThrow(
      expect.objectContaining({
        code: 'BAD_INPUT',
        message: expect.stringContaining(why) as string,
        place: { file: 'config.json', field: `text_config.${field}` },
      }),
    );
  });

  it('with DeepStack features is refused', () => {
    const vision = { ...(json['vision_config'] as Json), deepstack_visual_indexes: [1] };
    expect(() => parseModelConfig({ ...json, vision_config: vision }, place)).toThrow('deepstack_visual_indexes');
  });

  it.each(['gguf', 'mlx'] as const)('is not written as %s, and the sentence says what is', (layout) => {
    const family = familyOf(parseModelConfig(json, place));
    expect(() => {
      refuseLayout(family, layout);
    }).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', remedy: expect.stringContaining('merged safetensors') as string }),
    );
    expect(() => {
      refuseLayout(familyOf({ family: 'qwen3_vl' }), layout);
    }).not.toThrow();
  });
});

describe('SmolVLM', () => {
  it('has positions with one axis, patches without rotation, and no tokens around a picture', () => {
    const [small, large] = ['SmolVLM-256M-Instruct', 'SmolVLM2-2.2B-Instruct'].map((name) =>
      parseModelConfig(PUBLISHED[name]?.json, place),
    );
    expect(small).toMatchObject({ family: 'idefics3', mropeSection: null, ropeTheta: 1e5, visionStartTokenId: null });
    expect(small?.vision).toMatchObject({ rotary: false, spatialMergeSize: 4, learned: { side: 32, taps: 1 } });
    expect(large?.vision).toMatchObject({ spatialMergeSize: 3, learned: { side: 27, taps: 1 } });
  });
});

describe('what is not supported', () => {
  it.each(['qwen3_vl_moe', 'qwen3_5_moe', 'llava', 'idefics2'])(
    '%s is refused by a sentence that names what is',
    (type) => {
      expect(() => parseModelConfig({ model_type: type }, place)).toThrow(
        `config.json describes a model of type "${type}"; Atelier supports Qwen2-VL, Qwen2.5-VL, Qwen3-VL (dense), Qwen3.5 (dense), SmolVLM and SmolVLM2.`,
      );
    },
  );

  it('a configuration without the language model is not filled in', () => {
    for (const family of ['qwen3-vl', 'qwen3-5'])
      expect(() => parseModelConfig({ ...savedConfig(family), text_config: undefined }, place)).toThrow(
        'config.json: "text_config" is missing, which describes the language model.',
      );
  });

  it('a mixture of experts under the name of a dense model', () => {
    const json = savedConfig('qwen3-5');
    const text = { ...(json['text_config'] as Json), num_experts: 8 };
    expect(() => parseModelConfig({ ...json, text_config: text }, place)).toThrow(
      '"text_config.num_experts" describes a mixture of experts; Atelier supports dense models only.',
    );
  });

  it.each<[string, string, string, Json]>([
    ['windows that cut tokens', 'qwen2-5-vl', 'vision_config.window_size', { window_size: 100 }],
    [
      'a full layer beyond the tower',
      'qwen2-5-vl',
      'vision_config.fullatt_block_indexes',
      { fullatt_block_indexes: [4] },
    ],
    ['another activation', 'qwen2-5-vl', 'vision_config.hidden_act', { hidden_act: 'gelu' }],
    [
      'positions that are no square',
      'qwen3-vl',
      'vision_config.num_position_embeddings',
      { num_position_embeddings: 24 },
    ],
    [
      'a DeepStack layer named twice',
      'qwen3-vl',
      'vision_config.deepstack_visual_indexes',
      { deepstack_visual_indexes: [1, 1] },
    ],
    ['a tower of another width', 'qwen3-vl', 'vision_config.out_hidden_size', { out_hidden_size: 32 }],
    ['another activation of SigLIP', 'smolvlm', 'vision_config.hidden_act', { hidden_act: 'gelu' }],
    ['another epsilon', 'smolvlm', 'vision_config.layer_norm_eps', { layer_norm_eps: 1e-5 }],
    ['patches that the shuffle cannot join', 'smolvlm', 'vision_config.image_size', { image_size: 40 }],
    // 75 patches along a side: torch.arange puts some of them one place off, depending on the processor.
    ['positions that PyTorch rounds', 'smolvlm', 'vision_config.image_size', { image_size: 75 * 8 }],
  ])('%s is refused, naming the field', (_, family, field, vision) => {
    const json = savedConfig(family);
    const changed = { ...json, vision_config: { ...(json['vision_config'] as Json), ...vision } };
    expect(() => parseModelConfig(changed, place)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', place: { file: 'config.json', field } }),
    );
  });

  it.each<[string, string, Json]>([
    ['biases of queries', 'text_config.attention_bias', { attention_bias: true }],
    [
      'positions that do not take turns',
      'text_config.rope_parameters.mrope_interleaved',
      { rope_parameters: { rope_type: 'default', mrope_section: [4, 2, 2], mrope_interleaved: false } },
    ],
    ['fewer layers than DeepStack features', 'text_config.num_hidden_layers', { num_hidden_layers: 1 }],
  ])('%s in Qwen3-VL', (_, field, text) => {
    const json = savedConfig('qwen3-vl');
    const changed = { ...json, text_config: { ...(json['text_config'] as Json), ...text } };
    expect(() => parseModelConfig(changed, place)).toThrow(
      expect.objectContaining({ code: 'BAD_INPUT', place: { file: 'config.json', field } }),
    );
  });
});
