/**
 * @file The ledger as shown to users: what the licences of base model, images and reward code permit for the trained
 * weights, under which rule, because of which images, and with which obligations. A conservative reading, not legal
 * advice.
 */
import { z } from 'zod';
import { HubOrigin } from './hub.ts';
import { UnknownUse } from './signals.ts';
import { DatasetId, ModelId, RunId, SampleId, Sha256 } from './primitives.ts';

/** What someone may want to do with the weights. */
export const LedgerPurpose = z.enum(['train-privately', 'publish-non-commercially', 'publish-commercially']);
export type LedgerPurpose = z.infer<typeof LedgerPurpose>;

/** From best to worst. Unknown is never `allowed`. */
export const LedgerVerdict = z.enum(['allowed', 'allowed-with-duties', 'needs-decision', 'blocked']);
export type LedgerVerdict = z.infer<typeof LedgerVerdict>;

/** An image as a cause or a credit: enough to show it and to find it. */
export const ImageRef = z.object({ imageSha256: Sha256, sampleId: SampleId, datasetId: DatasetId, name: z.string() });
export type ImageRef = z.infer<typeof ImageRef>;

/** Images behind a reason: all are counted, only the first are named. */
export const ImageCause = z.object({ count: z.int().nonnegative(), shown: z.array(ImageRef) });
export type ImageCause = z.infer<typeof ImageCause>;

/** The most images that a reason, licence or refusal names; the count always covers all of them. */
export const MAX_NAMED_IMAGES = 48;

export const LedgerReason = z.object({
  /** R1, R2 … */
  rule: z.string(),
  /** What the rule says in general. */
  ruleText: z.string(),
  /** What it means here. */
  text: z.string(),
  /** None if the base model or reward code is the cause. */
  images: ImageCause,
});
export type LedgerReason = z.infer<typeof LedgerReason>;

export const LedgerPurposeVerdict = z.object({
  purpose: LedgerPurpose,
  verdict: LedgerVerdict,
  /** The verdict with its causes in one or two plain sentences. */
  sentence: z.string(),
  reasons: z.array(LedgerReason),
});
export type LedgerPurposeVerdict = z.infer<typeof LedgerPurposeVerdict>;

export const LedgerLine = z.object({
  /** As stated; null = not stated, which means unknown, never free. */
  licence: z.string().nullable(),
  /** The ids parsed from the statement. */
  readAs: z.array(z.string()),
  images: ImageCause,
  /** Share of the images, 0..1. */
  share: z.number(),
  reading: z.string(),
  duties: z.array(z.string()),
  /** URL of the licence's text, if there is one. */
  url: z.string().nullable(),
  /** Sources of the facts about this licence. */
  sources: z.array(z.string()),
});
export type LedgerLine = z.infer<typeof LedgerLine>;

export const LedgerDuty = z.object({ duty: z.string(), text: z.string(), because: z.array(z.string()) });
export type LedgerDuty = z.infer<typeof LedgerDuty>;

/** One work to credit, in the form the Creative Commons licences require: title, author, source, licence. */
export const LedgerCredit = z.object({
  title: z.string(),
  author: z.string().nullable(),
  source: z.string().nullable(),
  licence: z.string().nullable(),
  licenceUrl: z.string().nullable(),
  images: z.int(),
  /** The four in one line, ready to copy. */
  line: z.string(),
});
export type LedgerCredit = z.infer<typeof LedgerCredit>;

export const LedgerReport = z.object({
  /** The datasets being judged, or the run's dataset. */
  datasets: z.array(
    z.object({
      id: DatasetId,
      name: z.string(),
      /** What its import did with images that say nothing about training. */
      unknownUse: UnknownUse.default('use'),
    }),
  ),
  runId: RunId.nullable(),
  /** The base model; null = only images and reward code are judged. */
  base: z
    .object({
      modelId: ModelId,
      name: z.string(),
      licence: z.string().nullable(),
      reading: z.string(),
      /** Where it was downloaded, if Atelier fetched it. */
      origin: HubOrigin.nullable().default(null),
    })
    .nullable(),
  /** The adapter made elsewhere that the weights rest on, with the licence that its folder states; null = none. */
  startAdapter: z
    .object({ name: z.string(), licence: z.string().nullable(), reading: z.string() })
    .nullable()
    .default(null),
  /** Custom reward code, which has its own owner: its licence, and what that means. */
  rewardCode: z.array(z.object({ name: z.string(), licence: z.string().nullable(), reading: z.string() })),
  images: z.int(),
  lines: z.array(LedgerLine),
  purposes: z.array(LedgerPurposeVerdict),
  duties: z.array(LedgerDuty),
  /** Opted-out images: excluded from training by default, or used by recorded decision. */
  optedOut: z.object({ leftOut: ImageCause, usedByDecision: ImageCause }),
  /** How many answers a model proposed, and which, in a sentence; null if none is recorded. */
  proposedAnswers: z.string().nullable().default(null),
  credits: z.array(LedgerCredit),
  /** All credits as text, ready to copy. */
  attributionText: z.string(),
  /** Licences that may be chosen for the weights, best first; `exports.licences` explains each. */
  outboundLicences: z.array(z.string()),
  /** Every rule of the table with its text. */
  rules: z.array(z.object({ rule: z.string(), text: z.string(), source: z.string() })),
  notice: z.string(),
});
export type LedgerReport = z.infer<typeof LedgerReport>;

export const LedgerRequest = z.object({
  datasetIds: z.array(DatasetId).min(1).max(50),
  /** The base model to train; absent = only the images. */
  modelId: ModelId.optional(),
});
export type LedgerRequest = z.infer<typeof LedgerRequest>;
