/** @file What mlx-vlm asks of each family's files. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../model-config.ts';
import { mlxConfig, mlxTensors, withChannelsLast } from './mlx-layout.ts';

type Json = Record<string, unknown>;

function configOf(path: string): { json: Json; config: ReturnType<typeof parseModelConfig> } {
  const file = new URL(`../../engine/fixtures/${path}/model/config.json`, import.meta.url);
  const json = JSON.parse(readFileSync(file, 'utf8')) as Json;
  return { json, config: parseModelConfig(json, { file: path }) };
}

describe.each(['qwen2vl-tiny', 'families/qwen2-5-vl', 'families/qwen3-vl', 'families/smolvlm', 'families/idefics3'])(
  '%s',
  (path) => {
    const { json, config } = configOf(path);

    it('describes the same model, without the fields that mlx-vlm does not know', () => {
      const written = mlxConfig(json, config);
      expect(JSON.stringify(written)).not.toMatch(/"(layer_types|torch_dtype)"/);
      expect(parseModelConfig(written, { file: path })).toEqual(config);
    });

    it('has the output projection where mlx-vlm has one', () => {
      const names = mlxTensors(config).map(({ name }) => name);
      const isSmol = path.includes('smol') || path.includes('idefics');
      expect(config.tieWordEmbeddings).toBe(true);
      expect(names.includes('language_model.lm_head.weight')).toBe(isSmol);
      expect(new Set(names).size).toBe(names.length);
      expect(names.every((name) => !/^(model|visual|lm_head)\./.test(name))).toBe(true);
    });
  },
);

it('puts the text settings of Qwen2-VL at the top, and those of Qwen3-VL below', () => {
  const [flat, nested] = ['qwen2vl-tiny', 'families/qwen3-vl'].map((path) => {
    const { json, config } = configOf(path);
    return mlxConfig(json, config);
  });
  expect(flat).not.toHaveProperty('text_config');
  expect(flat).toMatchObject({ hidden_size: 64, rope_theta: 1e6, rope_scaling: { type: 'mrope' } });
  expect(nested).toMatchObject({ text_config: { hidden_size: 64, rope_scaling: { rope_type: 'default' } } });
});

it('moves the channels of a convolution to the end', () => {
  const { config } = configOf('qwen2vl-tiny');
  const convolution = mlxTensors(config).find(({ name }) => name === 'vision_tower.patch_embed.proj.weight');
  expect(convolution).toMatchObject({ from: 'visual.patch_embed.proj.weight', channelsLast: true });
  expect(convolution?.shape).toEqual([config.vision.embedDim, 2, 14, 14, 3]);
  // [2, 3, 1, 2]: the values are 100 · filter + 10 · channel + place.
  const values = [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121];
  const bytes = new Uint8Array(Uint16Array.from(values).buffer);
  const moved = new Uint16Array(withChannelsLast(bytes, [2, 3, 1, 2], 2).buffer);
  expect([...moved]).toEqual([0, 10, 20, 1, 11, 21, 100, 110, 120, 101, 111, 121]);
});
