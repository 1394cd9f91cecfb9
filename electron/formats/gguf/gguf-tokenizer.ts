/** @file A model folder's tokenizer and chat template as metadata of a GGUF file. */
import { AtelierError } from '../../contract/errors/errors.ts';
import type { GenerationConfig } from '../checkpoint.ts';
import type { ModelConfig } from '../model-config.ts';
import { findTemplate } from '../template-source.ts';
import { readTokenizerFiles } from '../tokenizer-files.ts';
import type { GgufValue } from './gguf-header.ts';

/** As llama.cpp numbers them (`llama_token_type`). */
const TOKEN = { normal: 1, control: 3, userDefined: 4, unused: 5 } as const;

/** https://github.com/QwenLM/Qwen2: the pattern by which llama.cpp's pre-tokenizer `qwen2` splits text. */
const QWEN2_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/**
 * The `tokenizer.*` entries: every token of the vocabulary, with holes filled, merges, special tokens and chat template.
 * @throws AtelierError BAD_INPUT if llama.cpp has no pre-tokenizer that splits text in the same way
 */
export async function ggufTokenizer(
  dir: string,
  config: ModelConfig,
  generation: GenerationConfig,
): Promise<[string, GgufValue][]> {
  const { file, json } = await readTokenizerFiles(dir);
  const tokens = Array.from({ length: config.vocabSize }, (_, id) => `[PAD${id}]`);
  const types = new Array<number>(config.vocabSize).fill(TOKEN.unused);
  for (const [token, id] of Object.entries(json.model.vocab)) {
    if (id >= config.vocabSize) continue;
    tokens[id] = token;
    types[id] = TOKEN.normal;
  }
  for (const { id, content, special } of json.added_tokens) {
    if (id >= config.vocabSize) continue;
    tokens[id] = content;
    types[id] = special === true ? TOKEN.control : TOKEN.userDefined;
  }
  const merges = json.model.merges.map((merge) => (Array.isArray(merge) ? merge.join(' ') : String(merge)));
  const [eos, eot] = generation.eosTokenIds;
  const id = (name: string, value: number | null | undefined): [string, GgufValue][] =>
    value === null || value === undefined ? [] : [[`tokenizer.ggml.${name}`, ['u32', value]]];
  return [
    ['tokenizer.ggml.model', ['string', 'gpt2']],
    ['tokenizer.ggml.pre', ['string', preTokenizerOf(json['pre_tokenizer'], file)]],
    ['tokenizer.ggml.tokens', ['string[]', tokens]],
    ['tokenizer.ggml.token_type', ['i32[]', types]],
    ['tokenizer.ggml.merges', ['string[]', merges]],
    ...id('bos_token_id', config.bosTokenId),
    ...id('eos_token_id', eos),
    ...id('eot_token_id', eot),
    ...id('padding_token_id', generation.padTokenId),
    ['tokenizer.ggml.add_bos_token', ['bool', false]],
    ['tokenizer.chat_template', ['string', (await findTemplate(dir)).source]],
  ];
}

function preTokenizerOf(step: unknown, file: string): string {
  const steps = (step as { pretokenizers?: unknown[] } | null)?.pretokenizers ?? [step];
  const [first, second] = steps as (
    { type?: string; pattern?: { Regex?: string }; individual_digits?: boolean } | undefined
  )[];
  if (steps.length === 2 && second?.type === 'ByteLevel') {
    if (first?.type === 'Split' && first.pattern?.Regex === QWEN2_PATTERN) return 'qwen2';
    if (first?.type === 'Digits' && first.individual_digits === true) return 'smollm';
  }
  throw new AtelierError(
    'BAD_INPUT',
    `${file} splits text in a way that llama.cpp has no name for, so the model would read other tokens there.`,
    {
      place: { file, field: 'pre_tokenizer' },
      remedy: 'Export the model merged (--form merged), and convert it with llama.cpp’s own converter.',
    },
  );
}
