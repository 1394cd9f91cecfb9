/** @file A stored ledger is compared with the one that follows from the same licences today. */
import { describe, expect, it } from 'vitest';
import { compareLedger } from './compare-ledger.ts';
import { assessLicences } from './ledger.ts';

describe('compareLedger', () => {
  it('compares words as well as verdicts', () => {
    const today = assessLicences({ baseLicence: 'MIT', imageLicences: [{ expression: 'CC-BY-4.0', imageIds: ['a'] }] });
    expect(compareLedger(structuredClone(today), today)).toBe('same');
    const changed = { ...today, purposes: today.purposes.map((entry) => ({ ...entry, verdict: 'allowed' as const })) };
    expect(compareLedger(changed, today)).toBe('different');
    const reworded = { ...today, notice: 'Do as you like.' };
    expect(compareLedger(reworded, today)).toBe('different');
  });

  it('cannot check a ledger of an unknown table', () => {
    const today = assessLicences({ baseLicence: 'MIT', imageLicences: [] });
    expect(compareLedger({ ...today, factsSha256: '0'.repeat(64) }, today)).toBe('other-facts');
  });
});
