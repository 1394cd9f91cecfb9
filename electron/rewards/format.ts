/** @file The format reward: R1-V's form, without the loopholes of its regular expression. */
import { isBlank } from './folding.ts';
import { hasThought } from './thinking.ts';

const FORM = /^<think>.*?<\/think>\s*<answer>(.*?)<\/answer>$/s;
const TAGS = ['<think>', '</think>', '<answer>', '</answer>'];

/** R1-V's own check, `re.fullmatch(r"<think>.*?</think>\s*<answer>.*?</answer>", text, re.DOTALL)`, loopholes included. */
const R1V_FORM = /^<think>.*?<\/think>\s*<answer>.*?<\/answer>$/s;

export type FormatOptions = {
  /** `strict` (default), or R1-V's regular expression, which the other options do not change. */
  form?: 'strict' | 'r1v' | undefined;
  /** A thought that shows nothing fails (empty `<think>` tags are a known way to farm this reward). */
  requireThought?: boolean | undefined;
  /** An answer that shows nothing fails. R1-V itself accepts it. */
  requireAnswer?: boolean | undefined;
};

/**
 * Whether the whole completion (outer whitespace trimmed) is one `<think>…</think>` and then one
 * `<answer>…</answer>`, each tag exactly once. Spaces, invisible characters and comments show nothing.
 */
export function hasFormat(
  completion: string,
  { form = 'strict', requireThought = true, requireAnswer = true }: FormatOptions = {},
): boolean {
  if (form === 'r1v') return R1V_FORM.test(completion);
  const text = completion.trim();
  const answer = FORM.exec(text)?.[1];
  if (answer === undefined || TAGS.some((tag) => text.split(tag).length !== 2)) return false;
  return (!requireThought || hasThought(text)) && (!requireAnswer || !isBlank(answer));
}

/** 1 when the completion has the form, else 0. */
export function scoreFormat(completion: string, options: FormatOptions = {}): 0 | 1 {
  return hasFormat(completion, options) ? 1 : 0;
}
