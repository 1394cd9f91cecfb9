/** @file What a verifier says about one answer. */
import type { AnswerMetrics } from '../contract/model/metrics.ts';

export type Verdict = 'correct' | 'wrong' | 'unparsed';

export type Grade = {
  verdict: Verdict;
  /** The reward: 1 for correct, else 0; the partial credit where that is asked for. */
  value: number;
  /** What the verifier took as the answer; null when it found none. */
  read: string | null;
  /** How much is right, for kinds of answer that can be partly right. */
  metrics?: AnswerMetrics;
};

export function unparsed(read: string | null): Grade {
  return { verdict: 'unparsed', value: 0, read };
}

export function decided(correct: boolean, read: string): Grade {
  return { verdict: correct ? 'correct' : 'wrong', value: correct ? 1 : 0, read };
}
