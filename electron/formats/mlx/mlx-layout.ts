/**
 * @file A model as MLX has it on the disk, where mlx-vlm loads it without converting: the names of its modules, convolutions with
 * the channels last, and a configuration with every field that its classes ask for. Tried with mlx-vlm 0.7.10. Pure.
 */
import { refuseLayout } from '../families/layouts.ts';
import { familyOf, type ModelConfig } from '../model-config.ts';
import { expectedTensors } from '../tensor-names.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface MlxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The short name of the tensor that it holds. */
  readonly from: string;
  /** [out, in, …] was made [out, …, in]. */
  readonly channelsLast: boolean;
}

function isSmol({ family }: Pick<ModelConfig, 'family'>): boolean {
  return family === 'smolvlm' || family === 'idefics3';
}

/** How the names of modules begin in mlx-vlm, by the beginning of the short name; the first that fits counts. */
function modulesOf(config: ModelConfig): readonly (readonly [short: string, module: string])[] {
  return isSmol(config)
    ? [
        ['visual.connector.', 'connector.'],
        ['visual.', 'vision_model.'],
        ['lm_head.', 'language_model.lm_head.'],
        ['model.', 'language_model.'],
      ]
    : [
        ['visual.', 'vision_tower.'],
        ['lm_head.', 'language_model.lm_head.'],
        ['model.', 'language_model.model.'],
      ];
}

/**
 * Every tensor that mlx-vlm asks for: it loads no file in which one is missing, or one too many.
 * @throws AtelierError BAD_INPUT for a family that is not written so
 */
export function mlxTensors(config: ModelConfig): MlxTensor[] {
  refuseLayout(familyOf(config), 'mlx');
  const modules = modulesOf(config);
  const tensors = [...expectedTensors(config)].map(([from, shape]): MlxTensor => {
    const [short, module] = modules.find(([beginning]) => from.startsWith(beginning))!;
    const channelsLast = shape.length > 2;
    const [out, channels, ...sides] = shape as [number, number, ...number[]];
    return {
      name: `${module}${from.slice(short.length)}`,
      shape: channelsLast ? [out, ...sides, channels] : shape,
      from,
      channelsLast,
    };
  });
  // Its SmolVLM has an output projection of its own, also where it is tied to the embeddings.
  if (isSmol(config) && config.tieWordEmbeddings)
    tensors.push({
      name: 'language_model.lm_head.weight',
      shape: [config.vocabSize, config.hiddenSize],
      from: 'model.embed_tokens.weight',
      channelsLast: false,
    });
  return tensors;
}

/**
 * The configuration as the family was published, whatever the base's file looks like: mlx-vlm reads Qwen2-VL's and
 * Qwen2.5-VL's text settings at the top, no `rope_parameters`, and has defaults of its own.
 * @param json the base's config.json
 */
export function mlxConfig(json: JsonObject, config: ModelConfig): JsonObject {
  const { text_config: nested, torch_dtype: _type, _name_or_path: _path, ...top } = json;
  const { rope_parameters: _rope, layer_types: _layers, ...text } = { ...(nested as JsonObject | undefined) };
  const own = {
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    num_key_value_heads: config.numKeyValueHeads,
    rms_norm_eps: config.rmsNormEps,
    vocab_size: config.vocabSize,
    max_position_embeddings: config.maxPositionEmbeddings,
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tieWordEmbeddings,
  };
  const vision = { ...(json['vision_config'] as JsonObject | undefined), ...visionFields(config) };
  const tokens = { image_token_id: config.imageTokenId };
  if (isSmol(config))
    return {
      ...top,
      ...tokens,
      scale_factor: config.vision.spatialMergeSize,
      text_config: { ...text, model_type: 'llama', head_dim: config.headDim, ...own },
      vision_config: vision,
    };
  const others = {
    ...tokens,
    video_token_id: config.videoTokenId,
    vision_start_token_id: config.visionStartTokenId,
    vision_end_token_id: config.visionEndTokenId,
  };
  const section = { mrope_section: [...(config.mropeSection ?? [])] };
  if (config.family === 'qwen3_vl')
    return {
      ...top,
      ...others,
      tie_word_embeddings: config.tieWordEmbeddings,
      text_config: {
        ...text,
        model_type: 'qwen3_vl_text',
        head_dim: config.headDim,
        ...own,
        rope_scaling: { rope_type: 'default', mrope_interleaved: true, ...section },
      },
      vision_config: vision,
    };
  const { model_type: _kind, ...flat } = text;
  return {
    ...flat,
    ...top,
    ...others,
    ...own,
    rope_scaling: { type: 'mrope', ...section },
    vision_config: vision,
  };
}

function visionFields({ family, vision }: ModelConfig): JsonObject {
  if (family === 'smolvlm' || family === 'idefics3')
    return {
      hidden_size: vision.embedDim,
      num_hidden_layers: vision.depth,
      num_attention_heads: vision.numHeads,
      intermediate_size: vision.intermediateSize,
      patch_size: vision.patchSize,
      image_size: (vision.learned?.side ?? 0) * vision.patchSize,
      num_channels: vision.inChannels,
    };
  const shared = {
    depth: vision.depth,
    num_heads: vision.numHeads,
    patch_size: vision.patchSize,
    spatial_merge_size: vision.spatialMergeSize,
    temporal_patch_size: vision.temporalPatchSize,
    in_channels: vision.inChannels,
    in_chans: vision.inChannels,
  };
  if (family === 'qwen2_vl')
    return {
      ...shared,
      model_type: 'qwen2_vl',
      embed_dim: vision.embedDim,
      hidden_size: vision.hiddenSize,
      mlp_ratio: vision.intermediateSize / vision.embedDim,
    };
  const wide = {
    ...shared,
    model_type: family,
    hidden_size: vision.embedDim,
    intermediate_size: vision.intermediateSize,
    out_hidden_size: vision.hiddenSize,
  };
  if (family === 'qwen3_vl')
    return {
      ...wide,
      num_position_embeddings: (vision.learned?.side ?? 0) ** 2,
      deepstack_visual_indexes: [...(vision.deepstackLayers ?? [])],
    };
  return {
    ...wide,
    window_size: (vision.windows?.side ?? 0) * vision.patchSize * vision.spatialMergeSize,
    fullatt_block_indexes: [...(vision.windows?.fullLayers ?? [])],
  };
}

/**
 * The stored values of a convolution with its channels last.
 * @param bytes values of [out, in, …], `width` bytes each
 */
export function withChannelsLast(bytes: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  const [out, channels, ...sides] = shape as [number, number, ...number[]];
  const places = sides.reduce((product, size) => product * size, 1);
  const moved = new Uint8Array(bytes.length);
  let to = 0;
  for (let filter = 0; filter < out; filter++)
    for (let place = 0; place < places; place++)
      for (let channel = 0; channel < channels; channel++, to += width) {
        const from = ((filter * channels + channel) * places + place) * width;
        moved.set(bytes.subarray(from, from + width), to);
      }
  return moved;
}
