/** @file The starter model's architecture and settings, as the files of a Qwen2-VL checkpoint (flat hub layout). */

import { SPECIAL_TOKENS } from '../formats/qwen2-tokens.ts';

/** Number of token ids; Qwen's special tokens take the last ones. */
export const VOCABULARY = 1024;

/** Id of a special token; throws RangeError for an unknown name. */
export function specialId(token: string): number {
  const at = (SPECIAL_TOKENS as readonly string[]).indexOf(token);
  if (at < 0) throw new RangeError(`${token} is not a special token.`);
  return VOCABULARY - SPECIAL_TOKENS.length + at;
}

/** Qwen2-VL-Instruct's chat template without its default system message: a short prompt is a fast prompt. */
export const CHAT_TEMPLATE =
  '{% set image_count = namespace(value=0) %}{% set video_count = namespace(value=0) %}' +
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n" +
  "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n" +
  "{% else %}{% for content in message['content'] %}" +
  "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}" +
  '{% set image_count.value = image_count.value + 1 %}{% if add_vision_id %}Picture {{ image_count.value }}: {% endif %}' +
  '<|vision_start|><|image_pad|><|vision_end|>' +
  "{% elif content['type'] == 'video' or 'video' in content %}" +
  '{% set video_count.value = video_count.value + 1 %}{% if add_vision_id %}Video {{ video_count.value }}: {% endif %}' +
  '<|vision_start|><|video_pad|><|vision_end|>' +
  "{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}" +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

/** The JSON files that describe the model, by file name. */
export function nanoConfig(): Record<string, unknown> {
  const endOfText = specialId('<|endoftext|>');
  const endOfTurn = specialId('<|im_end|>');
  return {
    'config.json': {
      architectures: ['Qwen2VLForConditionalGeneration'],
      attention_dropout: 0,
      bos_token_id: endOfText,
      eos_token_id: endOfTurn,
      pad_token_id: endOfText,
      vision_start_token_id: specialId('<|vision_start|>'),
      vision_end_token_id: specialId('<|vision_end|>'),
      vision_token_id: specialId('<|vision_pad|>'),
      image_token_id: specialId('<|image_pad|>'),
      video_token_id: specialId('<|video_pad|>'),
      hidden_act: 'silu',
      hidden_size: 192,
      initializer_range: 0.02,
      intermediate_size: 512,
      max_position_embeddings: 2048,
      max_window_layers: 6,
      model_type: 'qwen2_vl',
      num_attention_heads: 6,
      num_hidden_layers: 6,
      num_key_value_heads: 2,
      rms_norm_eps: 1e-6,
      rope_theta: 1000000,
      sliding_window: 2048,
      tie_word_embeddings: true,
      torch_dtype: 'bfloat16',
      use_cache: true,
      use_sliding_window: false,
      vision_config: {
        depth: 4,
        embed_dim: 128,
        mlp_ratio: 4,
        num_heads: 4,
        in_chans: 3,
        hidden_size: 192,
        patch_size: 14,
        spatial_merge_size: 2,
        spatial_patch_size: 14,
        temporal_patch_size: 2,
      },
      rope_scaling: { type: 'mrope', mrope_section: [4, 6, 6] },
      vocab_size: VOCABULARY,
    },
    'generation_config.json': {
      bos_token_id: endOfText,
      do_sample: false,
      eos_token_id: [endOfTurn, endOfText],
      pad_token_id: endOfText,
    },
    'preprocessor_config.json': {
      min_pixels: 3136,
      max_pixels: 50176,
      patch_size: 14,
      temporal_patch_size: 2,
      merge_size: 2,
      image_mean: [0.48145466, 0.4578275, 0.40821073],
      image_std: [0.26862954, 0.26130258, 0.27577711],
      image_processor_type: 'Qwen2VLImageProcessor',
      processor_class: 'Qwen2VLProcessor',
    },
    'atelier.json': {
      name: 'Atelier nano',
      promptTemplate: '{question}',
      licence: 'Apache-2.0',
      description:
        'A very small model (about 4 million weights) that knows twelve kinds of icons and five kinds of drawings. ' +
        'It counts and measures, not yet well: it is made to be fine-tuned on an ordinary computer.',
    },
  };
}

/** The apprentice has nano's architecture; only its name and description differ. */
export function apprenticeConfig(): Record<string, unknown> {
  return {
    ...nanoConfig(),
    'atelier.json': {
      name: 'Atelier apprentice',
      promptTemplate: '{question}',
      licence: 'Apache-2.0',
      description:
        'A very small model (about 4 million weights) that answers two-step questions: it compares two counts and ' +
        'measures composite figures. It always answers in tags, and is often wrong: it has much to learn.',
    },
  };
}
