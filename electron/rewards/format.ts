/** @file The format reward: R1-V's form, with the loopholes closed that its regular expression leaves. */
import { thoughtOf } from './thinking.ts';

const FORM = /^<think>.*?<\/think>\s*<answer>(.*?)<\/answer>$/s;
const TAGS = ['<think>', '</think>', '<answer>', '</answer>'];

/** R1-V's own check, `re.fullmatch(r"<think>.*?</think>\s*<answer>.*?</answer>", text, re.DOTALL)`, loopholes and all. */
const R1V_FORM = /^<think>.*?<\/think>\s*<answer>.*?<\/answer>$/s;

export type FormatOptions = {
  /** `strict` (default) or R1-V's regular expression, which the other options do not change. */
  form?: 'strict' | 'r1v' | undefined;
  /** A thought of nothing but whitespace fails (empty `<think>` tags are a known way to farm this reward). */
  requireThought?: boolean | undefined;
  /** An answer of nothing but whitespace fails. R1-V itself lets it pass. */
  requireAnswer?: boolean | undefined;
};

/**
 * Whether the whole completion (outer whitespace trimmed) is one `<think>…</think>` and then one
 * `<answer>…</answer>`, each tag exactly once.
 */
export function hasFormat(
  completion: string,
  { form = 'strict', requireThought = true, requireAnswer = true }: FormatOptions = {},
): boolean {
  if (form === 'r1v') return R1V_FORM.test(completion);
  const text = completion.trim();
  const answer = FORM.exec(text)?.[1];
  if (answer === undefined || TAGS.some((tag) => text.split(tag).length !== 2)) return false;
  return (!requireThought || thoughtOf(text) !== '') && (!requireAnswer || answer.trim() !== '');
}

/** 1 when the form is kept, else 0. */
export function scoreFormat(completion: string, options: FormatOptions = {}): 0 | 1 {
  return hasFormat(completion, options) ? 1 : 0;
}
