/**
 * @file Published checkpoints that a person may want to start with: what Atelier offers before anything is on this
 * machine. Configurations are those of their files, as far as memory and time depend on them. Memory and time are never
 * written here: the engine's planner finds them (`known-models.test.ts` holds the counts of weights to transformers').
 */
import type { PixelLimits } from '../contract/model/detail.ts';
import { mostTiles } from './tiles.ts';

export interface KnownModel {
  /** Name on the hub. */
  name: string;
  /** What people call it. */
  title: string;
  parameters: number;
  /** SPDX expression of its weights, as its card and licence file say. */
  licence: string;
  /** `config.json`, with what memory depends on. */
  config: Record<string, unknown>;
  pixelLimits: PixelLimits;
}

const QWEN2_LIMITS: PixelLimits = { minPixels: 3136, maxPixels: 12_845_056, pixelsPerToken: 28 ** 2 };
const QWEN3_LIMITS: PixelLimits = { minPixels: 65_536, maxPixels: 16_777_216, pixelsPerToken: 32 ** 2 };

function tiled(side: number, longestEdge: number, pixelsPerToken: number): PixelLimits {
  const tiles = { side, longestEdge, split: true };
  const tilePixels = Math.floor(side / Math.sqrt(pixelsPerToken)) ** 2 * pixelsPerToken;
  return { minPixels: tilePixels, maxPixels: mostTiles(longestEdge, tiles) * tilePixels, pixelsPerToken, tiles };
}

const QWEN2_TOWER = { depth: 32, embed_dim: 1280, num_heads: 16, mlp_ratio: 4, in_chans: 3, patch_size: 14 };
const QWEN3_TOWER = {
  model_type: 'qwen3_vl',
  deepstack_visual_indexes: [5, 11, 17],
  depth: 24,
  hidden_act: 'gelu_pytorch_tanh',
  hidden_size: 1024,
  in_channels: 3,
  intermediate_size: 4096,
  num_heads: 16,
  num_position_embeddings: 2304,
  patch_size: 16,
  spatial_merge_size: 2,
  temporal_patch_size: 2,
};
/** The tower of Qwen3-VL without DeepStack, in the sizes of small models. */
function qwen35(text: Record<string, number>, tower: Record<string, number>): Record<string, unknown> {
  const { deepstack_visual_indexes: _none, ...same } = QWEN3_TOWER;
  return {
    model_type: 'qwen3_5',
    image_token_id: 248_056,
    text_config: {
      model_type: 'qwen3_5_text',
      attention_bias: false,
      attn_output_gate: true,
      eos_token_id: 248_044,
      full_attention_interval: 4,
      head_dim: 256,
      hidden_act: 'silu',
      linear_conv_kernel_dim: 4,
      linear_key_head_dim: 128,
      linear_num_key_heads: 16,
      linear_num_value_heads: 16,
      linear_value_head_dim: 128,
      max_position_embeddings: 262_144,
      num_attention_heads: 8,
      num_hidden_layers: 24,
      num_key_value_heads: 2,
      rms_norm_eps: 1e-6,
      rope_parameters: {
        mrope_interleaved: true,
        mrope_section: [11, 11, 10],
        partial_rotary_factor: 0.25,
        rope_theta: 1e7,
        rope_type: 'default',
      },
      tie_word_embeddings: true,
      vocab_size: 248_320,
      ...text,
    },
    tie_word_embeddings: true,
    vision_config: { ...same, model_type: 'qwen3_5', ...tower, out_hidden_size: text['hidden_size'] },
  };
}

const SMALL_SIGLIP = {
  model_type: 'idefics3',
  hidden_size: 768,
  image_size: 512,
  num_attention_heads: 12,
  patch_size: 16,
};

function qwen3(text: Record<string, number>): Record<string, unknown> {
  return {
    model_type: 'qwen3_vl',
    image_token_id: 151655,
    text_config: {
      model_type: 'qwen3_vl_text',
      attention_bias: false,
      eos_token_id: 151645,
      head_dim: 128,
      hidden_act: 'silu',
      max_position_embeddings: 262_144,
      num_key_value_heads: 8,
      rms_norm_eps: 1e-6,
      rope_scaling: { mrope_interleaved: true, mrope_section: [24, 20, 20], rope_type: 'default' },
      rope_theta: 5e6,
      tie_word_embeddings: true,
      vocab_size: 151_936,
      ...text,
    },
    tie_word_embeddings: true,
    vision_config: { ...QWEN3_TOWER, out_hidden_size: text['hidden_size'] },
  };
}

function smolvlm(text: Record<string, number>): Record<string, unknown> {
  return {
    model_type: 'idefics3',
    image_token_id: 49_190,
    scale_factor: 4,
    text_config: {
      model_type: 'llama',
      head_dim: 64,
      max_position_embeddings: 8192,
      pad_token_id: 2,
      rms_norm_eps: 1e-5,
      rope_theta: 100_000,
      vocab_size: 49_280,
      ...text,
    },
    tie_word_embeddings: true,
    vision_config: SMALL_SIGLIP,
    vocab_size: 49_280,
  };
}

/** From small to large. */
export const KNOWN_MODELS: readonly KnownModel[] = [
  {
    name: 'HuggingFaceTB/SmolVLM-256M-Instruct',
    title: 'SmolVLM 256M',
    parameters: 228_099_648,
    licence: 'Apache-2.0',
    config: smolvlm({
      hidden_size: 576,
      intermediate_size: 1536,
      num_attention_heads: 9,
      num_hidden_layers: 30,
      num_key_value_heads: 3,
    }),
    pixelLimits: tiled(512, 2048, 64 ** 2),
  },
  {
    name: 'HuggingFaceTB/SmolVLM-500M-Instruct',
    title: 'SmolVLM 500M',
    parameters: 460_173_504,
    licence: 'Apache-2.0',
    config: smolvlm({
      hidden_size: 960,
      intermediate_size: 2560,
      num_attention_heads: 15,
      num_hidden_layers: 32,
      num_key_value_heads: 5,
    }),
    pixelLimits: tiled(512, 2048, 64 ** 2),
  },
  {
    name: 'Qwen/Qwen3.5-0.8B',
    title: 'Qwen3.5 0.8B',
    parameters: 852_985_920,
    licence: 'Apache-2.0',
    config: qwen35(
      { hidden_size: 1024, intermediate_size: 3584 },
      { depth: 12, hidden_size: 768, intermediate_size: 3072, num_heads: 12 },
    ),
    pixelLimits: QWEN3_LIMITS,
  },
  {
    name: 'Qwen/Qwen3-VL-2B-Instruct',
    title: 'Qwen3-VL 2B',
    parameters: 2_127_532_032,
    licence: 'Apache-2.0',
    config: qwen3({ hidden_size: 2048, intermediate_size: 6144, num_attention_heads: 16, num_hidden_layers: 28 }),
    pixelLimits: QWEN3_LIMITS,
  },
  {
    name: 'Qwen/Qwen2-VL-2B-Instruct',
    title: 'Qwen2-VL 2B',
    parameters: 2_208_985_600,
    licence: 'Apache-2.0',
    config: {
      model_type: 'qwen2_vl',
      eos_token_id: 151_645,
      hidden_size: 1536,
      image_token_id: 151_655,
      intermediate_size: 8960,
      max_position_embeddings: 32_768,
      num_attention_heads: 12,
      num_hidden_layers: 28,
      num_key_value_heads: 2,
      rms_norm_eps: 1e-6,
      rope_scaling: { type: 'mrope', mrope_section: [16, 24, 24] },
      rope_theta: 1e6,
      tie_word_embeddings: true,
      vision_config: { ...QWEN2_TOWER, hidden_size: 1536, spatial_merge_size: 2, temporal_patch_size: 2 },
      vocab_size: 151_936,
    },
    pixelLimits: QWEN2_LIMITS,
  },
  {
    name: 'Qwen/Qwen3.5-2B',
    title: 'Qwen3.5 2B',
    parameters: 2_213_241_664,
    licence: 'Apache-2.0',
    config: qwen35({ hidden_size: 2048, intermediate_size: 6144 }, {}),
    pixelLimits: QWEN3_LIMITS,
  },
  {
    name: 'HuggingFaceTB/SmolVLM2-2.2B-Instruct',
    title: 'SmolVLM2 2.2B',
    parameters: 2_246_784_880,
    licence: 'Apache-2.0',
    config: {
      model_type: 'smolvlm',
      image_token_id: 49_190,
      scale_factor: 3,
      text_config: {
        model_type: 'llama',
        hidden_size: 2048,
        intermediate_size: 8192,
        max_position_embeddings: 8192,
        num_attention_heads: 32,
        num_hidden_layers: 24,
        num_key_value_heads: 32,
        rms_norm_eps: 1e-5,
        rope_theta: 130_000,
        vocab_size: 49_280,
      },
      tie_word_embeddings: false,
      vision_config: {
        model_type: 'smolvlm_vision',
        hidden_size: 1152,
        image_size: 384,
        intermediate_size: 4304,
        num_attention_heads: 16,
        num_hidden_layers: 27,
        patch_size: 14,
      },
    },
    pixelLimits: tiled(384, 1536, 42 ** 2),
  },
  {
    name: 'Qwen/Qwen2.5-VL-3B-Instruct',
    title: 'Qwen2.5-VL 3B',
    parameters: 3_754_622_976,
    licence: 'LicenseRef-Qwen-Research',
    config: {
      model_type: 'qwen2_5_vl',
      eos_token_id: 151_645,
      hidden_size: 2048,
      image_token_id: 151_655,
      intermediate_size: 11_008,
      max_position_embeddings: 128_000,
      num_attention_heads: 16,
      num_hidden_layers: 36,
      num_key_value_heads: 2,
      rms_norm_eps: 1e-6,
      rope_scaling: { type: 'mrope', mrope_section: [16, 24, 24] },
      rope_theta: 1e6,
      tie_word_embeddings: true,
      vision_config: {
        depth: 32,
        fullatt_block_indexes: [7, 15, 23, 31],
        hidden_act: 'silu',
        hidden_size: 1280,
        in_chans: 3,
        intermediate_size: 3420,
        num_heads: 16,
        out_hidden_size: 2048,
        patch_size: 14,
        spatial_merge_size: 2,
        spatial_patch_size: 14,
        temporal_patch_size: 2,
        tokens_per_second: 2,
        window_size: 112,
      },
      vocab_size: 151_936,
    },
    pixelLimits: QWEN2_LIMITS,
  },
  {
    name: 'Qwen/Qwen3-VL-4B-Instruct',
    title: 'Qwen3-VL 4B',
    parameters: 4_437_815_808,
    licence: 'Apache-2.0',
    config: qwen3({ hidden_size: 2560, intermediate_size: 9728, num_attention_heads: 32, num_hidden_layers: 36 }),
    pixelLimits: QWEN3_LIMITS,
  },
];
