/** @file A paired comparison in words. */
import type { NoLook } from '../contract/model/evaluations.ts';
import type { PairedComparison } from '../contract/model/paired-comparison.ts';
import { points, pValue } from './figures.ts';
import { guessingSentence, noLookText } from './no-look-text.ts';
import { counted } from '../method/counted.ts';

/** `+4.5 points (95% interval +1.0 to +8.0; 20 gained and 11 lost of 200; p = 0.011)` */
export function comparisonText({ difference, gained, lost, n, mcnemar }: PairedComparison): string {
  const { value, low, high } = difference;
  return `${points(value)} points (95% interval ${points(low)} to ${points(high)}; ${gained} gained and ${lost} lost of ${n}; ${pValue(mcnemar.p)})`;
}

/** What a newcomer should know about a tuned model against its base and against guessing. */
export function changeSentence(comparison: PairedComparison, noLook: NoLook | null): string {
  const change = changeOf(comparison);
  if (noLook === null || noLook.comparison.verdict === 'better') return change;
  return `${change} ${noLookText(noLook)} ${guessingSentence(noLook, 'The tuned model')}`;
}

function changeOf({ gained, lost, n, verdict, mcnemar }: PairedComparison): string {
  const changes = `It gained ${counted(gained, 'answer')} and lost ${lost} of ${counted(n, 'held-out question')}`;
  const p = pValue(mcnemar.p);
  if (verdict === 'undecided') {
    return `${changes}. A difference this small may be chance (${p}), so this run does not show a change.`;
  }
  return verdict === 'better'
    ? `${changes}, which chance does not explain (${p}).`
    : `${changes}: it got worse, and chance does not explain it (${p}).`;
}
