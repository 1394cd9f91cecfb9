/** @file Only the last answer tag counts, as in the verifier. */
import { describe, expect, it } from 'vitest';
import { answerGiven } from './answer-text.ts';

describe('answerGiven', () => {
  it('takes the last tag, and the text where there is none', () => {
    expect(answerGiven('<answer>3</answer> no, <answer> 4 </answer>')).toBe('4');
    expect(answerGiven('  I do\nnot know ')).toBe('I do not know');
    expect(answerGiven('')).toBe('');
  });

  it('cuts what would not fit on a tile', () => {
    expect(answerGiven('x'.repeat(60))).toHaveLength(28);
  });
});
