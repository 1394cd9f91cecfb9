/** @file A stored ledger is compared with the one that follows from the same licences today. */
import { describe, expect, it } from 'vitest';
import { compareLedger } from './compare-ledger.ts';
import { assessLicences } from './ledger.ts';

describe('compareLedger', () => {
  const today = assessLicences({
    baseLicence: 'MIT',
    imageLicences: [{ expression: 'CC-BY-NC-4.0', imageIds: ['a'] }],
  });
  const earlier = { ...today, factsSha256: '0'.repeat(64), notice: 'In other words.' };

  it('compares words as well as verdicts', () => {
    expect(compareLedger(structuredClone(today), today)).toEqual({ kind: 'same' });
    const changed = { ...today, purposes: today.purposes.map((entry) => ({ ...entry, verdict: 'allowed' as const })) };
    expect(compareLedger(changed, today)).toEqual({ kind: 'different' });
    const reworded = { ...today, notice: 'Do as you like.' };
    expect(compareLedger(reworded, today)).toEqual({ kind: 'different' });
  });

  it('compares what a ledger of another table decides, not its words', () => {
    expect(compareLedger(earlier, today)).toEqual({ kind: 'same-answer' });
  });

  it('names the first decision of another table that differs', () => {
    const freer = {
      ...earlier,
      purposes: earlier.purposes.map((entry) => ({ ...entry, verdict: 'allowed' as const })),
    };
    expect(compareLedger(freer, today)).toEqual({
      kind: 'other-answer',
      difference: 'train privately: allowed there, allowed with duties here',
    });
    expect(compareLedger({ ...earlier, purposes: [] }, today)).toMatchObject({
      difference: 'train privately: no verdict there, allowed with duties here',
    });
    expect(compareLedger({ ...earlier, outboundLicences: ['MIT'] }, today)).toMatchObject({
      difference: 'licences for the weights: MIT there, CC-BY-NC-4.0, CC-BY-NC-SA-4.0 here',
    });
    expect(compareLedger({ ...earlier, duties: [] }, today)).toMatchObject({
      difference: expect.stringContaining('duties: none there'),
    });
  });
});
