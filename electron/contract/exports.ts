/** @file Exports: an adapter that leaves with its provenance, and what checking it found. */
import { z } from 'zod';
import { ExportId, RunId, Sha256, Timestamp } from './primitives.ts';

export const ExportRequest = z.object({
  runId: RunId,
  /** Folder to create; it must not exist yet. */
  destination: z.string().min(1),
  /** SPDX id under which the maker publishes the weights, one that the ledger allows; absent = not chosen. */
  licence: z.string().min(1).optional(),
});
export type ExportRequest = z.infer<typeof ExportRequest>;

export const ExportSummary = z.object({
  id: ExportId,
  runId: RunId,
  step: z.int(),
  path: z.string(),
  createdAt: Timestamp,
  /** Hash that the signature covers: over the digests of every file. */
  rootSha256: Sha256,
  files: z.array(z.object({ name: z.string(), sha256: Sha256, sizeBytes: z.int() })),
});
export type ExportSummary = z.infer<typeof ExportSummary>;

export const CheckResult = z.object({
  /** `cannot-tell` is never counted as a pass. */
  outcome: z.enum(['pass', 'fail', 'cannot-tell']),
  check: z.string(),
  detail: z.string(),
});
export type CheckResult = z.infer<typeof CheckResult>;

export const VerifyReport = z.object({
  path: z.string(),
  outcome: z.enum(['pass', 'fail', 'cannot-tell']),
  checks: z.array(CheckResult),
});
export type VerifyReport = z.infer<typeof VerifyReport>;
