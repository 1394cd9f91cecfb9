/**
 * @file Gathers once what every bill of materials says about a bundle, so that CycloneDX, SPDX, Croissant and the
 * training summary cannot contradict each other. Nothing here is random: ids are derived from hashes.
 */
import { adaptedLayersText } from '../../method/adapter-parts.ts';
import type { ImageOrientation } from '../../contract/model/datasets.ts';
import type { UnknownUse } from '../../contract/model/signals.ts';
import type { Recipe } from '../../contract/api/index.ts';
import { percent } from '../../reporting/figures.ts';
import { canonicalJson, compareCodePoints, sha256Hex } from '../signing/canonical-json.ts';
import type { EvaluationFile } from './evaluation-record.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { factsOf } from '../ledger/licence-facts.ts';
import { NOT_STATED, licenceInWords } from '../../contract/model/stated-licence.ts';
import { isTrained, licenceWithSources, optOutStands } from './manifest.ts';
import type { ManifestRow } from './manifest.ts';
import type { FileDigest } from '../signing/model-signing.ts';
import { licenceIdsOf, readLicence } from './spdx.ts';

/** Prefix for names that must be addresses in their format but lead nowhere: `.invalid` never resolves (RFC 2606). */
export const NAMESPACE = 'https://atelier.invalid';

/** A model's place on the Hugging Face hub. */
export interface HubLocation {
  /** `OWNER/NAME`. */
  id: string;
  revision: string | null;
}

export interface BundleDescription {
  atelierVersion: string;
  runId: string;
  step: number;
  recipe: Recipe;
  recipeSha256: string;
  device: string | null;
  /** When the run ended (or, failing that, was started or created): the only time in these documents. */
  at: string;
  base: {
    name: string;
    licence: string | null;
    sha256: string;
    files: readonly FileDigest[];
    /** Its class in transformers. */
    architecture: string;
    /** Where the model is published; null if that is not known. */
    hub: HubLocation | null;
  };
  dataset: {
    name: string;
    importedAt: string;
    /** How photographs with an EXIF orientation were shown to the model. */
    orientation: ImageOrientation;
    /** UTF-8 bytes of the questions and answers that training used. */
    textBytes: number;
  };
  manifest: readonly ManifestRow[];
  /** Digests of manifest.jsonl and ATTRIBUTION.csv as they are in the bundle. */
  manifestFile: FileDigest;
  attributionFile: FileDigest;
  evaluation: EvaluationFile;
  ledger: Ledger;
  /** The SPDX id that the maker chose; null if none was chosen. */
  licence: string | null;
  /** The weights and their configuration. */
  results: readonly FileDigest[];
  /** Fingerprint of the key that signs the bundle: the only name a maker has here. */
  makerKey: string;
}

/** Names this bundle: equal facts give the same UUID, different facts another (RFC 9562, version 8 from a SHA-256). */
export function bundleUuid(description: BundleDescription): string {
  const { manifest: _namedByItsDigest, ...facts } = description;
  return uuidFrom(sha256Hex(`atelier-bundle-v1\n${canonicalJson(facts)}`));
}

/** A version 8 UUID whose 122 free bits come from a hash. */
export function uuidFrom(sha256: string): string {
  const variant = ((Number.parseInt(sha256.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const hex = `${sha256.slice(0, 12)}8${sha256.slice(13, 16)}${variant}${sha256.slice(17, 32)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The maker, as far as a bundle can name one. */
export function makerName({ makerKey }: Pick<BundleDescription, 'makerKey'>): string {
  return `Holder of the signing key ${makerKey}`;
}

/** The files among the results that hold tensors. */
export function weightsOf(results: readonly FileDigest[]): FileDigest[] {
  return results.filter((file) => /\.(safetensors|gguf)$/.test(file.name));
}

/** Counts the manifest's images by what they were used for. */
export function imageCounts(manifest: readonly ManifestRow[]): {
  all: number;
  used: number;
  training: number;
  evaluation: number;
} {
  const count = (uses: ManifestRow['use'][]): number => manifest.filter((row) => uses.includes(row.use)).length;
  return {
    all: manifest.length,
    used: count(['training', 'evaluation', 'training-and-evaluation']),
    training: manifest.filter(isTrained).length,
    evaluation: count(['evaluation', 'training-and-evaluation']),
  };
}

/** What the images themselves say about training, and what was done about it; null if nobody looked. */
export function optOutsOf(manifest: readonly ManifestRow[]): {
  optedOut: number;
  leftOut: number;
  trainedByDecision: number;
  /** Images trained on by a decision that was not the owner's: the opt-out stands. */
  trainedAgainstOptOut: number;
  allowed: number;
  /** Kinds of signals found, sorted. */
  kinds: string[];
} | null {
  if (manifest.every((row) => row.signals === undefined)) return null;
  const optedOut = manifest.filter((row) => row.verdict === 'opted-out');
  const trained = optedOut.filter(isTrained);
  const kinds = manifest.flatMap((row) => (row.signals ?? []).map(({ kind }) => kind));
  return {
    optedOut: optedOut.length,
    leftOut: optedOut.filter((row) => row.use === 'not-used').length,
    trainedByDecision: trained.length,
    trainedAgainstOptOut: trained.filter(optOutStands).length,
    allowed: manifest.filter((row) => row.verdict === 'allowed').length,
    kinds: [...new Set<string>(kinds)].sort(compareCodePoints),
  };
}

/** The same as one readable paragraph. */
const UNKNOWN_USE: Record<UnknownUse, string> = {
  use: 'The maker used images that say nothing about training.',
  ask: 'Images that say nothing about training were left out until the maker decided about them.',
  'leave-out': 'Images that say nothing about training were left out, unless the maker decided otherwise.',
};

/** How photographs with an EXIF orientation were shown to the model, in a sentence. */
export const ORIENTATION_TEXT: Record<ImageOrientation, string> = {
  upright: 'Photographs were turned as their EXIF orientation says.',
  'as-stored': 'Photographs were used as they are stored, without the turn that their EXIF orientation asks for.',
};

/** @param unknownUse what the import did with images that say nothing; absent = not recorded */
export function optOutText(manifest: readonly ManifestRow[], unknownUse?: UnknownUse): string {
  const found = optOutsOf(manifest);
  if (found === null) return 'It was not recorded whether the images carry opt-out signals.';
  const { optedOut, leftOut, trainedByDecision, trainedAgainstOptOut, allowed, kinds } = found;
  const decided =
    trainedByDecision === 0
      ? ''
      : ` ${trainedByDecision} ${were(trainedByDecision)} trained on by a recorded decision, ${trainedAgainstOptOut} of them without the owner's permission.`;
  return (
    `${manifest.length === 1 ? 'The file of the only image was' : `The files of all ${manifest.length} images were`} searched for signals (C2PA and CAWG assertions, IPTC/PLUS data mining, TDMRep, noai, AI preferences). ` +
    `${optedOut} opted out of training${optedOut === 0 ? '' : `, and ${leftOut} of these ${were(leftOut)} left out`}.${decided} ${allowed} ${allowed === 1 ? 'allows' : 'allow'} training. ` +
    `The silence of the others is not consent. ${unknownUse === undefined ? '' : `${UNKNOWN_USE[unknownUse]} `}Kinds of signals found: ${kinds.length === 0 ? 'none' : kinds.join(', ')}.`
  );
}

function were(n: number): string {
  return n === 1 ? 'was' : 'were';
}

/** A stated licence as the formats classify it: one SPDX id, an expression, words that are neither, or nothing. */
export type StatedLicence = { kind: 'id' | 'expression' | 'words'; text: string } | { kind: 'not-known' };

export function statedLicence(licence: string | null): StatedLicence {
  const statement = readLicence(licence);
  if (statement.kind === 'none') return { kind: 'not-known' };
  if (statement.kind === 'unreadable') return { kind: 'words', text: statement.text };
  const { expression } = statement;
  const plainId = !expression.startsWith('LicenseRef-') && factsOf(expression) !== undefined;
  return { kind: plainId ? 'id' : 'expression', text: expression };
}

/** True if nothing is known about the licence, or about a part of it. */
export function isPartUnknown(licence: string | null): boolean {
  return statedLicence(licence).kind === 'not-known' || licenceIdsOf(licence).includes(NOT_STATED);
}

/** A licence for people to read: what is not known or not understood is named in words. */
export function licenceWords(licence: string | null): string {
  return licence === null ? 'an unknown licence' : licenceInWords(licence);
}

/**
 * Each distinct licence among the images, with those of the works in them, and how many images have it, most images
 * first; null = unknown.
 */
export function licencesOf(rows: readonly ManifestRow[]): { licence: string | null; images: number }[] {
  const counts = new Map<string | null, number>();
  for (const row of rows) {
    const licence = licenceWithSources(row);
    counts.set(licence, (counts.get(licence) ?? 0) + 1);
  }
  return [...counts.entries()]
    .map(([licence, images]) => ({ licence, images }))
    .sort((a, b) => b.images - a.images || compareCodePoints(a.licence ?? '', b.licence ?? ''));
}

/** Each author and the number of images that carry the name, most first. */
export function authorsOf(rows: readonly ManifestRow[]): { author: string; images: number }[] {
  const counts = new Map<string, number>();
  for (const { authors } of rows)
    for (const author of new Set(authors)) counts.set(author, (counts.get(author) ?? 0) + 1);
  return [...counts.entries()]
    .map(([author, images]) => ({ author, images }))
    .sort((a, b) => b.images - a.images || compareCodePoints(a.author, b.author));
}

/** People who made an image and whose image does not opt out: nobody else is named as a creator of the dataset. */
export function creatorsOf(rows: readonly ManifestRow[]): string[] {
  return authorsOf(rows.filter((row) => row.verdict !== 'opted-out')).map(({ author }) => author);
}

/** The distinct web addresses among the sources, normalised by a URL parser, sorted. */
export function sourceAddresses(rows: readonly ManifestRow[]): string[] {
  const found = rows.flatMap((row) => row.sources.flatMap((source) => webAddress(source.url) ?? []));
  return [...new Set(found)].sort(compareCodePoints);
}

/** A web address in a form that strict readers accept; null if the text is not one. */
export function webAddress(text: string | null): string | null {
  if (text === null || !URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  // The URL parser leaves some characters that RDF forbids in an IRI.
  return /^https?:$/.test(protocol) ? href.replace(/[|^`{}\\"<>]/g, encodeURIComponent) : null;
}

/** Every number and string in a recipe as `path → text`, sorted: hyperparameters for formats that take pairs. */
export function recipePairs(recipe: Recipe): { key: string; value: string }[] {
  const pairs: { key: string; value: string }[] = [];
  const walk = (path: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(path === '' ? key : `${path}.${key}`, inner);
    } else pairs.push({ key: path, value: String(value) });
  };
  walk('', recipe);
  return pairs.sort((a, b) => compareCodePoints(a.key, b.key));
}

/** What was trained, in a few words. */
export function architectureOf({ recipe, base }: Pick<BundleDescription, 'recipe' | 'base'>): string {
  const { adapter, frozenWeights } = recipe;
  const rounded = frozenWeights === 'nf4' ? ' (frozen matrices in 4 bits, NF4)' : '';
  return adapter.kind === 'lora'
    ? `${base.architecture}${rounded} with LoRA (r ${adapter.r}, alpha ${adapter.loraAlpha}, on ${adaptedLayersText(adapter)})`
    : `${base.architecture}, all weights`;
}

/** What a reader must know before trusting the weights, in the same words in every document. */
export const LIMITATION =
  'It answers the kinds of questions it was trained on. Elsewhere it may be better or worse than its base model, or the same. ' +
  'The evaluation shows only how it performed on held-out samples of one dataset.';

/** Whom and what the images over-represent, as far as the manifest shows. */
export function skewsOf(rows: readonly ManifestRow[]): string[] {
  if (rows.length === 0) return [];
  const share = (images: number): string => `${images} of ${rows.length} images (${percent(images / rows.length)})`;
  const [author] = authorsOf(rows);
  const [licence] = licencesOf(rows);
  const nameless = rows.filter((row) => row.authors.length === 0).length;
  return [
    ...(author === undefined ? [] : [`The most frequent author is ${author.author}: ${share(author.images)}.`]),
    ...(nameless === 0 ? [] : [`The author is unknown for ${share(nameless)}.`]),
    ...(licence === undefined
      ? []
      : [
          `The most frequent licence is ${licence.licence === null ? 'unknown' : licenceWords(licence.licence)}: ${share(licence.images)}.`,
        ]),
  ];
}
