/** @file Compares a stored ledger with the one that follows from the same licences today. */
import { canonicalJson } from '../signing/canonical-json.ts';
import type { Ledger } from './ledger.ts';

/** `other-facts`: the stored ledger was made with facts or rules that differ from today's, so it cannot be checked. */
export type LedgerComparison = 'same' | 'different' | 'other-facts';

/**
 * @param stored the ledger as read from a bundle
 * @param today what `assessLicences` returns for the same licences
 */
export function compareLedger(stored: { factsSha256: string }, today: Ledger): LedgerComparison {
  if (stored.factsSha256 !== today.factsSha256) return 'other-facts';
  return canonicalJson(stored) === canonicalJson(today) ? 'same' : 'different';
}
