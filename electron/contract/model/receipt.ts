/** @file The receipt of an export: the chain from the weights back to every image, link by link. */
import { z } from 'zod';
import { CheckResult } from './exports.ts';
import { ContributionMethod } from './contribution.ts';
import { NoLook } from './evaluations.ts';
import { ImageRef, LedgerPurposeVerdict } from './ledger.ts';
import { ExportId, Proportion, RunId, Sha256, Timestamp } from './primitives.ts';
import { SignalVerdict } from './signals.ts';

export const ReceiptImage = ImageRef.extend({
  authors: z.array(z.string()),
  /** Its licence with those of the works in it, as the ledger counts it; null = unknown. */
  licence: z.string().nullable(),
  use: z.enum(['training', 'evaluation', 'training-and-evaluation', 'not-used']),
  why: z.string(),
  verdict: SignalVerdict,
  timesSeen: z.int().nullable(),
  /** Share of the update; null for images that training did not use, or if there are no figures. */
  share: z.number().nullable(),
  /** True when the image in the store still hashes to the manifest's hash; null if it is not available. */
  atHand: z.boolean().nullable(),
});
export type ReceiptImage = z.infer<typeof ReceiptImage>;

/** One link of the chain: what it is, its hash, and whether that hash was just confirmed. */
export const ReceiptLink = z.object({
  kind: z.enum(['bundle', 'weights', 'run', 'recipe', 'base-model', 'dataset', 'images', 'audit-log', 'signature']),
  title: z.string(),
  /** What this link says, in a sentence. */
  text: z.string(),
  sha256: Sha256.nullable(),
  state: CheckResult.shape.outcome,
});
export type ReceiptLink = z.infer<typeof ReceiptLink>;

export const Receipt = z.object({
  exportId: ExportId.nullable(),
  runId: RunId,
  runName: z.string(),
  path: z.string(),
  step: z.int(),
  signedAt: Timestamp.nullable(),
  /** Fingerprint of the key that signed. */
  signer: z.string().nullable(),
  licence: z.string().nullable(),
  links: z.array(ReceiptLink),
  verdicts: z.array(LedgerPurposeVerdict.pick({ purpose: true, verdict: true, sentence: true })),
  accuracy: z.object({
    base: Proportion.nullable(),
    tuned: Proportion.nullable(),
    /** What can be answered without looking; null where the bundle does not say. */
    noLook: NoLook.nullable().default(null),
  }),
  contribution: z.object({ method: ContributionMethod, methodText: z.string() }).nullable(),
  counts: z.object({ images: z.int(), used: z.int(), leftOut: z.int() }),
  /** One page of images, largest contribution first. */
  images: z.array(ReceiptImage),
  imagesTotal: z.int(),
});
export type Receipt = z.infer<typeof Receipt>;

export const ReceiptRequest = z.object({
  /** An export from this studio, or any bundle on disk. */
  of: z.union([z.object({ exportId: ExportId }), z.object({ path: z.string().min(1) })]),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
});
export type ReceiptRequest = z.input<typeof ReceiptRequest>;
