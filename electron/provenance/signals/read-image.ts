/** @file Everything that an image and the files beside it say about its use: signals, their verdict, and rights. */
import type { RightsSource, Signal, SignalVerdict } from '../../contract/model/signals.ts';
import type { C2paReader } from './c2pa-reader.ts';
import { scanForManifest } from './c2pa-scan.ts';
import { brokenManifest, readC2paReport } from './c2pa-signals.ts';
import { combineSignals } from './combine.ts';
import { readComments } from './comments.ts';
import { readExif } from './exif-signals.ts';
import { packetsOf } from './packets.ts';
import { readPngProfiles, readPngText } from './png-text.ts';
import { joinFacts, type RightsFacts } from './rights-facts.ts';
import { readHeaders, readTdmRep } from './web-signals.ts';
import { readXmp } from './xmp-signals.ts';

/** An image's own bytes, and what the decoder's library has already taken out of them. */
export interface ImageBytes {
  bytes: Uint8Array;
  /** Such as `jpeg`, `png`. */
  format: string;
  xmp?: Uint8Array | undefined;
  hasExifOrIptc: boolean;
}

/** Files beside the image, with their names as they are shown. */
export interface Evidence {
  xmp?: { name: string; bytes: Uint8Array } | undefined;
  headers?: { name: string; text: string } | undefined;
  tdmrep?: { name: string; text: string; paths: readonly string[] } | undefined;
}

/** Signals and rights in the order in which they count: the image's own XMP, IIM, EXIF. */
export interface ImageReading {
  signals: Signal[];
  facts: RightsFacts[];
}

/** All that an image and what lay beside it come to. */
export interface ImageStatement {
  signals: Signal[];
  verdict: SignalVerdict;
  creators: { names: string[]; from: RightsSource } | null;
  licence: { id: string; from: RightsSource; locator: string } | null;
}

/** Joins what the image says itself with what lies beside it; the image's own words on rights come first. */
export function stateOf(embedded: ImageReading, beside: ImageReading): ImageStatement {
  const signals = distinct([...embedded.signals, ...beside.signals]);
  const facts = joinFacts([...embedded.facts, ...beside.facts]);
  const own = joinFacts(embedded.facts);
  return {
    signals,
    verdict: combineSignals(signals),
    creators:
      facts.creators.length === 0
        ? null
        : { names: facts.creators, from: own.creators.length > 0 ? 'embedded' : 'sidecar' },
    licence: facts.licence === null ? null : { ...facts.licence, from: own.licence !== null ? 'embedded' : 'sidecar' },
  };
}

/** What the bytes say. Never throws for what a file holds; what cannot be read is a signal with the value `error`. */
export async function readImage(image: ImageBytes, c2pa: C2paReader): Promise<ImageReading> {
  const signals: Signal[] = [];
  const facts: RightsFacts[] = [];
  for (const packet of packetsOf(image.bytes, image.format, image.xmp)) {
    const reading = readXmp(packet.bytes, packet.name);
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
  signals.push(...(await readManifest(image, c2pa)));
  return { signals, facts };
}

async function readManifest({ bytes, format }: ImageBytes, c2pa: C2paReader): Promise<Signal[]> {
  const trace = scanForManifest(bytes);
  if (trace === 'none') return [];
  const result = await c2pa.read(bytes, `image/${format}`);
  if (result.kind === 'report') return readC2paReport(result.json, bytes);
  if (result.kind === 'broken') return brokenManifest(result.why, bytes);
  return trace === 'sure' ? brokenManifest('its place in the file is damaged', bytes) : [];
}

/** What files beside an image say. */
export function readEvidence({ xmp, headers, tdmrep }: Evidence): ImageReading {
  const sidecar = xmp === undefined ? undefined : readXmp(xmp.bytes, xmp.name);
  return {
    signals: [
      ...(sidecar?.signals ?? []),
      ...(headers === undefined ? [] : readHeaders(headers.text, headers.name)),
      ...(tdmrep === undefined ? [] : readTdmRep(tdmrep.text, tdmrep.name, tdmrep.paths)),
    ],
    facts: sidecar === undefined ? [] : [sidecar.facts],
  };
}

/** Files often say the same several times (XMP, IIM, EXIF); only the very same words in the same place are one. */
function distinct(signals: readonly Signal[]): Signal[] {
  return [
    ...new Map(
      signals.map((signal) => [JSON.stringify([signal.kind, signal.locator, signal.value, signal.raw]), signal]),
    ).values(),
  ];
}
