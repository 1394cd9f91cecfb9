/** @file The table of places in docs/provenance.md says of each place whether it is read. It is held against the readers. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../contract/model/signals.ts';
import { FIELDS } from './exif-signals.ts';
import { NS, TEXTS, readXmp } from './xmp-signals.ts';

const page = readFileSync(new URL('../../../docs/provenance.md', import.meta.url), 'utf8');
const section = page.slice(page.indexOf('## What images say about their own use'));

interface Place {
  place: string;
  read: string;
}

/** The rows of the section's table. */
const rows: Place[] = section
  .slice(0, section.indexOf('**Statements in words**'))
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| place') && !line.startsWith('| ---'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, place = '', read = '']) => ({ place, read }));

/** The rows about XMP properties, from the heading of XMP to the next one. */
const xmpRows = rows.slice(
  rows.findIndex(({ place }) => place.startsWith('**XMP**')) + 1,
  rows.findIndex(({ place }) => place.startsWith('**EXIF**')),
);

const PREFIXES: Record<string, string> = { ...NS, Iptc4xmpExt: NS.iptcExt, tdm: 'http://www.w3.org/ns/tdmrep/' };
/** IPTC and PLUS put the text into a field of the property. */
const FIELD_OF: Record<string, string> = {
  'plus:Licensor': 'plus:LicensorName',
  'plus:CopyrightOwner': 'plus:CopyrightOwnerName',
  'Iptc4xmpExt:EmbdEncRightsExpr': 'Iptc4xmpExt:EncRightsExpr',
  'Iptc4xmpExt:LinkedEncRightsExpr': 'Iptc4xmpExt:LinkedRightsExpr',
};

/** What is read from a packet that holds one property. */
function readingOf(property: string, value: string): Signal[] {
  const [prefix = '', local = ''] = (FIELD_OF[property] ?? property).split(':');
  const packet =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description rdf:about="" xmlns:p="${PREFIXES[prefix] ?? 'none'}"><p:${local}>${value}</p:${local}></rdf:Description>` +
    '</rdf:RDF></x:xmpmeta>';
  return readXmp(Buffer.from(packet), 'XMP').signals;
}

const propertiesIn = ({ place }: Place): string[] => [...place.matchAll(/`(\w+:\w+)`/g)].map(([, name]) => name ?? '');

describe('the table of places', () => {
  const cases = xmpRows.flatMap((row) => propertiesIn(row).map((name) => [name, row.read] as const));

  it('names properties of XMP', () => {
    expect(cases.length).toBeGreaterThan(30);
  });

  it.each(cases)('%s: %s', (name, read) => {
    const words = readingOf(name, 'No AI training').some(({ value }) => value === 'disallow');
    const values: Record<string, string> = { 'plus:DataMining': 'DMI-PROHIBITED', 'tdm:reservation': '1' };
    const signals = readingOf(name, values[name] ?? 'https://example.org/x');
    if (read.startsWith('yes')) expect(signals.map(({ value }) => value)).toContain('disallow');
    else {
      expect(words, 'in words').toBe(read.includes('in words'));
      if (read.startsWith('shown')) expect(signals.map(({ value }) => value)).toContain('unknown');
    }
  });

  it('names every property whose text is read', () => {
    const named = new Set(xmpRows.flatMap(propertiesIn));
    expect(TEXTS.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
  });

  it('names every field of EXIF and IIM that is read, in a row that says so', () => {
    const about = (group: string): Place[] => rows.filter(({ place }) => place.includes(group));
    for (const { group, tag, shown } of FIELDS) {
      const [row] = about(group === 'iptc' ? 'IIM' : 'EXIF').filter(({ place }) => place.includes(tag));
      expect(row, `${group} ${tag}`).toBeDefined();
      expect(row?.read, `${group} ${tag}`).toContain('in words');
      if (row?.read.startsWith('yes') === true) expect(shown, `${group} ${tag}`).toBeDefined();
    }
  });

  it('gives every place an answer', () => {
    expect(rows.length).toBeGreaterThan(25);
    expect(rows.filter(({ read }) => read === '')).toEqual([]);
  });
});
