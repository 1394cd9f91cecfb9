/**
 * @file The ledger as people see it: what the licences of base model, images and reward code permit for the trained
 * weights, by which rule, because of which images, and what is owed. Conservative reading, not legal advice.
 */
import { z } from 'zod';
import { DatasetId, ModelId, RunId, SampleId, Sha256 } from './primitives.ts';

/** What somebody may want to do with the weights. */
export const LedgerPurpose = z.enum(['train-privately', 'publish-non-commercially', 'publish-commercially']);
export type LedgerPurpose = z.infer<typeof LedgerPurpose>;

/** From best to worst. Unknown is never `allowed`. */
export const LedgerVerdict = z.enum(['allowed', 'allowed-with-duties', 'needs-decision', 'blocked']);
export type LedgerVerdict = z.infer<typeof LedgerVerdict>;

/** An image as a cause or a credit: enough to show it and to find it. */
export const ImageRef = z.object({ imageSha256: Sha256, sampleId: SampleId, datasetId: DatasetId, name: z.string() });
export type ImageRef = z.infer<typeof ImageRef>;

/** Images behind a reason: all are counted, the first ones are named. */
export const ImageCause = z.object({ count: z.int().nonnegative(), shown: z.array(ImageRef) });
export type ImageCause = z.infer<typeof ImageCause>;

/** How many images a reason, a licence or a refusal names at most; the count is always whole. */
export const MAX_NAMED_IMAGES = 48;

export const LedgerReason = z.object({
  /** R1, R2 … */
  rule: z.string(),
  /** What the rule says in general. */
  ruleText: z.string(),
  /** What it means here. */
  text: z.string(),
  /** None when the base model or reward code causes it. */
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
  /** As stated; null = nothing is stated, which is not known and never free. */
  licence: z.string().nullable(),
  /** The ids that were read out of the statement. */
  readAs: z.array(z.string()),
  images: ImageCause,
  /** Share of the images, 0..1. */
  share: z.number(),
  reading: z.string(),
  duties: z.array(z.string()),
  /** Address of the licence's text, where there is one. */
  url: z.string().nullable(),
  /** Where the facts about this licence were read. */
  sources: z.array(z.string()),
});
export type LedgerLine = z.infer<typeof LedgerLine>;

export const LedgerDuty = z.object({ duty: z.string(), text: z.string(), because: z.array(z.string()) });
export type LedgerDuty = z.infer<typeof LedgerDuty>;

/** One work to credit, in the form that the Creative Commons licences ask for: title, author, source, licence. */
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
  /** Datasets that are judged, or the one of the run. */
  datasets: z.array(z.object({ id: DatasetId, name: z.string() })),
  runId: RunId.nullable(),
  /** The base model; null = images and reward code alone are judged. */
  base: z
    .object({ modelId: ModelId, name: z.string(), licence: z.string().nullable(), reading: z.string() })
    .nullable(),
  /** Reward code that is a person's own and so has an owner: its licence, and what that means. */
  rewardCode: z.array(z.object({ name: z.string(), licence: z.string().nullable(), reading: z.string() })),
  images: z.int(),
  lines: z.array(LedgerLine),
  purposes: z.array(LedgerPurposeVerdict),
  duties: z.array(LedgerDuty),
  /** Opted-out images: left out of training by default, or used by a recorded decision. */
  optedOut: z.object({ leftOut: ImageCause, usedByDecision: ImageCause }),
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
  /** The base model that would be trained; absent = the images alone. */
  modelId: ModelId.optional(),
});
export type LedgerRequest = z.infer<typeof LedgerRequest>;
