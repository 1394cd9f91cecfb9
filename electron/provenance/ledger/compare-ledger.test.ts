/** @file Ledgers of earlier bundles remain checkable if only the table's words have changed since. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { compareLedger } from './compare-ledger.ts';
import { assessLicences } from './ledger.ts';
import type { Ledger, LedgerInput } from './ledger.ts';

/** A ledger written by an earlier version, with the licences it was made from. */
async function earlier(): Promise<{ input: LedgerInput; ledger: Ledger }> {
  const text = await readFile(new URL('fixtures/earlier-words.json', import.meta.url), 'utf8');
  return JSON.parse(text) as { input: LedgerInput; ledger: Ledger };
}

describe('compareLedger', () => {
  it('accepts a ledger that used earlier words for the same facts', async () => {
    const { input, ledger } = await earlier();
    const today = assessLicences(input);
    expect(ledger.factsSha256).not.toBe(today.factsSha256);
    expect(compareLedger(ledger, today)).toBe('same');
  });

  it('finds a changed verdict in it', async () => {
    const { input, ledger } = await earlier();
    const changed = {
      ...ledger,
      purposes: ledger.purposes.map((entry) => ({ ...entry, verdict: 'allowed' as const })),
    };
    expect(compareLedger(changed, assessLicences(input))).toBe('different');
  });

  it('compares the words as well if the ledger uses today’s', () => {
    const today = assessLicences({ baseLicence: 'MIT', imageLicences: [{ expression: 'CC-BY-4.0', imageIds: ['a'] }] });
    expect(compareLedger(structuredClone(today), today)).toBe('same');
    const reworded = { ...today, notice: 'Do as you like.' };
    expect(compareLedger(reworded, today)).toBe('different');
  });

  it('cannot check a ledger of an unknown table', () => {
    const today = assessLicences({ baseLicence: 'MIT', imageLicences: [] });
    expect(compareLedger({ ...today, factsSha256: '0'.repeat(64) }, today)).toBe('other-facts');
  });
});
