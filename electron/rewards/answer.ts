/** @file Finds the answer that a completion commits to: the text of its last `<answer>…</answer>` block. */
import { isBlank } from './folding.ts';

export type ExtractedAnswer =
  | { found: true; text: string }
  /** Why there is no answer to grade. `read` is what the tags held, for people to look at. */
  | { found: false; reason: 'no-tags' | 'empty' | 'nested'; read: string | null };

const ANSWER_BLOCK = /<answer>(.*?)<\/answer>/gs;
const CLOSED_THOUGHT = /<think>.*?<\/think>/gs;
const ANY_TAG = /<\/?(?:answer|think)>/;

/**
 * Reads the last complete answer block (dots match newlines). Blocks inside a closed thought are not answers. A block
 * that holds further tags is ambiguous, and one that shows nothing is empty: neither is an answer.
 */
export function extractAnswer(completion: string): ExtractedAnswer {
  const inner = [...completion.replace(CLOSED_THOUGHT, '').matchAll(ANSWER_BLOCK)].at(-1)?.[1];
  if (inner === undefined) return { found: false, reason: 'no-tags', read: null };
  const text = inner.trim();
  if (ANY_TAG.test(text)) return { found: false, reason: 'nested', read: text };
  if (isBlank(text)) return { found: false, reason: 'empty', read: text };
  return { found: true, text };
}

/** Reference answers may come wrapped, as in R1-V's `solution` column (`<answer> 7 </answer>`). */
export function unwrapReference(answer: string): string {
  const extracted = extractAnswer(answer);
  return extracted.found ? extracted.text : answer.trim();
}
