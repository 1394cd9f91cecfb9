/**
 * @file Compares a stored ledger with the one that follows from the same licences today. The hash in a ledger covers the
 * table's words as well as its facts. A ledger made with earlier words for the same facts can still be checked: it is
 * compared without its words. The bundle's signature protects the words themselves.
 */
import { canonicalJson, sha256Hex } from '../signing/canonical-json.ts';
import { RULES_VERSION } from './ledger.ts';
import type { Ledger } from './ledger.ts';
import { LICENCE_FACTS } from './licence-facts.ts';

/** Hashes of earlier tables, each with the hash of its facts and rules alone. */
const EARLIER_WORDS: Readonly<Record<string, string>> = {
  '1e6dac880b8b1b36e43fd3f19e0257573698bf6f78330bfee6b149b0e167c20e':
    'e10498f3850683b39c843c0bcaeea0e09c6a98640e3b0f53cfb9d3d9d3e3296f',
};

/** Keys whose values are explanatory words, in a ledger and in the table of facts. */
const LEDGER_WORDS = new Set(['text', 'reading', 'notice', 'factsSha256']);
const FACTS_WORDS = new Set(['name', 'reading']);

/** `other-facts`: the stored ledger was made with facts or rules that differ from today's, so it cannot be checked. */
export type LedgerComparison = 'same' | 'different' | 'other-facts';

/**
 * @param stored the ledger as read from a bundle
 * @param today what `assessLicences` returns for the same licences
 */
export function compareLedger(stored: { factsSha256: string }, today: Ledger): LedgerComparison {
  if (stored.factsSha256 === today.factsSha256) {
    return canonicalJson(stored) === canonicalJson(today) ? 'same' : 'different';
  }
  const earlier = Object.hasOwn(EARLIER_WORDS, stored.factsSha256) ? EARLIER_WORDS[stored.factsSha256] : undefined;
  if (earlier !== factsAndRulesSha256()) return 'other-facts';
  return canonicalJson(without(LEDGER_WORDS, stored)) === canonicalJson(without(LEDGER_WORDS, today))
    ? 'same'
    : 'different';
}

/** Hash of the facts and rules without the words that describe them. */
export function factsAndRulesSha256(): string {
  return sha256Hex(canonicalJson({ facts: without(FACTS_WORDS, LICENCE_FACTS), rules: RULES_VERSION }));
}

function without(keys: ReadonlySet<string>, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => without(keys, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !keys.has(key))
      .map(([key, inner]) => [key, without(keys, inner)]),
  );
}
