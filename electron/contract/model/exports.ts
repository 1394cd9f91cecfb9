/** @file Exports: an adapter packaged with its provenance, and the results of verifying it. */
import { z } from 'zod';
import { LedgerPurposeVerdict, LedgerReason } from './ledger.ts';
import { ExportId, Progress, RunId, Sha256, Timestamp } from './primitives.ts';

/**
 * What is exported. `bundle`: the weights as trained (an adapter, or the whole model) with every document. `merged`:
 * the adapter merged into the base model's weights, with every document; for software without PEFT support. `adapter`:
 * the weights with card, licence, notices and credits only. `gguf`: the merged model as files for llama.cpp and Ollama, with
 * every document. `mlx`: the merged model as mlx-vlm loads it on Apple computers, with every document.
 */
export const ExportForm = z.enum(['bundle', 'merged', 'gguf', 'mlx', 'adapter']);
export type ExportForm = z.infer<typeof ExportForm>;

/**
 * How the matrices of a GGUF file are stored: 16 bits, 8 bits with a scale for every 32 values, or 4 and 6 bits with scales for
 * every 16 or 32 values (then the vision tower keeps 8).
 */
export const GgufWeights = z.enum(['f16', 'bf16', 'q8_0', 'q4_k_m']);
export type GgufWeights = z.infer<typeof GgufWeights>;

/** What was found when the GGUF files were read back from the disk; `gguf-check.json` in the export. */
export const GgufCheck = z.object({
  files: z.array(
    z.object({
      name: z.string(),
      /** Entries of the metadata; all that llama.cpp needs, tokenizer and chat template among them, were found as planned. */
      entries: z.int(),
      /** Tensors by type. All that llama.cpp needs are there, in their shape, with finite values. */
      tensors: z.record(z.string(), z.int()),
      /** Tensors whose rows do not fill the blocks of their type, and that are stored in the next larger one instead. */
      fallbacks: z.array(z.string()),
      /** The largest difference to the merged weights, as a share of the largest value in the same tensor. */
      largestError: z.number(),
    }),
  ),
  /** The adapter by itself; null if there is none, or none that GGUF can hold. */
  adapter: z
    .object({
      layers: z.int(),
      /** Layers that change nothing, because their B matrix is zero. */
      silent: z.array(z.string()),
      /** Layers of the vision tower, which GGUF adapters cannot hold. They are merged into the other files. */
      leftOut: z.array(z.string()),
    })
    .nullable(),
});
export type GgufCheck = z.infer<typeof GgufCheck>;

/**
 * What was found when a merged model's safetensors were read back from the disk: `merged-check.json` in the export, or for MLX
 * `mlx-check.json`.
 */
export const MergedCheck = z.object({
  /** All that whoever loads them asks for, each with the bytes that were computed. */
  tensors: z.int(),
  files: z.int(),
  /** Layers that change nothing, because their B matrix is zero. */
  silent: z.array(z.string()),
});
export type MergedCheck = z.infer<typeof MergedCheck>;

export const ExportRequest = z.object({
  runId: RunId,
  /** The checkpoint that is exported; absent = the one that stands for the run. */
  step: z.int().positive().optional(),
  /** Folder to create; it must not exist yet. */
  destination: z.string().min(1),
  /** SPDX id under which the maker publishes the weights, one that the ledger allows; absent = not chosen. */
  licence: z.string().min(1).optional(),
  /** Absent = `bundle`. */
  form: ExportForm.optional(),
  /** Of the form `gguf`; absent = `f16`. */
  ggufWeights: GgufWeights.optional(),
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

export const ExportEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: Progress }),
  z.object({ type: z.literal('done'), export: ExportSummary }),
]);
export type ExportEvent = z.infer<typeof ExportEvent>;

export const CheckResult = z.object({
  /** `cannot-tell` is never counted as a pass. */
  outcome: z.enum(['pass', 'fail', 'cannot-tell']),
  check: z.string(),
  detail: z.string(),
  /** The row with the problem, for documents that have rows. */
  place: z.object({ file: z.string(), row: z.int().positive() }).optional(),
});
export type CheckResult = z.infer<typeof CheckResult>;

export const VerifyReport = z.object({
  path: z.string(),
  outcome: z.enum(['pass', 'fail', 'cannot-tell']),
  checks: z.array(CheckResult),
});
export type VerifyReport = z.infer<typeof VerifyReport>;

/** A candidate licence for the weights, and why it may or may not be chosen. */
export const LicenceChoice = z.object({
  /** SPDX id, or `LicenseRef-…`. */
  id: z.string(),
  name: z.string(),
  /** What it lets others do, in plain words. */
  reading: z.string(),
  url: z.string().nullable(),
  /** Whether Atelier ships its full text, which then goes into LICENSE; otherwise LICENSE gives its URL. */
  textShipped: z.boolean(),
  allowed: z.boolean(),
  /** Why not, with the images responsible; empty if allowed. */
  reasons: z.array(LedgerReason),
});
export type LicenceChoice = z.infer<typeof LicenceChoice>;

/** The licences to choose from. None is ever chosen automatically. */
export const LicenceChoices = z.object({
  runId: RunId,
  /** Whether publishing is possible at all. */
  publish: LedgerPurposeVerdict,
  allowed: z.array(LicenceChoice),
  refused: z.array(LicenceChoice),
  /** What happens if none is chosen. */
  withoutChoice: z.string(),
  notice: z.string(),
});
export type LicenceChoices = z.infer<typeof LicenceChoices>;

export const ExportPreviewRequest = z.object({
  runId: RunId,
  step: z.int().positive().optional(),
  licence: z.string().min(1).optional(),
  form: ExportForm.optional(),
  ggufWeights: GgufWeights.optional(),
});
export type ExportPreviewRequest = z.infer<typeof ExportPreviewRequest>;

export const PreviewDocument = z.object({
  name: z.string(),
  /** What the file contains, in a sentence. */
  about: z.string(),
  sizeBytes: z.int(),
  /** Its text, cut after 200,000 characters; null for weights, keys and signatures. */
  text: z.string().nullable(),
  cut: z.boolean(),
});
export type PreviewDocument = z.infer<typeof PreviewDocument>;

/** What an export would write; writes nothing. */
export const ExportPreview = z.object({
  runId: RunId,
  step: z.int(),
  /** The model card: front matter and text, as README.md will have it. */
  card: z.string(),
  documents: z.array(PreviewDocument),
  warnings: z.array(z.string()),
});
export type ExportPreview = z.infer<typeof ExportPreview>;
