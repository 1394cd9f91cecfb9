/** @file The thought of a completion: what stands between `<think>` and `</think>`. */

/** Text of the first thought, trimmed; null when no closed thought is there. */
export function thoughtOf(completion: string): string | null {
  return /<think>(.*?)<\/think>/s.exec(completion)?.[1]?.trim() ?? null;
}

/** Whether the completion holds a closed thought with something in it. Watched to notice when reasoning collapses. */
export function hasThought(completion: string): boolean {
  return (thoughtOf(completion) ?? '') !== '';
}

/** Length of the thought in characters (0 without one). */
export function thoughtLength(completion: string): number {
  return thoughtOf(completion)?.length ?? 0;
}
