/** @file Compares a stored ledger with the one that follows from the same licences today. */
import { canonicalJson } from '../signing/canonical-json.ts';
import type { Ledger, PurposeVerdict, Verdict } from './ledger.ts';

/** What another version's facts and rules decided, as far as it can be compared with today's. */
export type StoredLedger = Pick<Ledger, 'factsSha256'> & {
  purposes: readonly Pick<PurposeVerdict, 'purpose' | 'verdict'>[];
  outboundLicences: readonly string[];
  duties: readonly { duty: string }[];
};

/**
 * `same-answer` and `other-answer`: the stored ledger was made with facts or rules that differ from today's, so its words
 * cannot be recomputed. Its verdicts, duties and choice of licences are the ones that follow today, or they are not.
 */
export type LedgerComparison =
  { kind: 'same' } | { kind: 'different' } | { kind: 'same-answer' } | { kind: 'other-answer'; difference: string };

/**
 * @param stored the ledger as read from a bundle
 * @param today what `assessLicences` returns for the same licences
 */
export function compareLedger(stored: StoredLedger, today: Ledger): LedgerComparison {
  if (stored.factsSha256 === today.factsSha256)
    return { kind: canonicalJson(stored) === canonicalJson(today) ? 'same' : 'different' };
  const difference = differenceOf(stored, today);
  return difference === null ? { kind: 'same-answer' } : { kind: 'other-answer', difference };
}

const VERDICT_WORDS: Record<Verdict, string> = {
  allowed: 'allowed',
  'allowed-with-duties': 'allowed with duties',
  'needs-decision': 'needs a decision',
  blocked: 'blocked',
};

/** The first difference that matters to whoever uses the weights; null if there is none. */
function differenceOf(stored: StoredLedger, today: Ledger): string | null {
  for (const { purpose, verdict } of today.purposes) {
    const found = stored.purposes.filter((entry) => entry.purpose === purpose);
    const before = found.length === 1 ? found[0]?.verdict : undefined;
    if (before !== verdict)
      return `${purpose.replaceAll('-', ' ')}: ${before === undefined ? 'no verdict' : VERDICT_WORDS[before]} there, ${VERDICT_WORDS[verdict]} here`;
  }
  const names = (items: readonly string[]): string => [...items].sort().join(', ') || 'none';
  const licences = [names(stored.outboundLicences), names(today.outboundLicences)] as const;
  if (licences[0] !== licences[1]) return `licences for the weights: ${licences[0]} there, ${licences[1]} here`;
  const duties = [names(stored.duties.map(({ duty }) => duty)), names(today.duties.map(({ duty }) => duty))] as const;
  return duties[0] === duties[1] ? null : `duties: ${duties[0]} there, ${duties[1]} here`;
}
