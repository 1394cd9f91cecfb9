/** @file XMP in every form that writers use, and in forms that are meant to hurt. */
import { describe, expect, it } from 'vitest';
import { spdxOfName } from '../ledger/licence-names.ts';
import { combineSignals } from './combine.ts';
import { MAX_RAW_CHARACTERS } from './make-signal.ts';
import { readXmp } from './xmp-signals.ts';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
const PLUS = 'http://ns.useplus.org/ldf/xmp/1.0/';
const PROHIBITED = 'http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED';

function packet(inner: string, attributes = ''): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${RDF}"><rdf:Description rdf:about="" xmlns:plus="${PLUS}" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#" ${attributes}>${inner}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;
}

function mining(text: string | Uint8Array): string[] {
  const { signals } = readXmp(typeof text === 'string' ? Buffer.from(text) : text, 'XMP');
  return signals.filter((signal) => signal.kind === 'plus').map((signal) => signal.value);
}

describe('plus:DataMining', () => {
  it.each([
    ['an attribute', packet('', `plus:DataMining="${PROHIBITED}"`)],
    ['an element', packet(`<plus:DataMining>${PROHIBITED}</plus:DataMining>`)],
    ['a resource', packet(`<plus:DataMining rdf:resource="${PROHIBITED}"/>`)],
    ['a list', packet(`<plus:DataMining><rdf:Bag><rdf:li>${PROHIBITED}</rdf:li></rdf:Bag></plus:DataMining>`)],
    [
      'a qualified value',
      packet(`<plus:DataMining rdf:parseType="Resource"><rdf:value>${PROHIBITED}</rdf:value></plus:DataMining>`),
    ],
    ['a bare key', packet('<plus:DataMining>DMI-PROHIBITED</plus:DataMining>')],
    ['an old label', packet('<plus:DataMining>Prohibited for AI/ML training</plus:DataMining>')],
    ['another prefix', packet(`<p9:DataMining xmlns:p9="${PLUS}">${PROHIBITED}</p9:DataMining>`)],
    [
      'a second description',
      packet(`</rdf:Description><rdf:Description rdf:about="" plus:DataMining="${PROHIBITED}" xmlns:plus="${PLUS}">`),
    ],
    [
      'an ingredient',
      packet(`<i:Parts xmlns:i="urn:i"><rdf:Bag><rdf:li plus:DataMining="${PROHIBITED}"/></rdf:Bag></i:Parts>`),
    ],
    ['no packet wrapper', packet('', `plus:DataMining="${PROHIBITED}"`).replaceAll(/<\?xpacket[^>]*\?>/g, '')],
    ['trailing zeros', `${packet('', `plus:DataMining="${PROHIBITED}"`)}${'\0'.repeat(200)}`],
  ])('as %s', (_form, text) => {
    expect(mining(text)).toEqual(['disallow']);
  });

  it('by the name of the vocabulary only: another namespace with the same local name says nothing', () => {
    expect(mining(packet(`<e:DataMining xmlns:e="http://example.org/">${PROHIBITED}</e:DataMining>`))).toEqual([]);
    expect(
      mining(packet(`<plus:DataMining>${PROHIBITED}</plus:DataMining>`).replace(PLUS, 'http://example.org/')),
    ).toEqual([]);
  });

  it('with a term that is not known is unknown, and says so', () => {
    const { signals } = readXmp(
      Buffer.from(packet('', 'plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-NEW"')),
      'XMP',
    );
    expect(signals).toMatchObject([{ value: 'unknown', raw: 'http://ns.useplus.org/ldf/vocab/DMI-NEW' }]);
  });

  it.each(['utf16le', 'utf-16be', 'utf-32le', 'utf-32be'])('in %s', (encoding) => {
    const text = packet('', `plus:DataMining="${PROHIBITED}"`);
    expect(mining(encode(text, encoding, true))).toEqual(['disallow']);
    expect(mining(encode(text, encoding, false))).toEqual(['disallow']);
  });

  it('beside a name in Latin-1', () => {
    const text = packet(
      '<dc:creator><rdf:Seq><rdf:li>Jürgen</rdf:li></rdf:Seq></dc:creator>',
      `plus:DataMining="${PROHIBITED}"`,
    );
    const bytes = Buffer.from(text.replace('\uFEFF', ''), 'latin1');
    expect(mining(bytes)).toEqual(['disallow']);
    expect(readXmp(bytes, 'XMP').facts.creators).toEqual(['Jürgen']);
  });
});

describe('what cannot be read', () => {
  it.each([
    ['cut off', packet('', `plus:DataMining="${PROHIBITED}"`).slice(0, -60)],
    ['not well-formed', packet(`<plus:DataMining>${PROHIBITED}</plus:DataMining><b>`)],
    [
      'with a document type',
      `<!DOCTYPE x [<!ENTITY a "${PROHIBITED}">]>${packet('<plus:DataMining>&a;</plus:DataMining>')}`,
    ],
  ])('%s is an error, and its words against mining still count', (_what, text) => {
    expect(mining(text)).toEqual(['error', 'disallow']);
  });

  it('entities are never expanded', () => {
    const bomb = `<!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i} "&a${i - 1};&a${i - 1};">`).join('')}]>${packet('<dc:rights>&a29;</dc:rights>')}`;
    const { signals, facts } = readXmp(Buffer.from(bomb), 'XMP');
    expect(signals.map((signal) => signal.value)).toEqual(['error']);
    expect(facts.copyright).toEqual([]);
  });

  it('neither is a packet of a million tags, of depth without end, or of five megabytes', () => {
    for (const text of [
      packet('<a/>'.repeat(1_000_000)),
      packet(`${'<a>'.repeat(40_000)}${'</a>'.repeat(40_000)}`),
      packet(`<dc:rights>${'x'.repeat(5_000_000)}</dc:rights>`),
    ]) {
      expect(mining(text)).toEqual(['error']);
    }
  });

  it('noise of every kind is an error or nothing, never a crash', () => {
    for (let seed = 1; seed < 200; seed += 1) {
      const bytes = Buffer.from(packet('', `plus:DataMining="${PROHIBITED}"`));
      for (let flip = 0; flip < 5; flip += 1)
        bytes[(seed * 7919 + flip * 104_729) % bytes.length] = (seed * 31 + flip * 17) % 256;
      expect(() => readXmp(bytes, 'XMP')).not.toThrow();
    }
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(3),
      Buffer.from('plain text'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('<'),
    ]) {
      expect(() => readXmp(bytes, 'XMP')).not.toThrow();
    }
  });

  it('exact words are kept within bounds and without characters that are no text', () => {
    const long = packet(`<dc:rights>${'word '.repeat(5000)}</dc:rights>`);
    const [signal] = readXmp(Buffer.from(long), 'XMP').signals;
    expect(signal!.raw.length).toBe(MAX_RAW_CHARACTERS);
    expect(signal!.raw.endsWith('…')).toBe(true);
  });
});

describe('rights', () => {
  it('in plain words against training count, whatever their order; ordinary notices do not', () => {
    const against = [
      'No AI training.',
      'AI training prohibited',
      'All rights reserved, also for text and data mining',
      'Not for machine learning',
    ];
    const ordinary = [
      '© 2026 Ada. All rights reserved.',
      'Credit: AI Weiwei',
      'Free to use',
      'No commercial use. Ask Ada.',
    ];
    const verdict = (text: string): string =>
      combineSignals(readXmp(Buffer.from(packet(`<dc:rights>${text}</dc:rights>`)), 'XMP').signals);
    expect(against.map(verdict)).toEqual(against.map(() => 'opted-out'));
    expect(ordinary.map(verdict)).toEqual(ordinary.map(() => 'unknown'));
  });

  it('in words are read in every property where people write them, and in every language of a list', () => {
    const forbids = (inner: string): string => combineSignals(readXmp(Buffer.from(packet(inner)), 'XMP').signals);
    const photoshop = 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"';
    for (const inner of [
      `<photoshop:Instructions ${photoshop}>No AI training</photoshop:Instructions>`,
      '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">A cat</rdf:li><rdf:li xml:lang="fr">Entraînement d’IA interdit</rdf:li></rdf:Alt></dc:description>',
      '<dc:subject><rdf:Bag><rdf:li>cat</rdf:li><rdf:li>NoAI</rdf:li></rdf:Bag></dc:subject>',
      '<plus:TermsAndConditionsText>Kein KI-Training</plus:TermsAndConditionsText>',
    ])
      expect(forbids(inner)).toBe('opted-out');
    expect(forbids('<dc:description>No AI, just me</dc:description>')).toBe('unknown');
  });

  it('are shown where Atelier cannot judge them', () => {
    const text = packet(
      `<x:EmbdEncRightsExpr xmlns:x="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><rdf:Bag><rdf:li rdf:parseType="Resource"><x:EncRightsExpr>{"odrl":1}</x:EncRightsExpr></rdf:li></rdf:Bag></x:EmbdEncRightsExpr>
       <x:LinkedEncRightsExpr xmlns:x="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><rdf:Bag><rdf:li rdf:parseType="Resource"><x:LinkedRightsExpr>https://example.org/r</x:LinkedRightsExpr></rdf:li></rdf:Bag></x:LinkedEncRightsExpr>
       <r:Marked xmlns:r="http://ns.adobe.com/xap/1.0/rights/">True</r:Marked>`,
    );
    expect(readXmp(Buffer.from(text), 'XMP').signals.map(({ statement }) => statement)).toEqual([
      'Marked as protected by rights.',
      'The image holds a rights expression for machines. Atelier does not interpret it; read it yourself: {"odrl":1}.',
      'The image names a rights expression on the network. Atelier is offline and did not read it: https://example.org/r.',
    ]);
  });

  it('say truly where a Content Credential is', () => {
    const said = (address: string, hasCredential?: boolean): string | undefined =>
      readXmp(
        Buffer.from(packet(`<t:provenance xmlns:t="http://purl.org/dc/terms/">${address}</t:provenance>`)),
        'XMP',
        hasCredential,
      ).signals[0]?.statement;
    expect(said('https://example.org/m')).toContain('on the network');
    expect(said('self#jumbf=/c2pa/x', true)).toBe('The metadata name the Content Credential in this file.');
    expect(said('self#jumbf=/c2pa/x', false)).toContain('there is none: it was removed');
    expect(said('self#jumbf=/c2pa/x')).toBe('The metadata name a Content Credential inside the image.');
  });

  it('names every licence that it states', () => {
    const both = packet(
      '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/><cc:license rdf:resource="https://creativecommons.org/licenses/by-nc/4.0/"/>',
    );
    expect(readXmp(Buffer.from(both), 'XMP').facts.licences).toEqual([
      { id: 'CC-BY-4.0', locator: 'XMP, cc:license' },
      { id: 'CC-BY-NC-4.0', locator: 'XMP, cc:license' },
    ]);
  });

  it.each([
    ['https://creativecommons.org/licenses/by-nc-sa/4.0/', 'CC-BY-NC-SA-4.0'],
    ['http://creativecommons.org/licenses/by/3.0/de/', 'CC-BY-3.0-DE'],
    ['https://creativecommons.org/licenses/by-nd/4.0/deed.de', 'CC-BY-ND-4.0'],
    ['https://creativecommons.org/publicdomain/zero/1.0/', 'CC0-1.0'],
    ['https://creativecommons.org/publicdomain/mark/1.0/', 'CC-PDM-1.0'],
    ['https://creativecommons.org.example.net/licenses/by/4.0/', null],
    ['https://creativecommons.org/licenses/by-sa-nd/4.0/', null],
    ['https://example.org/licenses/by/4.0/', null],
  ])('%s is %s', (url, id) => {
    expect(spdxOfName(url)).toBe(id);
  });
});

function encode(text: string, encoding: string, mark: boolean): Buffer {
  const body = mark ? `\uFEFF${text}` : text;
  if (encoding === 'utf16le') return Buffer.from(body, 'utf16le');
  if (encoding === 'utf-16be') return Buffer.from(body, 'utf16le').swap16();
  const points = Array.from(body, (character) => character.codePointAt(0) ?? 0);
  const buffer = Buffer.alloc(points.length * 4);
  for (const [index, point] of points.entries()) {
    if (encoding === 'utf-32le') buffer.writeUInt32LE(point, index * 4);
    else buffer.writeUInt32BE(point, index * 4);
  }
  return buffer;
}
