/** @file Everything an image and the files beside it say about its use: signals, the verdict on them, and rights. */
import { licenceInWords } from '../../contract/model/stated-licence.ts';
import type { RightsSource, Signal, SignalVerdict } from '../../contract/model/signals.ts';
import type { C2paReader } from './c2pa-reader.ts';
import { scanForManifest } from './c2pa-scan.ts';
import { brokenManifest, readC2paReport } from './c2pa-signals.ts';
import { combineSignals } from './combine.ts';
import { readComments } from './comments.ts';
import { readExif } from './exif-signals.ts';
import { packetsOf } from './packets.ts';
import { readPage } from './page-signals.ts';
import { readPngProfiles, readPngText } from './png-text.ts';
import { strictestOf } from '../ledger/strictest.ts';
import { ALL_RIGHTS_RESERVED, countingLicences } from './licence-words.ts';
import { makeSignal } from './make-signal.ts';
import { joinFacts, type RightsFacts } from './rights-facts.ts';
import { readAiTxt, readHeaders, readRobotsTxt, readTdmRep } from './web-signals.ts';
import { readXmp } from './xmp-signals.ts';

/** An image's own bytes, and what the decoder's library has already extracted from them. */
export interface ImageBytes {
  bytes: Uint8Array;
  /** Such as `jpeg`, `png`. */
  format: string;
  xmp?: Uint8Array | undefined;
  hasExifOrIptc: boolean;
}

/** A file of evidence as text, with its name as it is shown. */
export interface EvidenceText {
  name: string;
  text: string;
}

/** Files beside the image. All of them count: several sidecars may disagree, and a prohibition wins. */
export interface Evidence {
  xmp: readonly { name: string; bytes: Uint8Array }[];
  headers: readonly EvidenceText[];
  /** What the image's site publishes for all its files. `paths`: where on the site the image may lie. */
  site: readonly (EvidenceText & { kind: 'tdmrep' | 'robots' | 'ai'; paths: readonly string[] })[];
  /** Saved pages on which the image stands. */
  pages: readonly EvidenceText[];
}

/** Signals, and rights in their order of precedence: the image's own XMP, IIM, EXIF. */
export interface ImageReading {
  signals: Signal[];
  facts: RightsFacts[];
}

/** The result for an image together with the files beside it. */
export interface ImageStatement {
  signals: Signal[];
  verdict: SignalVerdict;
  creators: { names: string[]; from: RightsSource } | null;
  /** Where a notice reserves all rights and no licence is named. */
  reserved?: RightsSource;
  /** The strictest of all that the metadata name, as an SPDX expression. */
  licence: { id: string; from: RightsSource; locator: string } | null;
  /** What a credit needs beyond author, source and licence. */
  credit: { title?: string; notice?: string; creditLine?: string; creditUrl?: string };
}

/** Joins the image's own statements with those of the files beside it; the image's own rights take precedence. */
export function stateOf(embedded: ImageReading, beside: ImageReading): ImageStatement {
  const facts = joinFacts([...embedded.facts, ...beside.facts]);
  const own = joinFacts(embedded.facts);
  const licences = countingLicences(facts.licences);
  const signals = distinct([...embedded.signals, ...beside.signals, ...contradictions(licences)]);
  const isReserved = ({ licences: named }: RightsFacts): boolean => named.some(({ id }) => id === ALL_RIGHTS_RESERVED);
  return {
    signals,
    verdict: combineSignals(signals),
    creators:
      facts.creators.length === 0
        ? null
        : { names: facts.creators, from: own.creators.length > 0 ? 'embedded' : 'sidecar' },
    licence: licenceOf(licences, own.licences),
    ...(licences.length === 0 && isReserved(facts) ? { reserved: isReserved(own) ? 'embedded' : 'sidecar' } : {}),
    credit: creditOf(facts),
  };
}

function creditOf(facts: RightsFacts): ImageStatement['credit'] {
  const stated = (name: string, texts: readonly string[]): Record<string, string> =>
    texts.length === 0 ? {} : { [name]: texts.join('; ') };
  return {
    ...stated('title', facts.title),
    ...stated('notice', facts.copyright),
    ...stated('creditLine', facts.credit),
    ...stated('creditUrl', facts.creditUrl.slice(0, 1)),
  };
}

function licenceOf(all: RightsFacts['licences'], own: RightsFacts['licences']): ImageStatement['licence'] {
  if (all.length === 0) return null;
  const id = strictestOf(all.map((licence) => licence.id));
  const counting = (licences: RightsFacts['licences']): RightsFacts['licences'] =>
    licences.filter((licence) => id.split(/[\s()]+/).includes(licence.id.split(/[\s()]+/)[0] ?? ''));
  const locator = [...new Set(counting(all).map((licence) => licence.locator))].join('; ');
  return { id, from: counting(own).length > 0 ? 'embedded' : 'sidecar', locator };
}

/** Different licences for one image, as a statement that everyone who looks at the image sees. */
function contradictions(licences: RightsFacts['licences']): Signal[] {
  if (new Set(licences.map(({ id }) => id)).size < 2) return [];
  const named = licences.map(({ id, locator }) => `${licenceInWords(id)} (${locator})`);
  return [
    makeSignal({
      kind: 'licence',
      value: 'unknown',
      scope: 'any',
      trust: 'unsigned',
      locator: 'metadata',
      raw: JSON.stringify(licences),
      statement: `The metadata name different licences: ${[...new Set(named)].join(', ')}. The strictest reading of them is ${licenceInWords(strictestOf(licences.map(({ id }) => id)))}.`,
    }),
  ];
}

/** What the bytes say. Never throws because of a file's content; what cannot be read is a signal with the value `error`. */
export async function readImage(image: ImageBytes, c2pa: C2paReader): Promise<ImageReading> {
  const signals: Signal[] = [];
  const facts: RightsFacts[] = [];
  const manifest = await readManifest(image, c2pa);
  for (const packet of packetsOf(image.bytes, image.format, image.xmp)) {
    const reading = readXmp(packet.bytes, packet.name, manifest !== null);
    signals.push(...reading.signals);
    facts.push(reading.facts);
  }
  if (image.hasExifOrIptc) {
    const reading = readExif(image.bytes, 'image');
    signals.push(...reading.signals);
    facts.push(...reading.facts);
  }
  if (image.format === 'png') {
    const profiles = readPngProfiles(image.bytes);
    const texts = readPngText(image.bytes);
    signals.push(...profiles.signals, ...texts.signals);
    facts.push(...profiles.facts, texts.facts);
  }
  signals.push(...readComments(image.bytes, image.format));
  signals.push(...(manifest ?? []));
  return { signals, facts };
}

/** What the Content Credential in the file says; null if there is none. A packet that only names one is none. */
async function readManifest({ bytes, format }: ImageBytes, c2pa: C2paReader): Promise<Signal[] | null> {
  const trace = scanForManifest(bytes);
  if (trace === 'none') return null;
  const result = await c2pa.read(bytes, `image/${format}`);
  if (result.kind === 'report') return readC2paReport(result.json, bytes);
  if (result.kind === 'broken') return brokenManifest(result.why, bytes);
  return trace === 'sure' ? brokenManifest('its place in the file is damaged', bytes) : null;
}

const SITE_READERS = { tdmrep: readTdmRep, robots: readRobotsTxt, ai: readAiTxt } as const;

/** What files beside an image say. */
export function readEvidence({ xmp, headers, site, pages }: Evidence): ImageReading {
  const sidecars = xmp.map(({ bytes, name }) => readXmp(bytes, name));
  return {
    signals: [
      ...sidecars.flatMap(({ signals }) => signals),
      ...headers.flatMap(({ text, name }) => readHeaders(text, name)),
      ...site.flatMap(({ kind, text, name, paths }) => SITE_READERS[kind](text, name, paths)),
      ...pages.flatMap(({ text, name }) => readPage(text, name)),
    ],
    facts: sidecars.map(({ facts }) => facts),
  };
}

/** Files often repeat a statement (XMP, IIM, EXIF); only the same words in the same place are joined. */
function distinct(signals: readonly Signal[]): Signal[] {
  return [
    ...new Map(
      signals.map((signal) => [JSON.stringify([signal.kind, signal.locator, signal.value, signal.raw]), signal]),
    ).values(),
  ];
}
