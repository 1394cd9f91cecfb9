/** @file The ledger's verdicts: what each licence permits, and which images are named. */
import { describe, expect, it } from 'vitest';
import { knownIds } from './licence-facts.ts';
import { assessLicences, explainOutbound, verdictOf } from './ledger.ts';
import type { Ledger, Verdict } from './ledger.ts';
import { readLicence } from '../documents/spdx.ts';

function assess(images: (string | null)[], baseLicence: string | null = 'Apache-2.0'): Ledger {
  return assessLicences({
    baseLicence,
    imageLicences: images.map((expression, i) => ({ expression, imageIds: [`img${i}`] })),
  });
}
const short: Record<Verdict, string> = {
  allowed: 'yes',
  'allowed-with-duties': 'duties',
  'needs-decision': 'decide',
  blocked: 'no',
};
/** Verdicts for private training, and for non-commercial and commercial publishing. */
function verdicts(ledger: Ledger): string {
  return ledger.purposes.map((entry) => short[entry.verdict]).join(' ');
}

describe('one kind of image over an Apache-2.0 base', () => {
  it.each([
    ['CC0-1.0', 'yes duties duties'],
    ['CC-BY-4.0', 'yes duties duties'],
    ['CC-BY-SA-3.0', 'yes duties duties'],
    ['CC-BY-NC-4.0', 'duties duties no'],
    ['CC-BY-NC-SA-4.0', 'duties duties no'],
    ['CC-BY-ND-4.0', 'yes no no'],
    ['CC-BY-NC-ND-4.0', 'duties no no'],
    ['ODbL-1.0', 'yes decide decide'],
    ['LicenseRef-own-work', 'yes duties duties'],
    ['LicenseRef-contract-ai-silent', 'decide decide decide'],
    ['LicenseRef-contract-ai-forbidden', 'no no no'],
    ['LicenseRef-all-rights-reserved', 'decide no no'],
    ['GPL-3.0-only', 'yes decide decide'],
    ['GFDL-1.2-or-later', 'yes decide decide'],
    ['CC BY-NC', 'duties duties no'],
    ['CC BY-SA', 'yes decide decide'],
    ['All Rights Reserved.', 'decide no no'],
    ['SSPL-1.0', 'decide decide decide'],
    ['LicenseRef-somebodys', 'decide decide decide'],
    ['NOASSERTION', 'decide decide decide'],
    ['free to use!!', 'decide decide decide'],
    [null, 'decide decide decide'],
  ])('%s: %s', (licence, expected) => {
    expect(verdicts(assess([licence]))).toBe(expected);
  });
});

describe('base models', () => {
  it.each([
    ['MIT', 'yes duties duties'],
    ['apache-2.0', 'yes duties duties'],
    ['CC0-1.0', 'yes yes yes'],
    ['qwen', 'yes duties duties'],
    ['qwen-research', 'duties duties no'],
    ['llama3.2', 'decide decide decide'],
    ['openrail', 'yes duties duties'],
    [null, 'decide decide decide'],
    ['other', 'decide decide decide'],
  ])('%s: %s', (base, expected) => {
    expect(verdicts(assess(['CC0-1.0'], base))).toBe(expected);
  });
});

describe('combinations', () => {
  it('never counts unknown as allowed, and names the images', () => {
    const ledger = assess(['CC0-1.0', null, 'CC-BY-4.0', null]);
    const reasons = verdictOf(ledger, 'train-privately').reasons.filter((reason) => reason.rule === 'R7');
    expect(reasons.map((reason) => reason.imageIds)).toEqual([['img1', 'img3']]);
    expect(ledger.outboundLicences).toEqual([]);
  });

  it('finds that BY-SA and BY-NC-SA cannot be published together, and names the fewer images', () => {
    const ledger = assess(['CC-BY-SA-4.0', 'CC-BY-SA-3.0', 'CC-BY-NC-SA-4.0']);
    expect(verdicts(ledger)).toBe('duties no no');
    const conflict = verdictOf(ledger, 'publish-non-commercially').reasons.find((reason) => reason.rule === 'R5');
    expect(conflict?.imageIds).toEqual(['img2']);
    expect(conflict?.text).toContain('leave out this image');
  });

  it('finds BY-SA against plain non-commercial work, and share-alike against added terms', () => {
    expect(verdicts(assess(['CC-BY-SA-4.0', 'CC-BY-NC-4.0']))).toBe('duties no no');
    expect(verdicts(assess(['CC-BY-SA-4.0'], 'openrail'))).toBe('yes no no');
    expect(verdicts(assess(['CC-BY-4.0'], 'openrail'))).toBe('yes duties duties');
    expect(verdicts(assess(['CC-BY-SA-1.0', 'CC-BY-SA-4.0']))).toBe('yes no no');
  });

  it('reads AND as all of them and OR as the better choice', () => {
    expect(verdicts(assess(['CC-BY-4.0 AND CC-BY-ND-4.0']))).toBe('yes no no');
    expect(verdicts(assess(['CC-BY-ND-4.0 OR CC-BY-4.0']))).toBe('yes duties duties');
    expect(verdicts(assess(['CC-BY-SA-4.0 AND CC-BY-NC-SA-4.0']))).toBe('duties no no');
    // Which alternative is better depends on the other images.
    const dual = 'CC-BY-SA-4.0 OR CC-BY-NC-SA-4.0';
    expect(assess([dual, 'CC-BY-NC-SA-4.0']).outboundLicences).toEqual(['CC-BY-NC-SA-4.0']);
    expect(assess([dual, 'CC-BY-SA-4.0']).outboundLicences).toEqual(['CC-BY-SA-4.0']);
  });

  it('blocks everything for an opted-out image, whatever its licence', () => {
    const ledger = assessLicences({
      baseLicence: 'MIT',
      imageLicences: [
        { expression: 'CC0-1.0', imageIds: ['a'] },
        { expression: 'CC0-1.0', imageIds: ['b'], optedOut: true },
      ],
    });
    expect(verdicts(ledger)).toBe('no no no');
    expect(verdictOf(ledger, 'train-privately').reasons[0]).toMatchObject({ rule: 'R1', imageIds: ['b'] });
  });

  it('offers only licences that keep the terms', () => {
    expect(assess(['CC0-1.0', 'CC-BY-4.0']).outboundLicences[0]).toBe('Apache-2.0');
    expect(assess(['CC-BY-SA-4.0', 'MIT']).outboundLicences).toEqual(['CC-BY-SA-4.0']);
    expect(assess(['CC-BY-NC-4.0']).outboundLicences).toEqual(['CC-BY-NC-4.0', 'CC-BY-NC-SA-4.0']);
    expect(assess(['CC-BY-NC-4.0', 'CC-BY-NC-SA-2.0']).outboundLicences).toEqual(['CC-BY-NC-SA-4.0']);
    expect(assess(['MIT'], 'openrail').outboundLicences).toEqual(['LicenseRef-OpenRAIL-M']);
    expect(assess(['CC-BY-ND-4.0']).outboundLicences).toEqual([]);
  });

  it('lets use-restricted images limit the choice as a base model does, and names them', () => {
    expect(assess(['LicenseRef-OpenRAIL-M', 'CC0-1.0']).outboundLicences).toEqual(['LicenseRef-OpenRAIL-M']);
    expect(assess(['LicenseRef-OpenRAIL-M'], 'openrail').outboundLicences).toEqual(['LicenseRef-OpenRAIL-M']);
    expect(assess(['openrail AND CC-BY-4.0']).outboundLicences).toEqual(['LicenseRef-OpenRAIL-M']);
    // Two sets of restrictions: no single licence passes both on.
    expect(assess(['gemma', 'openrail'], 'MIT').outboundLicences).toEqual([]);
    expect(assess(['LicenseRef-OpenRAIL-M'], 'LicenseRef-Qwen').outboundLicences).toEqual([]);
    const choices = explainOutbound({
      baseLicence: 'MIT',
      imageLicences: [{ expression: 'LicenseRef-OpenRAIL-M', imageIds: ['a'] }],
    });
    expect(choices.find(({ id }) => id === 'MIT')?.against).toMatchObject([{ rule: 'R5', imageIds: ['a'] }]);
  });

  it.each([
    ['two OpenRAIL images', ['LicenseRef-CreativeML-OpenRAIL-M', 'LicenseRef-OpenRAIL-M'], 'MIT', 2],
    ['OpenRAIL images over another use-restricted base', ['LicenseRef-OpenRAIL-M'], 'LicenseRef-Qwen', 1],
    ['use restrictions with non-commercial work', ['LicenseRef-OpenRAIL-M', 'CC-BY-NC-4.0'], 'MIT', 2],
    ['one image under both', ['LicenseRef-CreativeML-OpenRAIL-M AND LicenseRef-OpenRAIL-M'], 'MIT', 1],
  ])('asks for a decision where no single licence can be offered: %s', (_, images, base, named) => {
    const ledger = assess(images, base);
    const publish = verdictOf(ledger, 'publish-non-commercially');
    expect(ledger.outboundLicences).toEqual([]);
    expect(publish.verdict).toBe('needs-decision');
    const reason = publish.reasons.find(({ rule }) => rule === 'R5');
    expect(reason?.text).toContain('No single licence for the weights meets the terms of');
    expect(reason?.imageIds).toHaveLength(named);
  });

  it('permits publishing exactly where a licence can be chosen', () => {
    const licences = knownIds();
    for (const base of ['MIT', 'openrail'])
      for (const one of licences)
        for (const other of ['CC0-1.0', 'CC-BY-NC-4.0', 'CC-BY-SA-4.0', 'LicenseRef-CreativeML-OpenRAIL-M']) {
          const ledger = assess([one, other], base);
          const may = verdictOf(ledger, 'publish-non-commercially').verdict.startsWith('allowed');
          expect([base, one, other, ledger.outboundLicences.length > 0]).toEqual([base, one, other, may]);
        }
  });

  it('speaks of images and licences as people do', () => {
    const id = '3a99c6f0'.repeat(8);
    const ledgers = ['LicenseRef-OpenRAIL-M', 'GPL', 'SSPL-1.0', 'free for all', null, 'CC-BY-NC-4.0'].map(
      (expression) => assessLicences({ baseLicence: 'MIT', imageLicences: [{ expression, imageIds: [id] }] }),
    );
    const text = ledgers.flatMap(({ purposes, duties, table }) => [
      ...purposes.flatMap(({ reasons }) => reasons.map((reason) => reason.text)),
      ...duties.map((duty) => duty.text),
      ...table.map(({ reading }) => reading),
    ]);
    for (const sentence of text) {
      expect(sentence).not.toMatch(/[0-9a-f]{16}/);
      expect(sentence).not.toMatch(/base model’s|terms (?:are|not) (?:un)?known/);
    }
    expect(text.join(' ')).toContain('1 image');
  });

  it('gives the same ledger for the same images in any order and grouping', () => {
    const once = assessLicences({
      baseLicence: 'MIT',
      imageLicences: [
        { expression: 'MIT', imageIds: ['b', 'a'] },
        { expression: null, imageIds: ['c'] },
      ],
    });
    const again = assessLicences({
      baseLicence: 'MIT',
      imageLicences: [
        { expression: null, imageIds: ['c'] },
        { expression: 'MIT', imageIds: ['a'] },
        { expression: 'MIT', imageIds: ['b', 'a'] },
      ],
    });
    expect(again).toEqual(once);
  });

  it('adding an image never makes anything more permitted', () => {
    const rank = (ledger: Ledger): number[] =>
      ledger.purposes.map((p) => ['allowed', 'allowed-with-duties', 'needs-decision', 'blocked'].indexOf(p.verdict));
    const licences = [
      'CC0-1.0',
      'CC-BY-4.0',
      'CC-BY-SA-4.0',
      'CC-BY-NC-4.0',
      'CC-BY-NC-SA-4.0',
      'CC-BY-ND-4.0',
      'MIT',
      'ODbL-1.0',
      null,
    ];
    for (const base of ['CC0-1.0', 'Apache-2.0', 'openrail', 'qwen-research']) {
      for (const one of licences) {
        for (const other of licences) {
          const before = rank(assess([one], base));
          rank(assess([one, other], base)).forEach((after, i) => expect(after).toBeGreaterThanOrEqual(before[i]!));
        }
      }
    }
  });
});

describe('the table', () => {
  it('uses ids that SPDX has, each once', () => {
    const all = knownIds();
    // The parser knows the SPDX list, and refuses an id that is not on it.
    expect(all.filter((id) => readLicence(id).kind !== 'stated')).toEqual([]);
    expect(readLicence('CC-BY-9.0').kind).toBe('unreadable');
    expect(new Set(all).size).toBe(all.length);
  });

  it('reads spellings of other letter case as the same licence', () => {
    expect(readLicence('cc-by-4.0')).toMatchObject({ kind: 'stated', expression: 'CC-BY-4.0' });
    expect(readLicence('mit or (cc-by-4.0 and apache-2.0)')).toMatchObject({
      kind: 'stated',
      alternatives: [['MIT'], ['Apache-2.0', 'CC-BY-4.0']],
    });
    expect(readLicence('  ').kind).toBe('none');
  });

  it('quotes terms that are stated and not understood', () => {
    const sentence = (expression: string | null): string | undefined =>
      assessLicences({ baseLicence: 'MIT', imageLicences: [{ expression, imageIds: ['a'] }] }).table[0]?.reading;
    expect(sentence('CC-BY-4.0 AND LicenseRef-stated-ex.org-my-own-license')).toBe(
      'Unknown: the stated terms “ex.org my own license” are not understood, so read them yourself.',
    );
    expect(sentence(null)).toBe('Unknown: no licence is known.');
  });
});
