/** @file What base and tuned accuracy say together, without reading more into them than they hold. */
import type { Proportion } from '../../../../electron/contract/api/index.ts';

/**
 * `better` or `worse` only when the two 95% intervals do not touch; else `unclear`.
 * Stricter than a test of the difference, and never wrong about the direction of a claim.
 */
export function accuracyVerdict(base: Proportion, tuned: Proportion): 'better' | 'unclear' | 'worse' {
  if (tuned.low > base.high) return 'better';
  if (tuned.high < base.low) return 'worse';
  return 'unclear';
}
