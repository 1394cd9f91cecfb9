/** @file The thought of a completion: what stands between `<think>` and `</think>`. */
import { visibleText } from './folding.ts';

/** What the first thought shows, trimmed; null where no thought is closed. */
export function thoughtOf(completion: string): string | null {
  const inner = /<think>(.*?)<\/think>/s.exec(completion)?.[1];
  return inner === undefined ? null : visibleText(inner);
}

/** Whether the completion holds a closed thought that shows something. Watched to notice when reasoning vanishes. */
export function hasThought(completion: string): boolean {
  return (thoughtOf(completion) ?? '') !== '';
}

/** Length of the visible thought in characters (0 without one). */
export function thoughtLength(completion: string): number {
  return thoughtOf(completion)?.length ?? 0;
}
