/** @file Reports of the C2PA reader that no fixture can hold: online checks, expired certificates, odd assertions. */
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../contract/model/signals.ts';
import { readC2paReport } from './c2pa-signals.ts';
import { combineSignals } from './combine.ts';

const NOTHING = new Uint8Array();

type Assertion = { label: string; data: unknown };

function report(state: string, codes: readonly string[], assertions: readonly Assertion[] = []): Signal[] {
  const json = {
    active_manifest: 'urn:a',
    validation_state: state,
    validation_results: { activeManifest: { failure: codes.map((code) => ({ code })) } },
    manifests: { 'urn:a': { signature_info: { issuer: 'Ada' }, assertions } },
  };
  return readC2paReport(JSON.stringify(json), NOTHING);
}

describe('the state of a signature', () => {
  it.each([
    ['Valid', ['signingCredential.untrusted'], 'valid', 'intact, signer not verified'],
    ['Invalid', ['signingCredential.untrusted'], 'valid', 'intact, signer not verified'],
    [
      'Invalid',
      ['cawg.ica.did_unavailable'],
      'valid',
      'intact, signer not verified; cawg.ica.did_unavailable can only be checked online',
    ],
    ['Trusted', [], 'trusted', 'intact, by a signer on the C2PA trust list'],
    [
      'Invalid',
      ['signingCredential.untrusted', 'signingCredential.expired'],
      'valid',
      'intact, but the signing certificate had expired and no time stamp shows when it was used',
    ],
    ['Invalid', ['signingCredential.revoked'], 'valid', 'intact, but the signing certificate was revoked'],
    [
      'Invalid',
      ['signingCredential.untrusted', 'assertion.dataHash.mismatch'],
      'invalid',
      'changed after it was signed, or damaged: assertion.dataHash.mismatch',
    ],
    ['Invalid', [], 'invalid', 'it does not pass validation; the reader gives no reason'],
  ] as const)('%s with %j is %s', (state, codes, trust, words) => {
    const [integrity] = report(state, codes);
    expect(integrity).toMatchObject({ trust, statement: `Content Credential signed as “Ada” (${words}).` });
  });

  it('never makes a permission of one that is not trusted', () => {
    const allowed = [{ label: 'cawg.training-mining', data: { entries: { 'cawg.ai_training': { use: 'allowed' } } } }];
    expect(combineSignals(report('Trusted', [], allowed))).toBe('allowed');
    expect(combineSignals(report('Invalid', ['cawg.ica.did_unavailable'], allowed))).toBe('unknown');
  });
});

describe('assertions on training', () => {
  const FORBIDDEN = { use: 'notAllowed' };
  it.each([
    ['entries', { entries: { 'c2pa.ai_training': FORBIDDEN } }],
    ['keys at the top', { 'c2pa.ai_training': FORBIDDEN }],
    ['a word in place of an entry', { 'c2pa.ai_training': 'notAllowed' }],
    ['both, with the prohibition in entries', { entries: { 'c2pa.ai_training': FORBIDDEN }, 'c2pa.data_mining': { use: 'allowed' } }],
    ['both, with the prohibition at the top', { entries: { 'c2pa.data_mining': { use: 'allowed' } }, 'c2pa.ai_training': FORBIDDEN }],
    ['empty entries', { entries: {}, 'c2pa.ai_training': FORBIDDEN }],
    ['a list of entries', { entries: [{ 'c2pa.ai_training': FORBIDDEN }] }],
    ['an unknown word', { entries: { 'c2pa.ai_training': { use: 'maybe' } } }],
  ])('count as %s', (_form, data) => {
    expect(combineSignals(report('Valid', [], [{ label: 'c2pa.training-mining', data }]))).toBe('opted-out');
  }); // prettier-ignore

  it('are not made of what stands beside the entries', () => {
    const data = { entries: { 'c2pa.ai_training': { use: 'allowed' } }, version: 1, metadata: { note: 'x' } };
    const signals = report('Valid', [], [{ label: 'c2pa.training-mining', data }]);
    expect(signals.filter(({ kind }) => kind === 'c2pa').map(({ value }) => value)).toEqual(['allow']);
  });
});

describe('metadata assertions', () => {
  const PROHIBITED = 'http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED';
  it.each([
    ['a string', { 'plus:DataMining': PROHIBITED }],
    ['an id', { 'plus:DataMining': { '@id': PROHIBITED } }],
    ['a value', { 'plus:DataMining': { '@value': 'plus:DMI-PROHIBITED' } }],
    ['a list', { 'plus:DataMining': [PROHIBITED] }],
    ['a list of ids', { 'plus:DataMining': [{ '@id': 'x:other' }, { '@id': PROHIBITED }] }],
    ['a full name', { 'http://ns.useplus.org/ldf/xmp/1.0/DataMining': PROHIBITED }],
    ['a node of a graph', { '@graph': [{ 'plus:DataMining': { '@id': PROHIBITED } }] }],
    ['words', { 'xmpRights:UsageTerms': { 'x-default': 'No AI training' } }],
    ['words by language', { 'dc:rights': [{ '@language': 'de', '@value': 'Kein KI-Training' }] }],
    ['a reservation', { 'tdm:reservation': 1 }],
  ])('forbid as %s', (_form, data) => {
    expect(combineSignals(report('Valid', [], [{ label: 'cawg.metadata', data }]))).toBe('opted-out');
  });

  it('that forbid nothing stay unknown', () => {
    const data = { 'dc:rights': '© Ada', 'plus:DataMining': 'plus:DMI-UNSPECIFIED', 'dc:description': 'No AI' };
    expect(combineSignals(report('Valid', [], [{ label: 'cawg.metadata', data }]))).toBe('unknown');
  });
});
