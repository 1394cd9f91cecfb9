/** @file `config.json` of a checkpoint of any supported family, in the hub's layout or the one of transformers 5. Pure. */
import { AtelierError, type ErrorPlace } from '../contract/errors/errors.ts';
import { MOST, type FamilyFormat, type FamilyName, type ModelConfig } from './families/config.ts';
import { QWEN2_5_VL } from './families/qwen2-5-vl.ts';
import { QWEN2_VL } from './families/qwen2-vl.ts';
import { QWEN3_5 } from './families/qwen3-5.ts';
import { QWEN3_VL } from './families/qwen3-vl.ts';
import { SMOLVLM, SMOLVLM2 } from './families/smolvlm.ts';
import { fieldsOf, type Fields } from './json-fields.ts';

export type { FamilyFormat, FamilyName, LinearAttention, ModelConfig, VisionConfig } from './families/config.ts';

const FAMILIES: Readonly<Record<FamilyName, FamilyFormat>> = {
  qwen2_vl: QWEN2_VL,
  qwen2_5_vl: QWEN2_5_VL,
  qwen3_vl: QWEN3_VL,
  qwen3_5: QWEN3_5,
  idefics3: SMOLVLM,
  smolvlm: SMOLVLM2,
};

/** What the files of a model's family look like. */
export function familyOf({ family }: Pick<ModelConfig, 'family'>): FamilyFormat {
  return FAMILIES[family];
}

/**
 * Reads a configuration. Missing fields get the defaults of transformers' config classes (not those of the published
 * checkpoints: Qwen2-VL's rms_norm_eps is 1e-5 there).
 * @param json parsed config.json
 * @param place the file, for errors
 * @throws AtelierError BAD_INPUT naming the field, for anything that no supported family has
 */
export function parseModelConfig(json: unknown, place: ErrorPlace): ModelConfig {
  const top = fieldsOf(json, '', place);
  const format = familyNamed(top.text('model_type', '(none)'), place);
  const { family, text: own, tokens, parseVision } = format;
  if (top.has('quantization_config')) throw quantisedConfig(top);
  // Flat files exist of older families; in the others, only the defaults of another size would be left.
  if (format.nested && !top.has('text_config') && !top.has('hidden_size')) throw noTextConfig(place);
  const text = top.has('text_config') ? top.object('text_config') : top;
  if (text.natural('num_experts', 0) > 0)
    throw text.bad('num_experts', 'describes a mixture of experts; Atelier supports dense models only');
  text.oneOf('hidden_act', ['silu'], 'silu');
  if (text.boolean('use_sliding_window', false)) throw text.bad('use_sliding_window', 'is not supported');
  for (const key of own.refused) if (text.boolean(key, false)) throw text.bad(key, 'is not supported');

  const { defaults } = own;
  const hiddenSize = text.positive('hidden_size', defaults.hiddenSize, MOST.width);
  const numHeads = text.positive('num_attention_heads', defaults.numHeads, MOST.width);
  const numKeyValueHeads = text.positive('num_key_value_heads', defaults.numKeyValueHeads ?? numHeads, MOST.width);
  if (numHeads % numKeyValueHeads !== 0) throw text.bad('num_key_value_heads', `does not divide ${numHeads} heads`);
  if (!text.has('head_dim') && defaults.headDim === undefined && hiddenSize % numHeads !== 0) {
    throw text.bad('hidden_size', `cannot be divided among ${numHeads} heads`);
  }
  const headDim = text.positive('head_dim', defaults.headDim ?? hiddenSize / numHeads, MOST.width);
  const vision = parseVision(
    top.has('vision_config') ? top.object('vision_config') : fieldsOf({}, 'vision_config', place),
    hiddenSize,
    top,
  );
  const numLayers = text.positive('num_hidden_layers', defaults.numLayers, MOST.layers);
  if ((vision.deepstackLayers?.length ?? 0) > numLayers)
    throw text.bad('num_hidden_layers', `is ${numLayers}, fewer than the DeepStack features of the vision tower`);
  const vocabSize = text.positive('vocab_size', defaults.vocabSize, MOST.vocabulary);
  const tokenId = (key: string, fallback: number): number => {
    const id = top.natural(key, fallback);
    if (id >= vocabSize) throw top.bad(key, `is not within the vocabulary of ${vocabSize}`);
    return id;
  };
  return {
    family,
    hiddenSize,
    intermediateSize: text.positive('intermediate_size', defaults.intermediateSize, MOST.width),
    numLayers,
    numHeads,
    numKeyValueHeads,
    headDim,
    vocabSize,
    maxPositionEmbeddings: text.positive('max_position_embeddings', defaults.maxPositionEmbeddings, MOST.positions),
    rmsNormEps: text.number('rms_norm_eps', defaults.rmsNormEps),
    ...parseRope(text, headDim, own),
    qkvBias: own.qkvBias,
    qkNorm: own.qkNorm,
    ...(own.gated === undefined ? {} : { gated: own.gated }),
    ...(own.parseLinear === undefined ? {} : { linear: own.parseLinear(text, numLayers) }),
    tieWordEmbeddings: top.has('tie_word_embeddings')
      ? top.boolean('tie_word_embeddings', false)
      : text.boolean('tie_word_embeddings', false),
    imageTokenId: tokenId('image_token_id', tokens.image),
    videoTokenId: tokens.others === null ? null : tokenId('video_token_id', tokens.others[0]),
    visionStartTokenId: tokens.others === null ? null : tokenId('vision_start_token_id', tokens.others[1]),
    visionEndTokenId: tokens.others === null ? null : tokenId('vision_end_token_id', tokens.others[2]),
    bosTokenId: optionalId(top, text, 'bos_token_id'),
    eosTokenIds: (top.has('eos_token_id') ? top : text).naturals('eos_token_id'),
    padTokenId: optionalId(top, text, 'pad_token_id'),
    vision,
  };
}

function familyNamed(modelType: string, place: ErrorPlace): FamilyFormat {
  const found = Object.values(FAMILIES).find(({ family }) => family === modelType);
  if (found !== undefined) return found;
  const titles = Object.values(FAMILIES).map(({ title, denseOnly }) => (denseOnly ? `${title} (dense)` : title));
  const supported = `${titles.slice(0, -1).join(', ')} and ${titles.at(-1) ?? ''}`;
  throw new AtelierError(
    'BAD_INPUT',
    `${place.file ?? 'The configuration'} describes a model of type "${modelType}"; Atelier supports ${supported}.`,
    {
      place: { ...place, field: 'model_type' },
      remedy: `Choose a checkpoint of ${titles.slice(0, -1).join(', ')} or ${titles.at(-1) ?? ''}.`,
    },
  );
}

function noTextConfig(place: ErrorPlace): AtelierError {
  const file = place.file ?? 'The configuration';
  return new AtelierError('BAD_INPUT', `${file}: "text_config" is missing, which describes the language model.`, {
    place: { ...place, field: 'text_config' },
    remedy: 'Copy or download config.json of this checkpoint again.',
  });
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

function parseRope(
  text: Fields,
  headDim: number,
  { rope: kind, defaults, partialRotary }: FamilyFormat['text'],
): Pick<ModelConfig, 'ropeTheta' | 'mropeSection' | 'mropeInterleaved' | 'rotaryDim'> {
  const key = text.has('rope_parameters') ? 'rope_parameters' : 'rope_scaling';
  const rope = text.object(key);
  const types = kind === 'plain' ? ['default'] : ['mrope', 'default'];
  for (const typeKey of ['type', 'rope_type']) rope.oneOf(typeKey, types, 'default');
  const ropeTheta = (rope.has('rope_theta') ? rope : text).number('rope_theta', defaults.ropeTheta);
  if (kind === 'plain') {
    if (headDim % 2 !== 0) throw text.bad('head_dim', `is ${headDim}, and rotary positions need pairs of channels`);
    return { ropeTheta, mropeSection: null, mropeInterleaved: false };
  }
  const interleaved = kind === 'interleaved';
  if (rope.boolean('mrope_interleaved', interleaved) !== interleaved)
    throw rope.bad('mrope_interleaved', `is not ${String(interleaved)}, as it is in this family`);
  const section = rope.naturals('mrope_section');
  if (section.length !== 3) throw rope.bad('mrope_section', 'is not a list of three numbers');
  const sum = section.reduce((total, channels) => total + channels, 0);
  const rotaryDim = rotatedChannels(rope, text, headDim, partialRotary);
  if (sum * 2 !== rotaryDim)
    throw rope.bad(
      'mrope_section',
      `sums to ${sum} instead of half the ${rotaryDim === headDim ? `head size ${headDim}` : `${rotaryDim} rotated channels`}`,
    );
  return {
    ropeTheta,
    ...(partialRotary === undefined ? {} : { rotaryDim }),
    mropeSection: section as [number, number, number],
    mropeInterleaved: interleaved,
  };
}

function rotatedChannels(rope: Fields, text: Fields, headDim: number, share: number | undefined): number {
  if (share === undefined) return headDim;
  const holder = rope.has('partial_rotary_factor') ? rope : text;
  const channels = Math.floor(headDim * holder.number('partial_rotary_factor', share));
  if (channels >= 2 && channels <= headDim && channels % 2 === 0) return channels;
  throw holder.bad('partial_rotary_factor', `rotates ${channels} of ${headDim} channels, not pairs of them`);
}
