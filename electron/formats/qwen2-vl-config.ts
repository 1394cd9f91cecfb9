/** @file `config.json` of a Qwen2-VL checkpoint, in the hub's flat layout or the one of transformers 5. Pure. */
import { AtelierError, type ErrorPlace } from '../contract/errors/errors.ts';
import { fieldsOf, type Fields } from './json-fields.ts';

export interface Qwen2VLVisionConfig {
  /** Width of the vision tower. */
  readonly embedDim: number;
  readonly depth: number;
  readonly numHeads: number;
  readonly headDim: number;
  readonly mlpRatio: number;
  /** embedDim × mlpRatio. */
  readonly intermediateSize: number;
  readonly patchSize: number;
  readonly temporalPatchSize: number;
  readonly spatialMergeSize: number;
  readonly inChannels: number;
  /** Width of the merger's output to the language model. */
  readonly hiddenSize: number;
}

export interface Qwen2VLConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  readonly maxPositionEmbeddings: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  /** The number of channels (of headDim / 2) that follow the t, h and w axes. */
  readonly mropeSection: readonly [number, number, number];
  readonly tieWordEmbeddings: boolean;
  readonly imageTokenId: number;
  readonly videoTokenId: number;
  readonly visionStartTokenId: number;
  readonly visionEndTokenId: number;
  readonly bosTokenId: number | null;
  /** As in config.json; generation_config.json takes precedence if it exists. */
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  readonly vision: Qwen2VLVisionConfig;
}

/** Far above any published model, and low enough that nothing made from these numbers alone exhausts the memory. */
const MOST = { width: 1 << 20, layers: 1024, vocabulary: 1 << 24, positions: 1 << 24, patch: 256 };

/**
 * Reads a configuration. Missing fields get the defaults of transformers' Qwen2VL config classes (not those of
 * the published checkpoints: rms_norm_eps is 1e-5 there).
 * @param json parsed config.json
 * @param place the file, for errors
 * @throws AtelierError BAD_INPUT naming the field, for anything that is not this architecture
 */
export function parseQwen2VLConfig(json: unknown, place: ErrorPlace): Qwen2VLConfig {
  const top = fieldsOf(json, '', place);
  const modelType = top.text('model_type', '(none)');
  if (modelType !== 'qwen2_vl') {
    throw new AtelierError(
      'BAD_INPUT',
      `${place.file ?? 'The configuration'} describes a model of type "${modelType}", not "qwen2_vl".`,
      {
        place: { ...place, field: 'model_type' },
        remedy: 'Choose a Qwen2-VL checkpoint.',
      },
    );
  }
  if (top.has('quantization_config')) throw quantisedConfig(top);
  const text = top.has('text_config') ? top.object('text_config') : top;
  text.oneOf('hidden_act', ['silu'], 'silu');
  if (text.boolean('use_sliding_window', false)) throw text.bad('use_sliding_window', 'is not supported');

  const hiddenSize = text.positive('hidden_size', 8192, MOST.width);
  const numHeads = text.positive('num_attention_heads', 64, MOST.width);
  const numKeyValueHeads = text.positive('num_key_value_heads', 8, MOST.width);
  if (numHeads % numKeyValueHeads !== 0) throw text.bad('num_key_value_heads', `does not divide ${numHeads} heads`);
  if (!text.has('head_dim') && hiddenSize % numHeads !== 0) {
    throw text.bad('hidden_size', `cannot be divided among ${numHeads} heads`);
  }
  const headDim = text.positive('head_dim', hiddenSize / numHeads, MOST.width);
  const vision = parseVision(
    top.has('vision_config') ? top.object('vision_config') : fieldsOf({}, 'vision_config', place),
    hiddenSize,
  );
  const vocabSize = text.positive('vocab_size', 152064, MOST.vocabulary);
  const tokenId = (key: string, fallback: number): number => {
    const id = top.natural(key, fallback);
    if (id >= vocabSize) throw top.bad(key, `is not within the vocabulary of ${vocabSize}`);
    return id;
  };
  return {
    hiddenSize,
    intermediateSize: text.positive('intermediate_size', 29568, MOST.width),
    numLayers: text.positive('num_hidden_layers', 80, MOST.layers),
    numHeads,
    numKeyValueHeads,
    headDim,
    vocabSize,
    maxPositionEmbeddings: text.positive('max_position_embeddings', 32768, MOST.positions),
    rmsNormEps: text.number('rms_norm_eps', 1e-5),
    ...parseRope(text, headDim),
    tieWordEmbeddings: top.has('tie_word_embeddings')
      ? top.boolean('tie_word_embeddings', false)
      : text.boolean('tie_word_embeddings', false),
    imageTokenId: tokenId('image_token_id', 151655),
    videoTokenId: tokenId('video_token_id', 151656),
    visionStartTokenId: tokenId('vision_start_token_id', 151652),
    visionEndTokenId: tokenId('vision_end_token_id', 151653),
    bosTokenId: optionalId(top, text, 'bos_token_id'),
    eosTokenIds: (top.has('eos_token_id') ? top : text).naturals('eos_token_id'),
    padTokenId: optionalId(top, text, 'pad_token_id'),
    vision,
  };
}

/** What to do about quantised weights. */
export const UNQUANTISED =
  'Use the checkpoint that it was made from, with weights in bfloat16, float16 or float32; its card names it.';

function quantisedConfig(top: Fields): AtelierError {
  const method = top.object('quantization_config').text('quant_method', 'an unknown method');
  const names: Record<string, string> = { awq: 'AWQ', gptq: 'GPTQ', fp8: 'FP8', 'compressed-tensors': 'FP8 or INT8' };
  const named = top.bad(
    'quantization_config',
    `says that the weights are quantised with ${names[method] ?? method}, which Atelier does not read`,
  );
  return new AtelierError(named.code, named.message, {
    ...(named.place === undefined ? {} : { place: named.place }),
    remedy: UNQUANTISED,
  });
}

function optionalId(top: Fields, text: Fields, key: string): number | null {
  const holder = top.has(key) ? top : text;
  return holder.has(key) ? holder.natural(key, 0) : null;
}

function parseRope(text: Fields, headDim: number): Pick<Qwen2VLConfig, 'ropeTheta' | 'mropeSection'> {
  const key = text.has('rope_parameters') ? 'rope_parameters' : 'rope_scaling';
  const rope = text.object(key);
  for (const typeKey of ['type', 'rope_type']) rope.oneOf(typeKey, ['mrope', 'default'], 'default');
  const section = rope.naturals('mrope_section');
  if (section.length !== 3) throw rope.bad('mrope_section', 'is not a list of three numbers');
  const sum = section.reduce((total, channels) => total + channels, 0);
  if (sum * 2 !== headDim) throw rope.bad('mrope_section', `sums to ${sum} instead of half the head size ${headDim}`);
  const thetaHolder = rope.has('rope_theta') ? rope : text;
  return {
    ropeTheta: thetaHolder.number('rope_theta', 1_000_000),
    mropeSection: section as [number, number, number],
  };
}

function parseVision(vision: Fields, textHiddenSize: number): Qwen2VLVisionConfig {
  vision.oneOf('hidden_act', ['quick_gelu'], 'quick_gelu');
  const embedDim = vision.positive('embed_dim', 1280, MOST.width);
  const numHeads = vision.positive('num_heads', 16, MOST.width);
  if (embedDim % numHeads !== 0 || (embedDim / numHeads) % 4 !== 0) {
    throw vision.bad('num_heads', `does not divide the width ${embedDim} into heads with a multiple of four channels`);
  }
  const mlpRatio = vision.number('mlp_ratio', 4);
  if (embedDim * mlpRatio > MOST.width) throw vision.bad('mlp_ratio', `makes the layers wider than ${MOST.width}`);
  if (!Number.isInteger(embedDim * mlpRatio))
    throw vision.bad('mlp_ratio', `does not give a whole number of channels for ${embedDim}`);
  const inChannels = vision.has('in_channels') ? vision.positive('in_channels', 3) : vision.positive('in_chans', 3);
  if (inChannels !== 3) throw vision.bad('in_channels', 'is not 3 (red, green, blue)');
  const hiddenSize = vision.positive('hidden_size', 3584, MOST.width);
  if (hiddenSize !== textHiddenSize) {
    throw vision.bad('hidden_size', `is ${hiddenSize}, but the language model is ${textHiddenSize} wide`);
  }
  return {
    embedDim,
    depth: vision.positive('depth', 32, MOST.layers),
    numHeads,
    headDim: embedDim / numHeads,
    mlpRatio,
    intermediateSize: embedDim * mlpRatio,
    patchSize: vision.positive('patch_size', 14, MOST.patch),
    temporalPatchSize: vision.positive('temporal_patch_size', 2, MOST.patch),
    spatialMergeSize: vision.positive('spatial_merge_size', 2, MOST.patch),
    inChannels,
    hiddenSize,
  };
}
