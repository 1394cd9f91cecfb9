/** @file What verification says about opt-outs, permissions and silence. */
import { expect, it } from 'vitest';
import { ManifestRow } from '../../../provenance/documents/manifest.ts';
import { makeSignal } from '../../../provenance/signals/make-signal.ts';
import { checkOptOuts } from './verify-optouts.ts';

function row(index: number, value: 'allow' | 'disallow' | null): ManifestRow {
  const signal = {
    kind: 'plus',
    scope: 'any',
    trust: 'trusted',
    locator: 'XMP, plus:DataMining',
    raw: 'x',
    statement: 'The image says so.',
  } as const;
  return ManifestRow.parse({
    imageSha256: String(index).padStart(64, '0'),
    names: [`${index}.png`],
    width: 28,
    height: 28,
    samples: [{ id: `s${index}`, split: 'train', task: 'counting', timesSeen: 1 }],
    use: value === 'disallow' ? 'not-used' : 'training',
    why: 'drawn in training',
    licence: 'CC0-1.0',
    authors: [],
    sources: [],
    signals: value === null ? [] : [makeSignal({ ...signal, value })],
    verdict: value === null ? 'unknown' : value === 'allow' ? 'allowed' : 'opted-out',
    override: null,
  });
}

it('counts a permission as one, and calls only the rest silent', async () => {
  const rows = [row(0, 'disallow'), row(1, 'allow'), row(2, 'allow'), row(3, null), row(4, null), row(5, null)];
  expect((await checkOptOuts('', rows)).detail).toBe(
    'Of 6 images 1 opted out of training: 1 left out. 2 allow training. The silence of the other 3 is not consent.',
  );
  expect((await checkOptOuts('', rows.slice(0, 3))).detail).toBe(
    'Of 3 images 1 opted out of training: 1 left out. 2 allow training.',
  );
});
