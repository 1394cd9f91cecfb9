/** @file The one rule for "did it get better". */
import { describe, expect, it } from 'vitest';
import type { EvaluationItem } from '../contract/model/evaluations.ts';
import { comparePaired, pairItems } from './paired-comparison.ts';

/** `+` correct, `-` wrong, `?` unreadable. */
const items = (verdicts: string): EvaluationItem[] =>
  verdicts.split('').map((letter, i) => ({
    sampleId: `s${i}` as EvaluationItem['sampleId'],
    text: '',
    verdict: letter === '+' ? 'correct' : letter === '-' ? 'wrong' : 'unparsed',
    formatOk: true,
    tokens: 1,
  }));
const compare = (first: string, second: string) => comparePaired(pairItems(items(first), items(second)).counts);

describe('a paired comparison', () => {
  it('pairs question by question, and counts unreadable answers as wrong', () => {
    expect(compare('++--?', '+-+?+')).toMatchObject({ n: 5, both: 1, lost: 1, gained: 2, neither: 1 });
    const pairs = pairItems(items('++--'), items('+-+-'));
    expect(pairs).toMatchObject({ gained: ['s2'], lost: ['s1'] });
  });

  it.each([
    ['-'.repeat(20), '+'.repeat(20), 'better'],
    ['+'.repeat(20), '-'.repeat(20), 'worse'],
    // p = 0.125
    ['-'.repeat(20), `${'+'.repeat(4)}${'-'.repeat(16)}`, 'undecided'],
    ['+-', '+-', 'undecided'],
  ])('%s to %s is %s', (first, second, verdict) => {
    expect(compare(first, second)?.verdict).toBe(verdict);
  });

  it('finds a paired difference that two separate intervals would hide', () => {
    // 30% and 45% of 100: the Wilson intervals overlap, but nothing was lost.
    const comparison = compare(`${'+'.repeat(30)}${'-'.repeat(70)}`, `${'+'.repeat(45)}${'-'.repeat(55)}`);
    expect(comparison).toMatchObject({ verdict: 'better', gained: 15, lost: 0, mcnemar: { method: 'exact' } });
  });

  it('uses the exact test below 25 changed answers, and chi-squared from there on', () => {
    expect(compare('-'.repeat(24), '+'.repeat(24))?.mcnemar.method).toBe('exact');
    expect(compare('-'.repeat(25), '+'.repeat(25))?.mcnemar.method).toBe('chi-squared');
  });

  it('is null without a common question', () => {
    const other = items('+').map((item) => ({ ...item, variant: 1 }));
    expect(comparePaired(pairItems(items('+'), other).counts)).toBeNull();
  });
});
