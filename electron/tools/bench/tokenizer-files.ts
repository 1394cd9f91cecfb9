/**
 * @file A tokenizer for models with random weights: one token per byte, then filler up to the model's vocabulary size,
 * so that any drawn id has text. A prompt's length is thus its number of bytes, and both engines read the same files.
 */

import { byteAlphabet, QWEN2_SPLIT, SPECIAL_TOKENS, type SpecialToken } from '../../formats/qwen2-tokens.ts';

/** Where Qwen2-VL's own special tokens begin. */
const QWEN_FIRST_SPECIAL = 151_643;

/** Qwen2-VL-Instruct's template without its default system message. */
export const CHAT_TEMPLATE =
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n" +
  "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for content in message['content'] %}" +
  "{% if content['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>" +
  "{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}" +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

/** Tokens of a prompt besides its words and image: the template, one token per byte and per special token. */
export const TEMPLATE_TOKENS = 1 + 'user\n'.length + 2 + 1 + 1 + 1 + 'assistant\n'.length;

/** Id of a special token in a vocabulary of the given size; small vocabularies have them at the end. */
export function specialId(token: SpecialToken, vocabSize: number): number {
  const first = vocabSize > QWEN_FIRST_SPECIAL ? QWEN_FIRST_SPECIAL : vocabSize - SPECIAL_TOKENS.length;
  return first + SPECIAL_TOKENS.indexOf(token);
}

/** tokenizer.json, tokenizer_config.json and chat_template.jinja, by file name. */
export function tokenizerFiles(vocabSize: number): Record<string, string> {
  const vocab: Record<string, number> = {};
  byteAlphabet().forEach((letter, byte) => (vocab[letter] = byte));
  for (let id = 256; id < specialId('<|endoftext|>', vocabSize); id++) vocab[`Ġw${id.toString(36)}`] = id;
  const added = SPECIAL_TOKENS.map((content) => ({
    id: specialId(content, vocabSize),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: false, trim_offsets: false };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: QWEN2_SPLIT }, behavior: 'Isolated', invert: false },
        byteLevel,
      ],
    },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: [],
    },
  };
  const settings = {
    tokenizer_class: 'Qwen2Tokenizer',
    add_prefix_space: false,
    bos_token: null,
    // Never drawn (no vision token is), so that every completion has exactly the requested length.
    eos_token: '<|vision_pad|>',
    pad_token: '<|endoftext|>',
    unk_token: null,
    padding_side: 'left',
    model_max_length: 32_768,
    clean_up_tokenization_spaces: false,
    added_tokens_decoder: Object.fromEntries(added.map(({ id, ...token }) => [String(id), token])),
    chat_template: CHAT_TEMPLATE,
  };
  return {
    'tokenizer.json': JSON.stringify(tokenizer),
    'tokenizer_config.json': JSON.stringify(settings),
    'chat_template.jinja': CHAT_TEMPLATE,
    // Older readers of the same tokenizer look for these two.
    'vocab.json': JSON.stringify(vocab),
    'merges.txt': '#version: 0.2\n',
  };
}
