/**
 * @file What an image says about its own use. A signal is one statement, with the place where it was found and its
 * exact words, so that anyone can check it. Absent means unknown, never consent.
 */
import { z } from 'zod';
import { DatasetId, Sha256, Timestamp } from './primitives.ts';

export const SignalKind = z.enum([
  'c2pa', // training-mining assertion of a Content Credential, c2pa.*
  'cawg', // the same, cawg.*
  'c2pa-integrity', // that a manifest exists, and its state
  'plus', // data-mining property of PLUS/IPTC in XMP
  'tdmrep', // TDM Reservation Protocol: file, header or XMP
  'noai', // robots words noai and noimageai
  'aipref', // Content-Usage
  'cc-xmp', // Creative Commons licence in XMP
  'iptc', // creator, rights, credit, licensor, origin in XMP or IIM
  'exif', // artist and copyright in EXIF
  'licence', // licences that contradict each other, and which one counts; words in a table's licence
]);
export type SignalKind = z.infer<typeof SignalKind>;

/**
 * `constrained` = only under terms that are not met automatically, so it counts as disallow; `error` = present but
 * unreadable.
 */
export const SignalValue = z.enum(['allow', 'disallow', 'constrained', 'unknown', 'error']);
export type SignalValue = z.infer<typeof SignalValue>;

export const SignalScope = z.enum(['train-generative', 'train', 'mine', 'infer', 'any']);
export type SignalScope = z.infer<typeof SignalScope>;

/**
 * `trusted` = intact, signed by someone on the list of trusted signers; `valid` = intact, signer not verified;
 * `unsigned` = anyone could have written it; `invalid` = signed, but the signature does not verify.
 */
export const SignalTrust = z.enum(['trusted', 'valid', 'unsigned', 'invalid']);
export type SignalTrust = z.infer<typeof SignalTrust>;

export const Signal = z.object({
  kind: SignalKind,
  value: SignalValue,
  scope: SignalScope,
  trust: SignalTrust,
  /** Where it was found: manifest and assertion, XMP property, header, or file beside the image. */
  locator: z.string(),
  /** Its exact words, cut after 4096 characters. */
  raw: z.string(),
  /** What it means, in a sentence. */
  statement: z.string(),
});
export type Signal = z.infer<typeof Signal>;

/** The verdict from all signals of an image. */
export const SignalVerdict = z.enum(['opted-out', 'allowed', 'unknown']);
export type SignalVerdict = z.infer<typeof SignalVerdict>;

/**
 * The basis for an override. Only the owner's permission lifts an opt-out in the ledger; with `other` it stays in
 * effect there.
 */
export const OverrideBasis = z.enum(['own-work', 'permission', 'other']);
export type OverrideBasis = z.infer<typeof OverrideBasis>;

export const Override = z.object({ basis: OverrideBasis, reason: z.string(), decidedAt: Timestamp });
export type Override = z.infer<typeof Override>;

/**
 * What an import does with images that give no permission to train and refuse none (verdict `unknown`): `use` them,
 * `ask` (they wait, left out, until a person decides), or `leave-out`.
 */
export const UnknownUse = z.enum(['use', 'ask', 'leave-out']);
export type UnknownUse = z.infer<typeof UnknownUse>;

/** Why a sample is excluded from training and evaluation: its image opted out, or the import left unknown images out. */
export const Exclusion = z.object({ cause: z.enum(['opted-out', 'unknown']), reason: z.string() });
export type Exclusion = z.infer<typeof Exclusion>;

/**
 * Where a sample's licence or authors come from: the user's table, the image's own metadata or the file beside it, what
 * the user gave at import for images that state nothing (`given`), or a later edit (`edited`). Datasets from before
 * `given` and `edited` existed say `table` for these too.
 */
export const RightsSource = z.enum(['table', 'embedded', 'sidecar', 'given', 'edited']);
export type RightsSource = z.infer<typeof RightsSource>;

export const OverrideRequest = z.object({
  datasetId: DatasetId,
  /** Which images are meant if none is named. A decision about unknown images never lifts an opt-out. */
  which: z.enum(['opted-out', 'unknown']).default('opted-out'),
  /** One image of the dataset; absent = every image of that kind. */
  imageSha256: Sha256.optional(),
  /** True: use it all the same. False: withdraw an earlier override. */
  use: z.boolean().default(true),
  basis: OverrideBasis.default('other'),
  /** Recorded in the audit log and exported with every bundle; do not name anyone who would object. */
  reason: z.string().trim().min(8).max(2000),
});
export type OverrideRequest = z.infer<typeof OverrideRequest>;

export const OverrideResult = z.object({
  datasetId: DatasetId,
  /** Images whose state changed. */
  images: z.array(Sha256),
  excluded: z.object({ train: z.int(), test: z.int() }),
});
export type OverrideResult = z.infer<typeof OverrideResult>;
