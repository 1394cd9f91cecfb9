/**
 * @file Detects text that a tokenizer of the supported families reads as a special token: in the middle of your text,
 * it would claim the place of a picture or end a turn. Pure.
 */

/** `<|image_pad|>`, `<|im_end|>` and the like: every special token of Qwen's tokenizers has this form. */
const QWEN = /<\|[a-z0-9_]+\|>/i;

/**
 * The tokens that SmolVLM's processor expands a picture into, and other formats' placeholders for a video or a sound.
 * https://huggingface.co/HuggingFaceTB/SmolVLM-256M-Instruct/blob/main/added_tokens.json
 */
const OTHERS = /<fake_token_around_image>|<global-img>|<row_\d+_col_\d+>|<end_of_utterance>|<video>|<audio>/;

/** The first special token in the text, or null. `<image>` does not count: it stands for the row's own picture. */
export function specialTokenIn(text: string): string | null {
  return QWEN.exec(text)?.[0] ?? OTHERS.exec(text)?.[0] ?? null;
}
